"""HTML report of the agreement of DRRs with X-ray images: checkerboards, and the DRR's edges on the X-ray image."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Real, UInt8
from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude

from radloupe.reports.compare import Panel, Section, grey_levels, page

Plane = Real[np.ndarray, "y x"]
FIELDS = 8  # of a checkerboard along the shorter side
EDGES = 0.90  # quantile of the gradient from which on a DRR has an edge
ORANGE = (255, 140, 0)
WINDOW = (1.0, 99.0)  # percentiles of black and white
FOOTER = "Edges and checkerboards show agreement in the image's plane. They say little about depth."


@dataclass(frozen=True)
class Overlay:
    """An X-ray image with the DRRs before and after registration."""

    xray: Plane
    before: Plane
    after: Plane
    inverted: bool
    """Whether the X-ray image shows bone dark."""


def overlay_page(title: str, record: dict[str, Any], overlays: Sequence[Overlay]) -> str:
    """HTML of the report; `record` is the registration's JSON record."""
    error = record["error_estimate_mm"]
    depth = "depth unknown" if error is None else f"expected error {error} mm"
    text = f"Similarity {record['similarity']}, {depth}, in the image's plane {record['in_plane_error_mm']} mm. "
    verdict = "Do not trust this pose: " + "; ".join(record["reasons"]) + "." if record["flagged"] else "Nothing speaks against this pose."
    sections = [overlay_section(number, one) for number, one in enumerate(overlays, 1)]
    return page(title, text + verdict, sections, FOOTER)


def overlay_section(number: int, overlay: Overlay) -> Section:
    """Section of an X-ray image with its DRRs: whole images and their central region."""
    rows, columns = overlay.xray.shape
    middle = slice(rows // 4, rows - rows // 4), slice(columns // 4, columns - columns // 4)
    return Section(f"X-ray image {number}", "The same region is magnified below.", list(panels(overlay)), middle)


def panels(overlay: Overlay) -> Iterator[Panel]:
    """The X-ray image; checkerboards with the DRRs; edges of the DRRs."""
    xray = levels(-overlay.xray.astype(float) if overlay.inverted else overlay.xray)
    yield Panel("X-ray image", colours(xray))
    for name, drr in (("before", overlay.before), ("after", overlay.after)):
        yield Panel(f"checkerboard with the DRR {name}", colours(checkerboard(xray, matched(levels(drr), xray))))
        yield Panel(f"edges of the DRR {name}", edges(xray, drr.astype(float)), chosen=name == "after")


def levels(plane: Plane) -> UInt8[np.ndarray, "y x"]:
    """Grey levels between two percentiles, 0 to 255."""
    low, high = np.percentile(plane, WINDOW)
    return grey_levels(plane, low, max(high, low + 1e-6))


def matched(grey: UInt8[np.ndarray, "y x"], like: UInt8[np.ndarray, "y x"]) -> UInt8[np.ndarray, "y x"]:
    """Histogram matching of grey levels to another image.

    >>> matched(np.array([[0, 9], [5, 7]], np.uint8), np.array([[10, 20], [30, 40]], np.uint8)).tolist()
    [[10, 40], [20, 30]]
    """
    order = np.argsort(grey, axis=None, kind="stable")
    result = np.empty(grey.size, np.uint8)
    result[order] = np.sort(like, axis=None)
    return result.reshape(grey.shape)


def checkerboard(one: UInt8[np.ndarray, "y x"], other: UInt8[np.ndarray, "y x"]) -> UInt8[np.ndarray, "y x"]:
    """Checkerboard of alternating fields of two images."""
    side = max(1, min(one.shape) // FIELDS)
    rows, columns = np.ogrid[: one.shape[0], : one.shape[1]]
    return np.where((rows // side + columns // side) % 2 == 0, one, other)


def edges(grey: UInt8[np.ndarray, "y x"], drr: Float[np.ndarray, "y x"]) -> UInt8[np.ndarray, "y x 3"]:
    """Edges of a DRR (locally steep gradients), drawn in colour on an image."""
    slope = gaussian_gradient_magnitude(drr, max(1.0, min(drr.shape) / 256))
    slope = slope / (gaussian_filter(slope, min(drr.shape) / 16) + slope.mean() + np.finfo(float).tiny)
    steepest = slope > np.quantile(slope, EDGES)
    result = colours(grey)
    result[steepest] = ORANGE
    return result


def colours(grey: UInt8[np.ndarray, "y x"]) -> UInt8[np.ndarray, "y x 3"]:
    """Grey levels as RGB."""
    return np.repeat(grey[..., None], 3, axis=-1)
