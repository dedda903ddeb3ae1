"""Registry of the papers' printed tables, by the name of the table."""

from collections.abc import Mapping

from radloupe.papers.aid_srgan import printed as aid_srgan
from radloupe.papers.ct_uct import printed as ct_uct
from radloupe.papers.printed_table import PrintedTable
from radloupe.papers.transform_mri import printed as transform_mri
from radloupe.papers.ttsr_fd import printed as ttsr_fd
from radloupe.papers.xpgan import printed as xpgan

PRINTED: Mapping[str, tuple[PrintedTable, ...]] = {
    name: tables for paper in (ttsr_fd, xpgan, transform_mri, ct_uct, aid_srgan) for name, tables in paper.PRINTED.items()
}


def printed(table: str, row: str, column: str, metric: str) -> float | None:
    """The value that a paper prints for a row, column and metric of a table; None where it prints none.

    >>> printed("xpgan/1", "Bicubic", "k = 30", "ssim")
    0.74
    """
    return next((value for part in PRINTED[table] if (value := part.value(row, column, metric)) is not None), None)
