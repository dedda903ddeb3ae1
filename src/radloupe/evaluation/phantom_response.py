"""Response of a method to phantoms: edge resolution by contrast, noise amplification, and false structure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from scipy.ndimage import label

from radloupe import degradation
from radloupe.core import seeds
from radloupe.evaluation.methods import Method
from radloupe.imaging import pixel_info
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import AIR_HU, NETWORK_SPAN_HU
from radloupe.imaging.synthetic_objects import blurred_edge, edge_distance
from radloupe.metrics.resolution import edge_mtf, mtf_crossing, noise_power, share_above

SIDE = 96
"""Side of phantoms in low pixels; the outer quarter, with the corners that set the image's range, is not evaluated."""
CORNER = 4
"""Side of the darkest and the brightest corner in low pixels."""
DEGREES, SIGMA = 5.0, 0.5
"""Angle of the edge to the columns in degrees, and its blur in pixels of the truth."""
CONTRASTS, EDGE_NOISE = (0.02, 0.5), 0.005
FLAT_NOISE = 0.01
"""Contrasts of edges, and noise, relative to the range."""
REALISATIONS = 8
OUTLIER, BLOB = 5.0, 4
"""False blob: at least four connected pixels above five standard deviations of the output's noise."""


@dataclass(frozen=True)
class PhantomKind:
    """Unit, type and range of the images that phantoms imitate."""

    like: Image
    black: float
    white: float
    degrade: str
    scale: int
    seed: int = 0

    @property
    def span(self) -> float:
        """The range of values."""
        return self.white - self.black

    def low(self, high: Float[np.ndarray, "y x"]) -> Float[np.ndarray, "low_y low_x"]:
        """Low-resolution slice, in the image's unit, of a phantom with values 0 to 1."""
        return degradation.shrink(self.black + self.span * cornered(high, self.scale), self.scale, self.degrade)

    def image(self, low: Float[np.ndarray, "y x"]) -> Image:
        """A low-resolution slice as an image of this kind, quantised as in files."""
        pixels = pixel_info.quantise(low, self.like.info, self.like.pixels.dtype)[None, None]
        return replace(self.like, pixels=pixels, affine=np.eye(4), source=None)

    def noisy(self, low: Float[np.ndarray, "y x"], share: float, name: str) -> Iterator[Image]:
        """Realisations with white noise of a standard deviation relative to the range."""
        for number in range(REALISATIONS):
            rng = seeds.generator(self.seed, "phantom", name, number)
            yield self.image(low + rng.normal(0, share * self.span, low.shape))


def kind_of(image: Image, degrade: str, scale: int, seed: int = 0) -> PhantomKind:
    """Phantom kind of an image; the range is that of its values, for CT air to 2000 HU."""
    if image.info.unit == "HU":
        return PhantomKind(image, AIR_HU, AIR_HU + NETWORK_SPAN_HU, degrade, scale, seed)
    return PhantomKind(image, float(image.pixels.min()), float(image.pixels.max()), degrade, scale, seed)


def cornered(high: Float[np.ndarray, "y x"], scale: int) -> Float[np.ndarray, "y x"]:
    """A phantom with a black and a white corner."""
    found, side = high.copy(), CORNER * scale
    found[:side, :side], found[:side, -side:] = 0.0, 1.0
    return found


def middle(values: np.ndarray) -> np.ndarray:
    """Central half of slices (..., y, x)."""
    down, across = (slice(n // 4, n - n // 4) for n in values.shape[-2:])
    return values[..., down, across]


def upscaled_plane(method: Method, image: Image) -> Float[np.ndarray, "y x"]:
    """Single slice of a method's result."""
    return method.upscale(image).pixels[0, 0].astype(np.float64)


def mtf50(method: Method, kind: PhantomKind, contrast: float) -> float:
    """MTF50 of an edge of a contrast under noise, in units of the low-resolution image's Nyquist frequency."""
    side = SIDE * kind.scale
    edge = blurred_edge((side, side), DEGREES, SIGMA)
    back = blurred_edge((1, side), 0.0, 2.0 * kind.scale)[0]
    periodic = edge - np.roll(back, side // 2)[None] + (np.arange(side) < side // 2)  # smooth return at the border, which avoids ringing
    low = kind.low(0.5 + contrast * (np.clip(periodic, 0, 1) - 0.5))
    mean = np.mean([upscaled_plane(method, one) for one in kind.noisy(low, EDGE_NOISE, f"edge {contrast}")], 0)
    frequency, mtf = edge_mtf(middle(mean), middle(edge_distance((side, side), DEGREES)))
    return mtf_crossing(frequency, mtf) * 2 * kind.scale


@dataclass(frozen=True)
class NoiseResponse:
    """Response to white noise on a flat field."""

    gain: float
    """Noise gain: standard deviation of the output's noise relative to the input's."""
    above_nyquist: float
    """Share of the noise power above the low-resolution image's Nyquist frequency."""
    blobs_per_megapixel: float


def noise_response(method: Method, kind: PhantomKind) -> NoiseResponse:
    """Noise response to white noise of one percent of the range."""
    side = SIDE * kind.scale
    low = kind.low(np.full((side, side), 0.5))
    clean = kind.image(low)
    plain = upscaled_plane(method, clean)
    outputs, inputs = [], []
    for one in kind.noisy(low, FLAT_NOISE, "flat"):
        outputs.append(middle(upscaled_plane(method, one) - plain))
        inputs.append(middle(one.pixels[0, 0].astype(np.float64) - clean.pixels[0, 0]))
    noise = np.stack(outputs)
    spread = float(noise.std())
    blobs = sum(count_blobs(np.abs(plane) > OUTLIER * spread) for plane in noise)
    above = share_above(noise_power(noise), 0.5 / kind.scale)
    return NoiseResponse(spread / float(np.std(inputs)), above, 1e6 * blobs / noise.size)


def count_blobs(outliers: np.ndarray) -> int:
    """Number of connected groups of at least `BLOB` pixels."""
    groups, _ = label(outliers, np.ones((3, 3)))
    return int((np.bincount(groups.ravel())[1:] >= BLOB).sum())
