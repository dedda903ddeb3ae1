"""Image quality metrics: one value for each image, in float64, from NumPy arrays or torch tensors `(..., y, x)`.

>>> import numpy as np
>>> from radloupe.metrics import frc_cutoff, psnr, ssim
>>> truth = np.random.default_rng(0).random((32, 32))
>>> round(psnr(truth + 0.1, truth, 1.0), 6), ssim(truth, truth, 1.0), frc_cutoff(truth, truth)  # an error of 0.1 of the range is 20 dB
(20.0, 1.0, 0.5)
"""

from typing import TYPE_CHECKING, Any

from radloupe.core.lazy import lazy_attribute
from radloupe.core.tables import Table

if TYPE_CHECKING:
    from radloupe.metrics.anatomy_mask import Anatomy, anatomy
    from radloupe.metrics.fidelity import nrmse, psnr
    from radloupe.metrics.fourier import frc_cutoff, ring_correlation
    from radloupe.metrics.lpips_distance import lpips
    from radloupe.metrics.multiscale import ms_ssim
    from radloupe.metrics.protocol_settings import PROTOCOLS, Protocol
    from radloupe.metrics.sharpness import hfen, laplacian_variance
    from radloupe.metrics.structural_similarity import ssim

METRICS = Table(
    "metric",
    {
        "psnr": "radloupe.metrics.fidelity:PSNR",
        "nrmse": "radloupe.metrics.fidelity:NRMSE",
        "ssim_gaussian": "radloupe.metrics.structural_similarity:SSIM_GAUSSIAN",
        "ssim_uniform": "radloupe.metrics.structural_similarity:SSIM_UNIFORM",
        "ssim_global": "radloupe.metrics.structural_similarity:SSIM_GLOBAL",
        "ms_ssim": "radloupe.metrics.multiscale:MS_SSIM",
        "laplacian_variance": "radloupe.metrics.sharpness:LAPLACIAN_VARIANCE",
        "hfen": "radloupe.metrics.sharpness:HFEN",
        "frc_cutoff": "radloupe.metrics.fourier:FRC_CUTOFF",
        "lpips_alex": "radloupe.metrics.lpips_distance:LPIPS_ALEX",
        "lpips_vgg": "radloupe.metrics.lpips_distance:LPIPS_VGG",
    },
)

PUBLIC = {
    "PROTOCOLS": "radloupe.metrics.protocol_settings",
    "Anatomy": "radloupe.metrics.anatomy_mask",
    "Protocol": "radloupe.metrics.protocol_settings",
    "anatomy": "radloupe.metrics.anatomy_mask",
    "frc_cutoff": "radloupe.metrics.fourier",
    "hfen": "radloupe.metrics.sharpness",
    "laplacian_variance": "radloupe.metrics.sharpness",
    "lpips": "radloupe.metrics.lpips_distance",
    "ms_ssim": "radloupe.metrics.multiscale",
    "nrmse": "radloupe.metrics.fidelity",
    "psnr": "radloupe.metrics.fidelity",
    "ring_correlation": "radloupe.metrics.fourier",
    "ssim": "radloupe.metrics.structural_similarity",
}
"""Public names and the modules that hold them, imported on first use."""

__all__ = [
    "METRICS",
    "PROTOCOLS",
    "Anatomy",
    "Protocol",
    "anatomy",
    "frc_cutoff",
    "hfen",
    "laplacian_variance",
    "lpips",
    "ms_ssim",
    "nrmse",
    "psnr",
    "ring_correlation",
    "ssim",
]


def __getattr__(name: str) -> Any:
    return lazy_attribute(__name__, PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(__all__)
