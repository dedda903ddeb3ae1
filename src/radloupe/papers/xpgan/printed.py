"""Printed tables of XPGAN."""

from collections.abc import Mapping

from radloupe.papers.printed_table import PrintedTable

SOURCE = "XPGAN, section 3"
BLURS = ("random k", "k = 40", "k = 30", "k = 20", "k = 10")

PRINTED: Mapping[str, tuple[PrintedTable, ...]] = {
    "xpgan/1": (
        PrintedTable(
            f"{SOURCE}, table 1",
            ("ssim",),
            BLURS,
            {"XPGAN": (0.85, 0.80, 0.83, 0.85, 0.89), "Bicubic": (0.81, 0.72, 0.74, 0.79, 0.86)},
        ),
    ),
    "xpgan/2": (
        PrintedTable(
            f"{SOURCE}, table 2; the originals' mean in the text above it",
            ("laplacian_variance",),
            BLURS,
            {"XPGAN": (30.58, 14.65, 23.85, 28.38, 31.08), "Bicubic": (1.72, 0.94, 0.99, 1.10, 1.69), "Original": (144.21,) * 5},
        ),
    ),
}
