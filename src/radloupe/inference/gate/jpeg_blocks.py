"""Input check: whether an image was compressed by JPEG."""

import numpy as np
from jaxtyping import Float

from radloupe.inference.gate.finding import Finding, above
from radloupe.inference.gate.sample import Sample

BLOCK = 8
ROWS = 24
"""Rows averaged before the median."""
ACTIVE = 1e-4
"""Smallest mean third difference of an active part, relative to the plane's standard deviation."""
FEWEST = 8
"""Smallest number of active parts for a decision."""
SAYS = "Traces of JPEG compression: the edges of its 8x8 blocks are sharpened like anatomy. Take the image before it was compressed."


def check_jpeg(sample: Sample) -> Finding:
    """Warn of edges with a period of 8 pixels, and of lossy compression recorded in a DICOM header."""
    if lossy(sample.image.source):
        return Finding("jpeg", "warn", None, None, "Its header says that it was compressed with loss: block edges may be sharpened.")
    return above("jpeg", blockiness(sample.crop), sample.thresholds["blockiness"], SAYS)


def lossy(source: object) -> bool:
    """Whether the data sets of a DICOM image record lossy compression (Lossy Image Compression, 0028,2110)."""
    headers = source if isinstance(source, list | tuple) else ()
    return any(getattr(header, "LossyImageCompression", None) == "01" for header in headers)


def blockiness(plane: Float[np.ndarray, "y x"]) -> float:
    """Blockiness: excess of the strongest of 8 phases of the third difference over the median phase, the smaller of rows and columns.

    Third differences are small in smooth anatomy and large at block edges. All parts of 24 x 8 pixels have equal weight, so that a single
    vertical edge does not dominate.
    """
    return min(along_rows(plane), along_rows(plane.T))


def along_rows(plane: Float[np.ndarray, "y x"]) -> float:
    """Excess of the strongest phase along x."""
    third = np.abs(plane[:, 3:] - 3 * plane[:, 2:-1] + 3 * plane[:, 1:-2] - plane[:, :-3])
    rows, columns = third.shape[0] // ROWS, third.shape[1] // BLOCK
    parts = third[: rows * ROWS, : columns * BLOCK].reshape(rows, ROWS, columns, BLOCK).mean(1).reshape(-1, BLOCK)
    level = parts.mean(1)
    active = level > ACTIVE * plane.std()
    if active.sum() < FEWEST:
        return 0.0
    phases = np.median(parts[active] / level[active, None], axis=0)
    return float(phases.max() / np.median(phases) - 1) if np.median(phases) > 0 else 0.0
