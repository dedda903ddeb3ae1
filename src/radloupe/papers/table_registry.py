"""Registry of the papers' tables that `radloupe reproduce` makes: methods, data and claims, one line each."""

from radloupe.core.tables import Table

TABLES = Table(
    "table",
    {
        "ttsr-fd/1": "radloupe.papers.ttsr_fd.table:TABLE_1",
        "ttsr-fd/2": "radloupe.papers.ttsr_fd.table:TABLE_2",
        "ttsr-fd/3": "radloupe.papers.ttsr_fd.table:TABLE_3",
        "xpgan/1": "radloupe.papers.xpgan.table:TABLE_1",
        "xpgan/2": "radloupe.papers.xpgan.table:TABLE_2",
        "transform-mri/1": "radloupe.papers.transform_mri.table:TABLE_1",
        "transform-mri/2": "radloupe.papers.transform_mri.table:TABLE_2",
        "ct-uct/1": "radloupe.papers.ct_uct.table:TABLE_1",
        "aid/1": "radloupe.papers.aid_srgan.table:TABLE_1",
        "aid/2": "radloupe.papers.aid_srgan.table:TABLE_2",
    },
)
"""Rows are `runner.paper_table.PaperTable`."""
