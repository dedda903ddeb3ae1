"""Printed tables of clinical CT to micro-CT."""

from collections.abc import Mapping

from radloupe.papers.printed_table import PrintedTable

SOURCE = "Clinical CT to micro-CT, section 3 (arXiv 2010.10207)"

PRINTED: Mapping[str, tuple[PrintedTable, ...]] = {
    "ct-uct/1": (
        PrintedTable(f"{SOURCE}, table 1", ("ssim",), ("synthesised clinical CT",), {"SR-CycleGAN": (0.40,), "Proposed Method": (0.51,)}),
    ),
}
