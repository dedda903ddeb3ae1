"""Yardsticks: a few metrics a file, one line each here."""

from radloupe.core.tables import Table

METRICS = Table(
    "metric",
    {
        "psnr": "radloupe.metrics.fidelity:PSNR",
        "nrmse": "radloupe.metrics.fidelity:NRMSE",
        "ssim_gaussian": "radloupe.metrics.ssim:SSIM_GAUSSIAN",
        "ssim_uniform": "radloupe.metrics.ssim:SSIM_UNIFORM",
        "ssim_global": "radloupe.metrics.ssim:SSIM_GLOBAL",
        "ms_ssim": "radloupe.metrics.multiscale:MS_SSIM",
        "laplacian_variance": "radloupe.metrics.sharpness:LAPLACIAN_VARIANCE",
        "hfen": "radloupe.metrics.sharpness:HFEN",
        "frc_cutoff": "radloupe.metrics.fourier:FRC_CUTOFF",
        "lpips_alex": "radloupe.metrics.lpips:LPIPS_ALEX",
        "lpips_vgg": "radloupe.metrics.lpips:LPIPS_VGG",
    },
)
