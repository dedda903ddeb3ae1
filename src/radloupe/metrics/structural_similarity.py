"""Structural similarity index (SSIM)."""

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from jaxtyping import Float64
from torch import Tensor
from torch.nn import functional as F

from radloupe.core.errors import UsageError
from radloupe.core.tables import suggest
from radloupe.metrics.metric import Metric, Stack, Values, correlate, gaussian, per_image

K1, K2 = 0.01, 0.03  # Wang et al. 2004
STRIP = 2**15
"""Pixels per thread and step: they fit its cache, and torch does not split them further."""


@dataclass(frozen=True)
class Window:
    """Averaging window of SSIM."""

    text: str
    taps: tuple[float, ...] = ()
    """Weights along each axis; none for the whole image."""
    unbiased: bool = False
    """Whether variances are those of a sample (divided by n - 1)."""

    @property
    def correction(self) -> float:
        """Factor on the variances (Bessel's correction)."""
        return len(self.taps) ** 2 / (len(self.taps) ** 2 - 1) if self.unbiased else 1.0


WINDOWS = {
    "gaussian": Window("11x11 Gaussian, sigma 1.5", gaussian(1.5, 5)),
    "uniform": Window("7x7 uniform, sample variance", (1 / 7,) * 7, unbiased=True),  # scikit-image's default
    "global": Window("whole image"),
}
PADDINGS = {"valid": "", "zero": "constant", "reflect": "reflect"}  # in torch's words


@per_image
def ssim(
    image: Stack,
    truth: Stack,
    span: float,
    window: str = "gaussian",
    padding: str = "valid",
    constants: tuple[float, float] = (K1, K2),
) -> Values:
    """Mean structural similarity (Wang et al., IEEE TIP 13(4), 2004, equation 13); NaN for images smaller than the window.

    `window` is a row of `WINDOWS`; `valid` scores the pixels where the window lies inside the image, `zero` and `reflect` (torchmetrics)
    all of them, with zeros or the mirrored image beyond the border; the window `global` has no border. `constants` are K1 and K2; the
    square of K times `span` is added to both sides of a ratio.

    >>> import numpy as np
    >>> truth = np.arange(256.0).reshape(16, 16)
    >>> round(ssim(truth, truth, span=255), 6), ssim(255 - truth, truth, span=255) < 0
    (1.0, True)
    """
    return similarity(image, truth, span, window, padding, constants)[0]


@per_image
def ssim_inside(image: Stack, truth: Stack, mask: Stack, span: float, window: str = "gaussian") -> Values:
    """Mean of the map of `ssim` over the pixels of a mask (1 inside, 0 outside) around which the window lies inside the image.

    Windows include pixels outside the mask. NaN where there is no such pixel; not for the window `global`, which has no map.
    """
    return similarity(image, truth, span, window, mask=mask)[0]


def similarity(
    image: Stack,
    truth: Stack,
    span: float,
    window: str = "gaussian",
    padding: str = "valid",
    constants: tuple[float, float] = (K1, K2),
    mask: Stack | None = None,
) -> tuple[Values, Values]:
    """SSIM, and its part without the luminance (contrast and structure), over all pixels with a whole window or those in a mask."""
    shape, mode = known("window", window, WINDOWS), known("padding", padding, PADDINGS)
    c1, c2 = ((k * span) ** 2 for k in constants)
    if not shape.taps:
        return ratios(*(m.mean((-2, -1)) for m in moments(image, truth)), c1=c1, c2=c2)
    margin = len(shape.taps) - 1
    if min(image.shape[-2:]) <= margin:
        return (torch.full((len(image),), math.nan, dtype=torch.float64, device=image.device),) * 2
    if mode:
        image, truth = (F.pad(one, [margin // 2] * 4, mode) for one in (image, truth))
    count, height, width = image.shape
    rows, half = max(1, STRIP // (count * width)), margin // 2
    weight = (torch.ones_like(image) if mask is None else mask)[:, half : height - half, half : width - half]

    def sums(top: int) -> Float64[Tensor, "2 image"]:
        two = (one[:, top : top + rows + margin] for one in (image, truth))
        means = (correlate(correlate(m, shape.taps, -2), shape.taps, -1) for m in moments(*two))
        maps = ratios(*means, c1=c1, c2=c2, correction=shape.correction)
        return torch.stack([(part * weight[:, top : top + rows]).sum((-2, -1)) for part in maps])

    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        strips = list(pool.map(sums, range(0, height - margin, rows)))
    whole, contrast = torch.stack(strips).sum(0) / weight.sum((-2, -1))
    return whole, contrast


def known(setting: str, name: str, rows: Mapping[str, Any]) -> Any:
    """The row of a setting of SSIM by name; raises `UsageError`."""
    if name not in rows:
        raise UsageError(f"Unknown {setting} {name!r} of SSIM.{suggest(name, list(rows))}")
    return rows[name]


def moments(a: Stack, b: Stack) -> tuple[Stack, Stack, Stack, Stack]:
    """The quantities that SSIM averages: both images, the sum of their squares, and their product."""
    return a, b, a * a + b * b, a * b


def ratios(
    a: torch.Tensor, b: torch.Tensor, squares: torch.Tensor, product: torch.Tensor, *, c1: float, c2: float, correction: float = 1.0
) -> tuple[torch.Tensor, torch.Tensor]:
    """SSIM, and its part without the luminance, from the means of `moments`."""
    ab, aa_bb = a * b, a * a + b * b
    contrast = (2 * correction * (product - ab) + c2) / (correction * (squares - aa_bb) + c2)
    return (2 * ab + c1) / (aa_bb + c1) * contrast, contrast


SSIM_GAUSSIAN, SSIM_UNIFORM, SSIM_GLOBAL = (Metric(partial(ssim, window=name), identical=1.0, symmetric=True) for name in WINDOWS)
