"""Grey images that were saved as colour."""

import numpy as np

from radloupe.core.errors import InputError


def grey(samples: np.ndarray) -> np.ndarray:
    """One plane (y, x) of samples (y, x, n), n = 1 to 4: grey or red-green-blue, with or without an alpha channel behind.

    Raises `InputError` where the colours differ or a pixel is not opaque.
    """
    if samples.ndim == 2:
        return samples
    count = samples.shape[2]
    if count not in (1, 2, 3, 4):
        raise InputError(f"Expected one grey value for each pixel, found {count} samples. Convert it to grey first.")
    if count in (2, 4) and (samples[..., -1] != full(samples.dtype)).any():
        raise InputError("Expected an opaque image, found transparent pixels. Flatten it first.")
    first = samples[..., 0]
    if count > 2 and not ((samples[..., 1] == first).all() and (samples[..., 2] == first).all()):
        raise InputError("Expected a grey image, found colours: red, green and blue differ. Convert it to grey first.")
    return np.ascontiguousarray(first)


def full(dtype: np.dtype) -> float:
    """The largest sample: full opacity."""
    return 1.0 if dtype.kind == "f" else float(np.iinfo(dtype).max)
