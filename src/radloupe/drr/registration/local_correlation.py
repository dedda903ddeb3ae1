"""Masked local normalised cross-correlation of images, as residuals for least squares.

Each pixel is normalised by the mean and the standard deviation of its surroundings, so that smooth changes of brightness, contrast or
gamma, and shading, have little effect. Pixels outside the mask are ignored, both themselves and in the sums of their
neighbours: sums over surroundings are divided by the sum of the mask there (normalised convolution, Knutsson and Westin, CVPR 1993).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float

Images = Float[np.ndarray, "image rows columns"]
FLOOR = 0.02  # lower bound of the local variance, relative to its mean
LEAST = 1e-3  # smallest share of the surroundings inside the mask


@dataclass(frozen=True)
class LocalCorrelation:
    """Feature extractor of images; the squared distance of two features is 2 (1 - correlation).

    Args:
        mask: The pixels that are compared.
        sigma: Standard deviation of the Gaussian surroundings in pixels.

    >>> inside = np.ones((20, 20), bool)
    >>> image = np.random.default_rng(0).random((1, 20, 20), np.float32)
    >>> one, other = LocalCorrelation(inside, 3.0).features(np.concatenate([image, 5 * image + 2]))
    >>> float(abs(one @ other - 1)) < 1e-4
    True
    """

    mask: Bool[np.ndarray, "rows columns"]
    sigma: float

    def features(self, images: Images) -> Float[np.ndarray, "image pixels"]:
        """Locally normalised images of unit length; all zero for an image without contrast."""
        mask = self.mask.astype(np.float32)
        centred = (images - images[:, self.mask].mean(axis=1)[:, None, None]) * mask
        mean, square = self.smooth(centred) / self.weight, self.smooth(centred * centred) / self.weight
        variance = np.maximum(square - mean * mean, 0)
        floor = FLOOR * (variance * mask).sum(axis=(1, 2), keepdims=True) / mask.sum() + np.finfo(np.float32).tiny
        flat = ((centred - mean) * mask / np.sqrt(variance + floor)).reshape(len(images), -1)
        norms = np.linalg.norm(flat, axis=1, keepdims=True)
        return flat / np.where(norms > 0, norms, 1)

    @cached_property
    def weight(self) -> Float[np.ndarray, "rows columns"]:
        """The share of each pixel's surroundings that is inside the mask."""
        return np.maximum(self.smooth(self.mask[None].astype(np.float32))[0], LEAST)

    @cached_property
    def kernels(self) -> tuple[Float[np.ndarray, "rows rows"], Float[np.ndarray, "columns columns"]]:
        """Gaussian matrices along y and x: for images this small, matrix products are the fastest convolution."""
        rows, columns = (gaussian_matrix(n, self.sigma) for n in self.mask.shape)
        return rows, columns

    def smooth(self, images: Images) -> Images:
        """Gaussian blur of the images, with zero padding."""
        rows, columns = self.kernels
        return rows @ images @ columns


def gaussian_matrix(count: int, sigma: float) -> Float[np.ndarray, "n n"]:
    """Weights of a Gaussian between `count` positions."""
    apart = np.arange(count)[:, None] - np.arange(count)
    return (np.exp(-0.5 * (apart / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))).astype(np.float32)
