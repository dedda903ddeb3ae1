"""A look-up table from a file: pairs of Hounsfield units and attenuation in 1/mm."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from radloupe.core.errors import InputError
from radloupe.drr.physics.hu_to_mu import Lookup

LARGEST_BYTES = 2**20  # a table of 65536 knots
EXPECTED = 'Expected a table of Hounsfield units and attenuation in 1/mm: CSV lines such as "-100,0.0183", or JSON [[-100, 0.0183], ...]'


def read_lookup(path: str | Path) -> Lookup:
    """The look-up table of a CSV or JSON file.

    CSV: a pair a line, blank lines and lines that begin with # are left out, and a first line of names. JSON: a list of pairs. Hounsfield
    units rise; the table is constant outside them. Raises `InputError` for anything else.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(f"{EXPECTED}, found a file of more than {LARGEST_BYTES} bytes: {path}")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{EXPECTED}, found a file that cannot be read as text: {path}") from error
    try:
        pairs = np.array(json.loads(text) if path.suffix.lower() == ".json" else lines(text), float)
    except (ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{EXPECTED}, found something else in {path}.") from error
    if pairs.ndim != 2 or pairs.shape[1] != 2 or len(pairs) < 2 or not np.isfinite(pairs).all():
        raise InputError(f"{EXPECTED}, with at least two finite pairs; found something else in {path}.")
    hu, mu = pairs.T
    if (np.diff(hu) <= 0).any() or mu.min() < 0:
        raise InputError(f"{EXPECTED}, with rising Hounsfield units and no negative attenuation; found something else in {path}.")
    return Lookup(tuple(hu.tolist()), tuple(mu.tolist()))


def lines(text: str) -> list[Any]:
    """The pairs of a CSV file."""
    rows = [line.split(",") for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if rows and not any(character.isdigit() for character in rows[0][0]):
        rows = rows[1:]  # names of columns
    return [[float(cell) for cell in row] for row in rows]
