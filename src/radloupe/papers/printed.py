"""What the papers print in their tables: figures to be shown beside ours, and never mixed with them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """Rows of a printed table; each holds the figures of the first column, then those of the next."""

    source: str
    """The paper, its table and where it stands."""
    figures: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[float, ...]]

    def value(self, row: str, column: str, figure: str) -> float | None:
        """A printed figure; None where there is none."""
        if row not in self.rows or column not in self.columns or figure not in self.figures:
            return None
        return self.rows[row][self.columns.index(column) * len(self.figures) + self.figures.index(figure)]


TTSR_FD, XPGAN = "TTSR-FD, section 4.3", "XPGAN, section 3"
MRI, UCT = "Transform-domain MRI, section IV", "Clinical CT to micro-CT, section 3 (arXiv 2010.10207)"
AID = "AID-SRGAN, section 3 (MICCAI 2022)"
FIDELITY, LEARNED = ("psnr", "ssim"), ("psnr", "ssim", "lpips_alex")
BLURS = ("random k", "k = 40", "k = 30", "k = 20", "k = 10")


def scales(data: str) -> tuple[str, ...]:
    """The columns of a data set at the three scales of the MRI paper."""
    return tuple(f"{data} x{scale}" for scale in (2, 4, 8))


PRINTED: Mapping[str, tuple[Block, ...]] = {
    "ttsr-fd/1": (
        Block(
            f"{TTSR_FD}, table 1, page 7",
            FIDELITY,
            ("SynXray_S", "SynXray_L"),
            {
                "RCAN": (38.597, 0.9482, 38.880, 0.9496),
                "ESRGAN": (34.483, 0.9023, 35.270, 0.9140),
                "TTSR": (37.953, 0.9393, 38.115, 0.9431),
                "TTSR-FD": (39.009, 0.9521, 39.261, 0.9514),
            },
        ),
    ),
    "ttsr-fd/2": (
        Block(f"{TTSR_FD}, table 2, page 7", FIDELITY, ("ChestXrayRef",), {"TTSR": (36.767, 0.9457), "TTSR-FD": (36.766, 0.9470)}),
    ),
    "ttsr-fd/3": (
        Block(
            "TTSR-FD, section 4.4, table 3, page 8",
            FIDELITY,
            ("SynXray_S",),
            {"TTSR": (37.953, 0.9393), "TTSR-Rec101": (38.245, 0.9405), "TTSR-FD": (39.009, 0.9521)},
        ),
    ),
    "xpgan/1": (
        Block(
            f"{XPGAN}, table 1",
            ("ssim",),
            BLURS,
            {"XPGAN": (0.85, 0.80, 0.83, 0.85, 0.89), "Bicubic": (0.81, 0.72, 0.74, 0.79, 0.86)},
        ),
    ),
    "xpgan/2": (
        Block(
            f"{XPGAN}, table 2; the originals' mean in the text above it",
            ("laplacian_variance",),
            BLURS,
            {"XPGAN": (30.58, 14.65, 23.85, 28.38, 31.08), "Bicubic": (1.72, 0.94, 0.99, 1.10, 1.69), "Original": (144.21,) * 5},
        ),
    ),
    "transform-mri/1": (
        Block(
            f"{MRI}, table I",
            LEARNED,
            scales("IXI T1"),
            {
                "Bicubic": (28.89, 0.899, 0.057, 22.64, 0.677, 0.308, 19.53, 0.510, 0.524),
                "EDSR": (35.39, 0.965, 0.025, 27.90, 0.849, 0.118, 24.24, 0.714, 0.233),
                "LIIF": (35.52, 0.966, 0.024, 28.14, 0.859, 0.109, 24.82, 0.743, 0.195),
                "LTE": (35.04, 0.958, 0.031, 27.59, 0.843, 0.116, 24.13, 0.698, 0.215),
                "DRFSA": (35.37, 0.965, 0.026, 28.23, 0.859, 0.111, 24.73, 0.738, 0.199),
                "ArSSR": (30.22, 0.921, 0.052, 23.86, 0.727, 0.264, 20.73, 0.559, 0.434),
                "ours": (35.71, 0.968, 0.023, 28.56, 0.870, 0.101, 24.92, 0.750, 0.188),
            },
        ),
        Block(
            f"{MRI}, table I",
            LEARNED,
            scales("IXI T2"),
            {
                "Bicubic": (28.82, 0.917, 0.046, 22.52, 0.740, 0.233, 19.51, 0.596, 0.419),
                "EDSR": (35.51, 0.969, 0.020, 26.83, 0.864, 0.101, 22.59, 0.738, 0.214),
                "LIIF": (35.77, 0.969, 0.020, 27.12, 0.868, 0.098, 22.85, 0.746, 0.197),
                "LTE": (35.49, 0.970, 0.020, 27.48, 0.876, 0.089, 23.72, 0.763, 0.164),
                "DRFSA": (35.31, 0.968, 0.020, 26.91, 0.868, 0.104, 22.66, 0.743, 0.205),
                "ArSSR": (30.42, 0.936, 0.041, 23.81, 0.776, 0.209, 20.55, 0.629, 0.373),
                "ours": (37.41, 0.976, 0.013, 28.48, 0.899, 0.076, 24.37, 0.803, 0.143),
            },
        ),
        Block(
            f"{MRI}, table I",
            LEARNED,
            scales("IXI PD"),
            {
                "Bicubic": (29.39, 0.927, 0.043, 22.64, 0.752, 0.229, 19.07, 0.591, 0.426),
                "EDSR": (36.98, 0.974, 0.018, 28.77, 0.884, 0.087, 23.86, 0.765, 0.179),
                "LIIF": (37.16, 0.975, 0.018, 28.85, 0.887, 0.083, 24.04, 0.773, 0.162),
                "LTE": (36.37, 0.975, 0.019, 28.89, 0.894, 0.079, 24.96, 0.777, 0.147),
                "DRFSA": (36.85, 0.973, 0.019, 28.78, 0.887, 0.090, 23.82, 0.766, 0.169),
                "ArSSR": (30.99, 0.944, 0.038, 24.02, 0.792, 0.199, 20.30, 0.633, 0.355),
                "ours": (38.62, 0.980, 0.012, 30.46, 0.915, 0.069, 26.25, 0.829, 0.128),
            },
        ),
        Block(
            f"{MRI}, table I",
            LEARNED,
            scales("SIMON"),
            {
                "Bicubic": (31.84, 0.924, 0.050, 25.58, 0.745, 0.238, 22.55, 0.600, 0.450),
                "EDSR": (37.63, 0.970, 0.029, 29.85, 0.873, 0.114, 25.34, 0.724, 0.257),
                "LIIF": (37.94, 0.971, 0.028, 30.21, 0.876, 0.119, 25.61, 0.734, 0.239),
                "LTE": (36.03, 0.965, 0.038, 29.75, 0.858, 0.127, 24.73, 0.678, 0.310),
                "DRFSA": (36.09, 0.963, 0.039, 29.93, 0.874, 0.115, 25.53, 0.727, 0.242),
                "ArSSR": (33.29, 0.940, 0.047, 27.02, 0.783, 0.214, 23.68, 0.635, 0.414),
                "ours": (36.52, 0.971, 0.027, 30.22, 0.873, 0.111, 25.79, 0.741, 0.236),
            },
        ),
        Block(
            f"{MRI}, table I",
            LEARNED,
            scales("SISRMRI"),
            {
                "Bicubic": (34.91, 0.916, 0.031, 27.70, 0.670, 0.285, 24.15, 0.574, 0.537),
                "EDSR": (43.62, 0.981, 0.014, 31.78, 0.797, 0.181, 27.85, 0.672, 0.394),
                "LIIF": (43.08, 0.981, 0.015, 31.55, 0.792, 0.174, 27.61, 0.662, 0.438),
                "LTE": (42.97, 0.980, 0.015, 31.86, 0.798, 0.180, 27.92, 0.674, 0.407),
                "DRFSA": (43.91, 0.983, 0.012, 31.73, 0.798, 0.170, 27.81, 0.672, 0.396),
                "ArSSR": (38.31, 0.956, 0.026, 28.78, 0.709, 0.273, 26.16, 0.628, 0.504),
                "ours": (44.57, 0.983, 0.012, 31.96, 0.801, 0.172, 27.99, 0.676, 0.388),
            },
        ),
    ),
    "transform-mri/2": (
        Block(
            f"{MRI}, table II; its ticks are out of line, the text tells the rows apart",
            LEARNED,
            scales("IXI T2"),
            {
                "high-frequency only": (36.32, 0.972, 0.015, 27.44, 0.878, 0.090, 22.78, 0.728, 0.163),
                "low-frequency only": (35.11, 0.965, 0.019, 27.34, 0.875, 0.090, 23.60, 0.776, 0.166),
                "both": (37.41, 0.976, 0.013, 28.48, 0.899, 0.076, 24.37, 0.803, 0.143),
            },
        ),
    ),
    "ct-uct/1": (Block(f"{UCT}, table 1", ("ssim",), ("synthesised clinical CT",), {"SR-CycleGAN": (0.40,), "Proposed Method": (0.51,)}),),
    "aid/1": (
        Block(
            f"{AID}, table 1",
            FIDELITY,
            ("mini x4", "plus x4", "mini x2", "plus x2"),
            {
                "Ours+": (31.90, 0.9476, 31.52, 0.9454, 34.03, 0.9589, 32.54, 0.9473),
                "Ours": (31.21, 0.9506, 30.78, 0.9469, 34.11, 0.9590, 32.43, 0.9483),
                "Bicubic": (28.55, 0.9403, 28.68, 0.9354, 29.91, 0.9440, 30.21, 0.9361),
                "DPSR": (29.79, 0.9497, 29.98, 0.9431, 31.00, 0.9412, 31.59, 0.9322),
                "PSRGAN": (29.39, 0.9306, 28.65, 0.9273, 29.87, 0.9470, 29.04, 0.9381),
                "SRMD": (16.32, 0.6247, 16.31, 0.6204, 14.75, 0.5571, 14.74, 0.5570),
                "ESRGAN": (28.63, 0.9313, 28.07, 0.9267, 30.03, 0.9438, 29.43, 0.9340),
                "SPSR": (29.80, 0.9415, 28.77, 0.9358, 30.74, 0.9357, 30.53, 0.9313),
            },
        ),
    ),
    "aid/2": (
        Block(f"{AID}, table 2a", FIDELITY, ("bicubic", "mini"), {"PSRGAN": (33.66, 0.9383, 26.85, 0.8445)}),
        Block(
            f"{AID}, tables 2b, 2c and 2d",
            FIDELITY,
            ("mini",),
            {
                "Direct SR": (28.05, 0.9038),
                "Denoising + SR": (28.09, 0.9072),
                "DnCNN head": (27.34, 0.8747),
                "Attention head": (28.78, 0.9250),
                "Dropout 0.5": (29.02, 0.9324),
                "Dropout 0.1": (29.34, 0.9179),
                "Denoising pretrained": (29.13, 0.9236),
                "SR pretrained": (29.90, 0.9281),
                "Joint training": (30.14, 0.9271),
            },
        ),
    ),
}


def printed(table: str, row: str, column: str, figure: str) -> float | None:
    """What a paper prints in a place of a table; None where it prints nothing.

    >>> printed("xpgan/1", "Bicubic", "k = 30", "ssim")
    0.74
    """
    return next((value for block in PRINTED[table] if (value := block.value(row, column, figure)) is not None), None)
