"""Score an image against the truth by a named protocol."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from radloupe.core.errors import InputError
from radloupe.imaging.image import Image
from radloupe.metrics import METRICS
from radloupe.metrics.metric import Metric
from radloupe.metrics.prepare import parts, scored_window, value_range
from radloupe.metrics.protocol_settings import PROTOCOLS, SCALE, Luma, Protocol, protocol_named, settings

__all__ = ["PROTOCOLS", "Protocol", "measure", "protocol_named", "settings", "unavailable", "value_range"]


@dataclass(frozen=True)
class ProtocolMetric:
    """A metric as a protocol reports it: its name in the result, the metric, and the luma it is computed on (None for grey)."""

    name: str
    metric: Metric
    luma: Luma | None = None


def protocol_metrics(protocol: Protocol, more: Sequence[str] = ()) -> list[ProtocolMetric]:
    """The metrics of a protocol in order, with additional ones; raises `UsageError` for an unknown metric."""
    main = {"psnr": METRICS["psnr"], "ssim": METRICS[f"ssim_{protocol.window}"]}
    grey = [ProtocolMetric(f"{name}_grey", metric) for name, metric in main.items()] if protocol.luma else []
    others = [
        ProtocolMetric(name, METRICS[name]) for name in dict.fromkeys(("laplacian_variance", *protocol.more, *more)) if name not in main
    ]
    return [*(ProtocolMetric(name, metric, protocol.luma) for name, metric in main.items()), *grey, *others]


def unavailable(rows: Sequence[ProtocolMetric], weights: Path | None) -> dict[str, str]:
    """The learned metrics whose weights are missing, with the reason; `measure` returns NaN for them."""
    where = f"not in {weights}" if weights else "no folder of weights was named"
    missing = [row for row in rows if row.metric.weights and not (weights and (weights / row.metric.weights).is_file())]
    return {row.name: f"needs {row.metric.weights}: {where}" for row in missing}


def measure(
    image: Image,
    truth: Image,
    protocol: str = "plain",
    *,
    scale: int = SCALE,
    more: Sequence[str] = (),
    patch: int | None = None,
    weights: Path | None = None,
) -> dict[str, float]:
    """Values of an image against the truth: `psnr` in dB, from the squared error of all slices; as means over slices `ssim`,
    `laplacian_variance` (of the image, on 0 to 255), what the protocol adds, and the rows of `METRICS` named in `more`.

    `scale` is the factor of super-resolution that a protocol's border follows; with `patch`, slices are scored in as many patches of that
    side as fit; `weights` is the folder of LPIPS's weights. A metric that cannot be computed is NaN: a learned one without its weights
    (`unavailable` says why), one whose window is larger than the image. Raises `UsageError` for unknown names, `InputError` for shapes
    that differ, NaN, a truth of one value, and a value range that the protocol does not define, `WeightsError` for damaged weights.
    """
    chosen = protocol_named(protocol)
    rows = protocol_metrics(chosen, more)
    check_pair(image, truth)
    window, border = scored_window(truth, chosen), chosen.border_per_scale * scale
    low, high = chosen.values or (window[0], sum(window))
    missing = unavailable(rows, weights)
    readers = {f.name: reader(f, low, high - low, weights) for f in rows if f.name not in missing}
    slices = (parts(one, chosen, window, border, patch) for one in (image, truth))
    found = [{name: read(a, b) for name, read in readers.items()} for a, b in zip(*slices, strict=True)]
    return {
        f.name: math.nan if f.name in missing else f.metric.average([value for row in found for value in row[f.name].tolist()])
        for f in rows
    }


def reader(row: ProtocolMetric, low: float, span: float, weights: Path | None) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The metric as a function of the parts (part y x) of image and truth; values lie between `low` and `low + span`."""
    if row.metric.weights:  # networks trained on photographs expect black at zero
        learned = row.metric.compute(weights)
        return lambda a, b: learned(a - low, b - low, span)
    if luma := row.luma:
        return lambda a, b: row.metric.compute(*(luma.offset + luma.weight * one for one in (a, b)), span)
    return lambda a, b: row.metric.compute(a, b, span)


def check_pair(image: Image, truth: Image) -> None:
    """Raise `InputError` unless shapes agree, all pixels are finite, and the truth is not constant."""
    if image.pixels.shape != truth.pixels.shape:
        found = " and ".join("x".join(map(str, i.pixels.shape)) for i in (image, truth))
        raise InputError(f"Expected two images of one shape (c, z, y, x), found {found}.")
    for name, one in (("image", image), ("truth", truth)):
        if not all(np.isfinite(plane).all() for plane in one.slices()):
            raise InputError(f"Expected finite pixels, found NaN or infinity in the {name}. Replace them before scoring.")
    if truth.pixels.min() == truth.pixels.max():
        raise InputError(f"Expected a truth with contrast, found the value {truth.pixels.min()} everywhere: there is nothing to score.")
