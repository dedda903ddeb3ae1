"""Trust report: options, results of the checks, and the limits of those checks."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from jaxtyping import Float

from radloupe.reports.compare import data_url, grey_levels
from radloupe.reports.heat_map import coloured, top_of_scale
from radloupe.reports.html import environment
from radloupe.reports.parts import WIDTH

PAGE, RECORD = "trust.html", "trust.json"
Plane = Float[np.ndarray, "y x"]
Large = Float[np.ndarray, "sy sx"]

CANNOT_TELL = (
    "Detail finer than the input's sampling is estimated from training images. It may be missing, and it may be invented.",
    "Consistency says that the result does not contradict the input. It is necessary and not sufficient: an invented detail that the "
    "degradation removes passes it.",
    "Input checks compare a few numbers of one slice with images of a few sources. An image that passes may still be unlike them.",
    "An interval covers its share of pixels on average over images like those of calibration. It promises nothing of a single lesion.",
)


def record_json(record: dict[str, Any]) -> str:
    """The page's values as JSON."""
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def trust_page(record: dict[str, Any], low: Plane, result: Large, half_width: Large | None) -> str:
    """The page as HTML text.

    Args:
        record: Content of `trust.json`; every number on the page is one of its values, formatted by `shown`.
        low: Middle slice of the input, larger is brighter.
        result: The same slice of the result.
        half_width: Half width of its prediction intervals, in the same unit.

    Returns:
        A self-contained file whose only patient data are the four images.

    """
    page = environment().get_template("trust.html")
    return page.render(
        sections=[(title, list(rows(record[key]))) for title, key in SECTIONS if record.get(key) is not None],
        gate=record.get("gate"),
        says=sentences(record),
        images=list(images(low, result, half_width)),
        cannot_tell=CANNOT_TELL,
        shown=shown,
    )


SECTIONS = (("Model", "model"), ("What was asked", "asked"), ("Data consistency", "consistency"), ("Uncertainty", "uncertainty"))


def rows(found: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Names and values of a part of the record; nested values are named by their path."""
    for name, value in found.items():
        if isinstance(value, dict):
            yield from rows(value, f"{before}{name}, ")
        else:
            yield f"{before}{name}".replace("_", " "), shown(value)


def shown(value: Any) -> str:
    """A value as text, formatted as in JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def sentences(record: dict[str, Any]) -> Iterator[str]:
    """Summary sentences of the record."""
    if record["estimated_below_mm"] is not None:
        yield f"Detail finer than {shown(record['estimated_below_mm'])} mm is estimated, not measured."
    yield from record["notes"]
    if record["bounded_pixels"]:
        yield f"{shown(record['bounded_pixels'])} pixels were brought back to the range of their neighbourhood."
    if (found := record["uncertainty"]) is not None:
        yield coverage_sentence(found)


def coverage_sentence(found: dict[str, Any]) -> str:
    """Coverage statement of the intervals, with the calibration that supports it."""
    rests = f"calibrated on {shown(found['images'])} images of {shown(found['patients'])} patient(s)"
    if not found["valid"]:
        return f"Intervals are {rests}, and void for this image: {', '.join(found['void_because'])}."
    level = f"Intervals are made to cover {shown(found['level'])} of the pixels, {rests}"
    return f"{level}." if found["guaranteed"] else f"{level}: too few for a guarantee."


def images(low: Plane, result: Large, half_width: Large | None) -> Iterator[tuple[str, str]]:
    """Captions and data URLs of the middle slice: input, result, what was added, half width."""
    dark, bright = float(np.quantile(low, 0.005)), float(np.quantile(low, 0.995))
    for caption, plane in (("input", low), ("result", result)):
        levels = grey_levels(fitted(plane), dark, bright if bright > dark else dark + 1)
        yield caption, data_url(levels, 1)
    maps = {"difference to the input": np.abs(result - stretched(low, result.shape))}
    if half_width is not None:
        maps["half width"] = half_width
    for caption, values in maps.items():
        top = top_of_scale(values)
        yield f"{caption}, 0 to {top:g}", data_url(coloured(fitted(values) / top), 1)


def stretched(low: Plane, shape: tuple[int, ...]) -> Large:
    """Plane resampled to another shape by nearest neighbour."""
    down, across = (np.minimum((np.arange(m) + 0.5) * n / m, n - 1).astype(int) for n, m in zip(low.shape, shape, strict=True))
    return low[down][:, across]


def fitted(plane: Plane) -> Float[np.ndarray, "rows columns"]:
    """Plane reduced by block means to about the page's image width; unchanged where it is smaller."""
    step = max(1, round(plane.shape[1] / WIDTH))
    height, width = (max(n // step, 1) for n in plane.shape)
    step_y, step_x = min(step, plane.shape[0]), min(step, plane.shape[1])
    return plane[: height * step_y, : width * step_x].reshape(height, step_y, width, step_x).mean((1, 3))
