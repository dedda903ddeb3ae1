"""Series of views: grids of C-arm angles, and random ones."""

import re

from radloupe.core import seeds
from radloupe.core.errors import LimitError, UsageError
from radloupe.imaging.camera import Angles

RANDOM_DEGREES = 45.0
MOST = 10_000
EXPECTED = "Expected grid:DEGREES (such as grid:24, 15 x 15 views all around) or random:COUNT (angles within 45 degrees)"


def series(text: str, seed: int = 0) -> list[Angles]:
    """The angles of a series by its name.

    `grid:24` is the full grid in steps of 24 degrees about both axes: 15 x 15 views, the primary angle outermost. `random:30` draws 30
    pairs of angles within 45 degrees. Raises `UsageError`, and `LimitError` for more than 10,000 views.

    >>> len(series("grid:24")), series("grid:24")[16]
    (225, (24.0, 24.0, 0.0))
    """
    found = re.fullmatch(r"(grid|random):(\d{1,9}(?:\.\d{1,9})?)", text.strip())
    if not found:
        raise UsageError(f"{EXPECTED}, found {text!r}.")
    kind, number = found[1], float(found[2])
    if kind == "grid":
        return grid(number)
    if not (number.is_integer() and number >= 1):
        raise UsageError(f"{EXPECTED}, found {text!r}.")
    check_count(number)
    return [(*drawn, 0.0) for drawn in draws(int(number), seed)]


def grid(step: float) -> list[Angles]:
    """All pairs of angles of a full 360-degree grid; raises `UsageError` for steps that do not divide 360 degrees."""
    count = round(360 / step) if step else 0
    if not count or abs(count * step - 360) > 1e-6:
        raise UsageError(f"Expected a step that divides 360 degrees, found {step:g}. Take 24, 20 or 30, say.")
    check_count(count**2)
    steps = [number * step for number in range(count)]
    return [(primary, secondary, 0.0) for primary in steps for secondary in steps]


def draws(count: int, seed: int) -> list[tuple[float, float]]:
    """Random pairs of angles; the first ones do not depend on `count`."""
    numbers = (seeds.generator(seed, "views", item).uniform(-RANDOM_DEGREES, RANDOM_DEGREES, 2) for item in range(count))
    return [(float(primary), float(secondary)) for primary, secondary in numbers]


def check_count(count: float) -> None:
    """Raise `LimitError` for too many views."""
    if count > MOST:
        raise LimitError(f"Expected at most {MOST} views in a series, found {count:g}. Take a wider grid, or several series.")
