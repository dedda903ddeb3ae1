"""Scanning Fourier ring correlation (sFRC): patches whose spectrum departs from the truth's at low frequencies.

Source: Kc et al., "Scanning Fourier ring correlation (sFRC)", arXiv 2603.04673, 2026, and the program of DIDSR/sfrc (commit 527fbf5).
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Real
from scipy import sparse

from radloupe.core.errors import InputError, UsageError
from radloupe.core.tables import check_choice

BRIGHT_SHARE, BRIGHT, MEAN = 0.1, 200 / 2686, 150 / 2686
"""A patch shows something if more than a tenth of its pixels lie above `BRIGHT` and its mean above `MEAN`, as shares of the brightness
range; 2686 was the largest value of the authors' CT."""
SMALLEST_PATCH = 16
"""Side of a patch with eight rings."""


@dataclass(frozen=True)
class SFRCSettings:
    """How patches are compared. Raises `UsageError` for a patch of less than 16 pixels."""

    patch: int = 64
    """Side in pixels."""
    window: Literal["hann", "released"] = "hann"
    """`hann` is the separable window of the paper; `released` is what the program does: it windows along y, and multiplies by its own
    transpose."""
    correlation: float = 0.5
    """The ring correlation that a curve falls to where images stop to agree; the authors take 0.75 for MR."""
    frequency: float = 0.33 * 0.48
    """Patches that fall to it at this frequency or below are labelled, in cycles per pixel: 0.33 per mm at 0.48 mm. `lowest_frequency` sets
    it from a method that is trusted."""
    by_ends: bool = True
    """Whether the first and last ring are at 0 and 1/2, as in the program for CT, rather than ring r at r / patch, as in that for MR."""

    def __post_init__(self) -> None:
        if self.patch < SMALLEST_PATCH:
            raise UsageError(f"Expected a `patch` of at least {SMALLEST_PATCH} pixels, found {self.patch}.")


SFRC_PRESETS = {"paper": SFRCSettings(), "released": SFRCSettings(window="released")}


def sfrc_settings(preset: str = "paper", patch: int = 64, frequency: float | None = None) -> SFRCSettings:
    """Settings by name, `paper` or `released`; raises `UsageError` for another name or a patch that is too small."""
    check_choice("sFRC preset", preset, SFRC_PRESETS)
    plain = SFRC_PRESETS[preset]
    return SFRCSettings(patch, plain.window, frequency=plain.frequency if frequency is None else frequency)


@dataclass(frozen=True)
class SFRCResult:
    """One value for each patch of a slice, in rows and columns of patches."""

    crossing: Float[np.ndarray, "rows columns"]
    """Where the correlation first falls to the threshold, in cycles per pixel; infinity where it never does, NaN for a constant patch."""
    candidates: Bool[np.ndarray, "rows columns"]
    """Patches of the truth that show something."""
    frequency: float

    @property
    def labelled(self) -> Bool[np.ndarray, "rows columns"]:
        """Candidates that depart from the truth at low frequencies."""
        return self.candidates & (self.crossing <= self.frequency)


def sfrc(
    image: Real[np.ndarray, "y x"],
    truth: Real[np.ndarray, "truth_y truth_x"],
    settings: SFRCSettings = SFRC_PRESETS["paper"],
    brightness: tuple[float, float] | None = None,
) -> SFRCResult:
    """Scanning Fourier ring correlation of a slice with the truth.

    A labelled patch is one that looks unlike the truth on the scale of several pixels: lost texture as often as false structure. Discs of a
    few pixels that a method adds or loses are not found.

    Args:
        image: The slice to judge.
        truth: Of the same shape.
        settings: A preset of `SFRC_PRESETS`, or user-defined settings.
        brightness: The values that count as black and as white when patches without content are left out; by default the smallest and the
            largest of the truth.

    Returns:
        Crossings and labels of all patches, those cut by the border padded with zeros.

    Raises:
        InputError: For slices of different shapes.

    >>> rng = np.random.default_rng(0)
    >>> truth = rng.random((64, 64))
    >>> int(sfrc(truth, truth).labelled.sum()), int(sfrc(rng.random((64, 64)), truth).labelled.sum())
    (0, 1)

    """
    if image.shape != truth.shape or not truth.size:
        raise InputError(f"Expected two slices of one shape (y, x), found {image.shape} and {truth.shape}.")
    black, white = (float(truth.min()), float(truth.max())) if brightness is None else brightness
    side = settings.patch
    shape = tuple(-(-n // side) for n in truth.shape)
    first, second = patches(image, side), patches(truth, side)
    curves = correlations(windowed(first, settings.window), windowed(second, settings.window))
    axis = np.linspace(0, 0.5, side // 2) if settings.by_ends else np.arange(side // 2) / side
    found = first_crossing(axis[:-1], curves[:, :-1], settings.correlation)
    span = white - black
    bright = (second > black + BRIGHT * span).sum((1, 2)) > int(BRIGHT_SHARE * side**2)
    shows = bright & (second.mean((1, 2)) > black + MEAN * span)
    return SFRCResult(found.reshape(shape), shows.reshape(shape), settings.frequency)


def patches(plane: Real[np.ndarray, "y x"], side: int) -> Float[np.ndarray, "patch side side"]:
    """Patches side by side, row by row; one that ends at the last row or column of the image leaves it out, and is padded with zeros.

    The latter is how the authors' program cuts them.
    """
    rows, columns = (-(-n // side) for n in plane.shape)
    padded = np.zeros((rows * side, columns * side))
    kept = plane[: plane.shape[0] - 1, : plane.shape[1] - 1]
    padded[: kept.shape[0], : kept.shape[1]] = kept
    return padded.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(-1, side, side)


def windowed(parts: Float[np.ndarray, "patch side side"], window: str) -> Float[np.ndarray, "patch side side"]:
    """Patches from 0 to 1 under a window; NaN for constant ones."""
    low, high = (end(parts, (1, 2), keepdims=True) for end in (np.min, np.max))
    with np.errstate(invalid="ignore"):
        unit = (parts - low) / (high - low)
    hann = np.hanning(parts.shape[-1])
    along_y = unit * hann[:, None]
    return along_y * (along_y.swapaxes(1, 2) if window == "released" else hann)


def correlations(
    first: Float[np.ndarray, "patch side side"], second: Float[np.ndarray, "patch side side"]
) -> Float[np.ndarray, "patch rings"]:
    """Absolute Fourier ring correlations, each ring the mean of the rings of rounded-down and rounded-up distance from zero."""
    a, b = np.fft.fft2(first), np.fft.fft2(second)
    rings = ring_sums(first.shape[-1])
    products = ((a * b.conj()).real, np.abs(a) ** 2, np.abs(b) ** 2)
    shared, one, other = ((rings @ values.reshape(len(values), -1).T).T for values in products)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.abs(shared) / np.sqrt(one * other)


@cache
def ring_sums(side: int) -> sparse.csr_array:
    """The matrix from the frequencies of a patch to its rings, as many as half its side."""
    along = np.fft.fftfreq(side, 1 / side)
    distance = np.hypot(along[:, None], along).ravel()
    halves = []
    for rounded in (np.floor, np.ceil):
        ring = rounded(distance).astype(int)
        kept = np.flatnonzero(ring < side // 2)
        halves.append(sparse.csr_array((np.full(len(kept), 0.5), (ring[kept], kept)), (side // 2, side**2)))
    return halves[0] + halves[1]


def first_crossing(
    axis: Float[np.ndarray, " rings"], curves: Float[np.ndarray, "patch rings"], level: float
) -> Float[np.ndarray, " patch"]:
    """Where each curve, interpolated between rings, first meets a level; infinity where it does not, NaN where it is none."""
    before, after = curves[:, :-1] - level, curves[:, 1:] - level
    meets = before * after <= 0
    ring = meets.argmax(1)
    rows = np.arange(len(curves))
    start, end = before[rows, ring], after[rows, ring]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(start == end, 0.0, start / (start - end))
    found = axis[ring] + share * (axis[ring + 1] - axis[ring])
    return np.where(np.isnan(curves).any(1), np.nan, np.where(meets.any(1), found, np.inf))


def lowest_frequency(results: list[SFRCResult], share: float = 0.05) -> float:
    """The frequency that labels a share of the candidates of a trusted method, or fewer where fewer depart from the truth at all.

    Raises `InputError` where there are no candidates.

    Args:
        results: Of the trusted method on images with their truth.
        share: From 0 to 1.

    """
    frequencies = np.concatenate([one.crossing[one.candidates] for one in results]) if results else np.empty(0)
    frequencies = np.sort(frequencies[~np.isnan(frequencies)])
    if not len(frequencies):
        raise InputError("Expected patches that show something to calibrate sFRC on, found none. Give images with anatomy.")
    departing = frequencies[np.isfinite(frequencies)][: int(np.ceil(share * len(frequencies)))]
    return float(departing[-1]) if len(departing) else 0.0
