"""Networks: one architecture a file, one line here."""

from radloupe.tables import Table

NETWORKS = Table("network", {"loupe": "radloupe.nets.loupe:LoupeNet"})
