"""Networks: one architecture a file, one line here."""

from radloupe.tables import Table

NETWORKS = Table(
    "network",
    {
        "loupe": "radloupe.nets.loupe:LOUPE",
    },
)
"""What enlarges an image: rows are `architecture.Architecture`."""

PARTS = Table("network part", {})
"""What only training needs beside them: discriminators, texture extractors, reverse generators. Functions of settings that return modules."""
