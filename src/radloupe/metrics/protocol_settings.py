"""Metric protocols: the scored region, value range, colour channel, SSIM window and metrics that a paper or field uses."""

from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal

from radloupe.core.errors import UsageError
from radloupe.core.tables import suggest


@dataclass(frozen=True)
class Luma:
    """Luma of a grey image copied to red, green and blue: offset + weight * grey, for grey from 0 to 255."""

    text: str
    weight: float
    offset: float = 16.0


@dataclass(frozen=True)
class Protocol:
    """How slices of one channel are scored. Sources are the papers and their released code; docs/metrics.md compares them.

    >>> PROTOCOLS["aid"].border_per_scale, PROTOCOLS["aid"].values  # at x4 it cuts 4 pixels of the 8-bit range
    (1, (0.0, 255.0))
    """

    name: str
    values: tuple[float, float] | None = None
    """Range to which values are mapped before scoring; None scores values in their own unit."""
    range: Literal["meaning", "maximum"] = "meaning"
    """`meaning`: that of `value_window`. `maximum`: from zero to the truth's largest value."""
    clipped: bool = False
    """Whether values are clipped to the range."""
    quantised: bool = False
    """Whether values are rounded to integers."""
    border_per_scale: int = 0
    """Pixels cut off on all sides before scoring, for each step of scale: 1 cuts 4 pixels at x4."""
    luma: Luma | None = None
    """Luma on which PSNR and SSIM are computed; None for grey. With a luma both are reported for grey, too."""
    window: str = "gaussian"
    """The window of the metric called `ssim`, a row of `WINDOWS`."""
    more: tuple[str, ...] = ()
    """Metrics beside PSNR, SSIM and the variance of the Laplacian: rows of `METRICS`."""


SCALE = 4  # default scale of the border
RANGES = {
    "meaning": "3000 HU for CT, what the stored bits hold for radiographs, the truth's largest value for others",
    "maximum": "the truth's largest value",
}
eight_bit = partial(Protocol, values=(0.0, 255.0), clipped=True, quantised=True)
TTSR_LUMA = Luma("(65.738 R + 129.057 G + 25.064 B) / 256 + 16", (65.738 + 129.057 + 25.064) / 256)
MATLAB_LUMA = Luma("(65.481 R + 128.553 G + 24.966 B) / 255 + 16, not rounded", (65.481 + 128.553 + 24.966) / 255)

PROTOCOLS = {
    row.name: row
    for row in (
        Protocol("plain"),
        eight_bit("ttsr", luma=TTSR_LUMA),
        eight_bit("xpgan", window="uniform", more=("ssim_gaussian",)),
        Protocol("mri", (0.0, 1.0), "maximum", clipped=True, more=("lpips_alex",)),
        Protocol("uct", (-1.0, 1.0), more=("ssim_global",)),
        eight_bit("aid", border_per_scale=1, luma=MATLAB_LUMA),
    )
}


def protocol_named(name: str) -> Protocol:
    """The protocol called `name`; raises `UsageError`."""
    if name not in PROTOCOLS:
        raise UsageError(f"Unknown protocol {name!r}.{suggest(name, list(PROTOCOLS))}")
    return PROTOCOLS[name]


def settings(protocol: Protocol, scale: int) -> dict[str, Any]:
    """Every setting of a protocol, in words and numbers, to print beside its metrics."""
    from radloupe.metrics.structural_similarity import K1, K2, WINDOWS  # imports torch, which names do not need

    fixed = asdict(protocol)
    return {key: fixed[key] for key in ("values", "clipped", "quantised")} | {
        "range": RANGES[protocol.range],
        "border": protocol.border_per_scale * scale,
        "channel": protocol.luma.text if protocol.luma else "grey",
        "ssim": f"{WINDOWS[protocol.window].text}, where it lies inside, K1 {K1:g}, K2 {K2:g}",
    }
