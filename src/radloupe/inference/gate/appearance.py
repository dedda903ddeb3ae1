"""Appearance features of a plane, independent of its unit, and their Mahalanobis distance to a modality."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from radloupe.inference.noise_level import noise_level

NAMES = (
    *("detail 1", "detail 2", "detail 3", "diagonal 1", "diagonal 2", "noise", "flat share", "share at extremes"),
    *("median", "first quartile", "third quartile", "border", "peakedness", "background", "layout"),
)
"""Names of the appearance features, in order."""
THUMBNAIL = 16
LEVELS = 4
SMALL = 1e-5
"""Offset relative to the span, added before logarithms."""


def texture(crop: Float[np.ndarray, "y x"]) -> Float[np.ndarray, " numbers"]:
    """Features of `NAMES` without the last, of a central crop."""
    levels = (crop - crop.min()) / (float(np.ptp(crop)) or 1.0)
    first, lower, middle, upper, last = np.quantile(levels, [0.01, 0.25, 0.5, 0.75, 0.99])
    width = (last - first) or 1.0
    details, diagonals = detail_levels(levels)
    margin = min(levels.shape) // 8
    inside = levels[margin:-margin, margin:-margin]
    border = (levels.sum() - inside.sum()) / (levels.size - inside.size)
    edges = np.diff(np.diff(levels, axis=0), axis=1) ** 2
    return np.array(
        [
            *(details[:3] - details[3]),
            *(diagonals[:2] - diagonals[3]),
            np.log(noise_level(levels) / width + 1e-4),
            np.mean(np.diff(levels, axis=1) == 0),
            np.mean((levels <= 0.004) | (levels >= 0.996)),
            *((value - first) / width for value in (middle, lower, upper)),
            (border - inside.mean()) / width,
            np.log((edges**2).mean() / (edges.mean() ** 2 + 1e-20) + 1e-3),
            np.mean(levels < first + 0.05 * width),
        ]
    )


def layout(whole: Float[np.ndarray, "y x"], usual: Sequence[float]) -> float:
    """Last feature, the layout: Fisher's transform of the correlation of the slice with a modality's mean thumbnail."""
    return float(np.arctanh(np.clip(thumbnail_correlation(whole, usual), -0.99, 0.99)))


def detail_levels(levels: Float[np.ndarray, "y x"]) -> tuple[Float[np.ndarray, " 4"], Float[np.ndarray, " 4"]]:
    """Log energies of Haar wavelet details (horizontal with vertical, and diagonal) in four octaves, finest first."""
    found = []
    for _ in range(LEVELS):
        y, x = (n // 2 * 2 for n in levels.shape)
        a, b, c, d = levels[:y:2, :x:2], levels[:y:2, 1:x:2], levels[1:y:2, :x:2], levels[1:y:2, 1:x:2]
        straight = np.sqrt((((a - b + c - d) / 4) ** 2 + ((a + b - c - d) / 4) ** 2).mean())
        found.append((straight, np.sqrt((((a - b - c + d) / 4) ** 2).mean())))
        levels = (a + b + c + d) / 4
    logarithms = np.log(np.array(found) + SMALL)
    return logarithms[:, 0], logarithms[:, 1]


def thumbnail(plane: Float[np.ndarray, "y x"]) -> Float[np.ndarray, " cells"]:
    """Thumbnail: means of 16 x 16 cells of a plane, normalised to zero mean and unit variance."""
    down, across = (np.linspace(0, n, THUMBNAIL + 1).astype(int)[:-1] for n in plane.shape)
    sums = np.add.reduceat(np.add.reduceat(plane, down, 0), across, 1)
    counts = np.multiply.outer(*(np.diff(np.append(edges, n)) for edges, n in zip((down, across), plane.shape, strict=True)))
    cells = (sums / counts).ravel()
    return (cells - cells.mean()) / (cells.std() or 1.0)


def thumbnail_correlation(plane: Float[np.ndarray, "y x"], usual: Sequence[float]) -> float:
    """Correlation of a plane's thumbnail with the mean one of a modality, -1 to 1."""
    return float(np.mean(thumbnail(plane) * np.asarray(usual)))


def distance(found: np.ndarray, statistics: Mapping[str, Any]) -> tuple[float, np.ndarray]:
    """Mahalanobis distance of features to a modality's mean, divided by the square root of their number, and the z-score of each.

    `statistics` holds `mean`, `deviation` and the inverse correlation matrix `precision`.
    """
    z = (found - np.asarray(statistics["mean"])) / np.asarray(statistics["deviation"])
    return float(np.sqrt(z @ np.asarray(statistics["precision"]) @ z / len(z))), z
