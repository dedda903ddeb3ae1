"""The type checker of the test run: annotations are enforced, and an int counts as a float (PEP 484)."""

from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))
