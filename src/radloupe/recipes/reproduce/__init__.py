"""The tables of the five papers, made again: what is compared, on which data, what is claimed. One paper a file, one table a line."""

from radloupe.tables import Table

TABLES = Table(
    "table",
    {
        "ttsr-fd/1": "radloupe.recipes.reproduce.ttsr_fd:TABLE_1",
        "ttsr-fd/2": "radloupe.recipes.reproduce.ttsr_fd:TABLE_2",
        "ttsr-fd/3": "radloupe.recipes.reproduce.ttsr_fd:TABLE_3",
        "xpgan/1": "radloupe.recipes.reproduce.xpgan:TABLE_1",
        "xpgan/2": "radloupe.recipes.reproduce.xpgan:TABLE_2",
        "transform-mri/1": "radloupe.recipes.reproduce.transform_mri:TABLE_1",
        "transform-mri/2": "radloupe.recipes.reproduce.transform_mri:TABLE_2",
        "ct-uct/1": "radloupe.recipes.reproduce.ct_uct:TABLE_1",
        "aid/1": "radloupe.recipes.reproduce.aid:TABLE_1",
        "aid/2": "radloupe.recipes.reproduce.aid:TABLE_2",
    },
)
"""Rows are `study.Study`."""
