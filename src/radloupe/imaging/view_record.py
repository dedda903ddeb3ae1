"""JSON records of views, and the files that hold them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from radloupe.core.errors import InputError
from radloupe.imaging.camera import View

POINTS = ("source", "direction", "origin", "u", "v", "isocentre")
LARGEST_BYTES = 1_000_000
EXPECTED = "Expected a view as JSON: shape [rows, columns], origin, u, v, and a source or a direction, each of three numbers in LPS mm"


def view_record(view: View) -> dict[str, Any]:
    """JSON record of a view: shape, C-arm angles in degrees, and points in LPS mm; None for those that it does not have.

    >>> view = View((2, 3), np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 0, -1.0]), source=np.array([0, -900.0, 0]))
    >>> view_record(view)["source"], read_record(view_record(view)).shape
    ([0.0, -900.0, 0.0], (2, 3))
    """
    points = {name: getattr(view, name) for name in POINTS}
    numbers = {name: None if point is None else np.asarray(point, float).tolist() for name, point in points.items()}
    return {"angles": list(view.angles or ()), "shape": list(view.shape), **numbers}


def read_record(record: Any) -> View:
    """The view of a record; raises `InputError` for anything else."""
    try:
        points = {name: None if record.get(name) is None else np.array(record[name], float) for name in POINTS}
        rows, columns = (int(n) for n in record["shape"])
        angles = tuple(float(angle) for angle in record.get("angles") or ()) or None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{EXPECTED}; found a record without them. Write it by `radloupe register` or `view_record`.") from error
    wrong = [name for name, point in points.items() if point is not None and (point.shape != (3,) or not np.isfinite(point).all())]
    wrong += [name for name in ("origin", "u", "v") if points[name] is None]
    if wrong or min(rows, columns) < 1 or (angles is not None and len(angles) != 3):
        raise InputError(f"{EXPECTED}; found {', '.join(wrong) or f'a shape of {rows} x {columns}'} that is not so.")
    return View((rows, columns), angles=angles, **points)  # type: ignore[arg-type]  # the three required points are present


def read_view(path: Path) -> View:
    """The view in a JSON file: a record itself, or one under `view` as registration writes it. Raises `InputError`."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(f"{EXPECTED}, found a file of more than {LARGEST_BYTES} bytes: {path}")
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(f"{EXPECTED}, found a file that cannot be read as JSON: {path}") from error
    return read_record(found.get("view", found) if isinstance(found, dict) else found)
