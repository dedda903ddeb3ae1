"""Printed tables of AID-SRGAN."""

from collections.abc import Mapping

from radloupe.papers.printed_table import FIDELITY, PrintedTable

SOURCE = "AID-SRGAN, section 3 (MICCAI 2022)"

PRINTED: Mapping[str, tuple[PrintedTable, ...]] = {
    "aid/1": (
        PrintedTable(
            f"{SOURCE}, table 1",
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
        PrintedTable(f"{SOURCE}, table 2a", FIDELITY, ("bicubic", "mini"), {"PSRGAN": (33.66, 0.9383, 26.85, 0.8445)}),
        PrintedTable(
            f"{SOURCE}, tables 2b, 2c and 2d",
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
