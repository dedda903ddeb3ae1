"""Null space of a degradation: the part of an image that the degradation removes and no low-resolution image determines."""

import numpy as np
from jaxtyping import Float, Real

from radloupe.core.errors import UsageError
from radloupe.degradation.apply import example
from radloupe.degradation.kspace import KSpaceCrop, frequencies
from radloupe.degradation.pseudo_inverse import axis_operator, is_linear
from radloupe.imaging.synthetic_objects import disc

POSITIONS = 8
"""Subpixel positions of a disc that its null-space share is averaged over."""
MARGIN = 16
"""Margin around a disc in low pixels, larger than the receptive field of `bicubic`'s pseudo-inverse."""


def has_null_space(name: str, scale: int) -> bool:
    """Whether the null space of a preset is known: of linear presets, and of the k-space crops before their magnitude is taken."""
    return is_linear(name, scale) or k_space_crop(name, scale) is not None


def k_space_crop(name: str, scale: int) -> KSpaceCrop | None:
    """The single step of a k-space preset; None for other presets."""
    steps = example(name, scale) or ()
    return steps[0] if len(steps) == 1 and isinstance(steps[0], KSpaceCrop) else None


def null_space_part(plane: Real[np.ndarray, "y x"], name: str, scale: int) -> Float[np.ndarray, "y x"]:
    """Null-space part of a slice, `x - A^+ A x`: its low-resolution image is zero.

    Args:
        plane: Slice whose rows and columns are multiples of the scale.
        name: A preset for which `has_null_space` holds.
        scale: Whole factor of reduction.

    Raises:
        UsageError: For another preset.

    >>> ramp = np.add.outer(np.arange(64.0), np.arange(64.0))
    >>> inside = (slice(8, -8), slice(8, -8))  # ramps end at borders, which are mirrored
    >>> bool(np.abs(null_space_part(ramp, "bicubic", 2)[inside]).max() < 0.01)
    True

    """
    values = plane.astype(np.float64)
    height, width = (n // scale for n in plane.shape)
    if is_linear(name, scale):
        down, across = (axis_operator(name, scale, n) for n in (height, width))
        low = (across.shrink @ (down.shrink @ values).T).T
        known: np.ndarray = (across.expand @ (down.expand @ low).T).T
        return values - known
    crop = k_space_crop(name, scale)
    if crop is None:
        raise UsageError(f"Expected a linear or k-space degradation, found {name!r}. Name one such as bicubic.")
    spectrum = np.fft.fft2(values)
    known_at = np.zeros(values.shape, bool)
    known_at[frequencies(height)[:, None], frequencies(width)] = crop.weights(height, width) != 0
    known_at |= np.roll(known_at[::-1, ::-1], (1, 1), (0, 1))  # the spectrum of a real image is Hermitian
    found: np.ndarray = np.fft.ifft2(np.where(known_at, 0, spectrum)).real
    return found


def null_space_share(diameter: float, name: str, scale: int) -> float:
    """Share of a disc's energy in the null space of a degradation, mean over subpixel positions.

    Args:
        diameter: In high-resolution pixels.
        name: A preset for which `has_null_space` holds.
        scale: Whole factor of reduction.

    Raises:
        UsageError: For another preset.

    >>> null_space_share(8, "bicubic", 4) < 0.2 < 0.7 < null_space_share(2, "bicubic", 4)
    True

    """
    side = (2 * MARGIN + -(-int(np.ceil(diameter)) // scale)) * scale
    shares = []
    for position in range(POSITIONS):
        y, x = (side / 2 + scale * offset / POSITIONS for offset in (position, 3 * position % POSITIONS))
        planted = disc((side, side), (y, x), diameter)
        shares.append(np.square(null_space_part(planted, name, scale)).sum() / np.square(planted).sum())
    return float(np.mean(shares))
