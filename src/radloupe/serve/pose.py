"""Parameters of a frame of the live page, validated when read from the query of its URL."""

import math
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from radloupe.core.errors import UsageError

RANGES: dict[str, tuple[float, float]] = {
    "primary": (-360, 360),
    "secondary": (-360, 360),
    "roll": (-360, 360),
    "sid": (1, 5000),
    "kvp": (20, 200),
    "black": (-100, 1000),
    "white": (-100, 1000),
    "inverted": (0, 1),
    "rough": (0, 1),
    "size": (64, 1024),
}


@dataclass(frozen=True)
class Pose:
    """Pose of a C-arm and display window of its image; `RANGES` holds the accepted values."""

    primary: float = 0.0
    """Degrees, + towards the patient's left."""
    secondary: float = 0.0
    """Degrees, + towards the head."""
    roll: float = 0.0
    sid: float = 1000.0
    """Millimetres from the source to the isocentre."""
    kvp: float = 80.0
    black: float = 0.0
    """Line integral displayed as black; below `white`."""
    white: float = 8.0
    inverted: float = 0.0
    """1 for dark bones, as in fluoroscopy."""
    rough: float = 0.0
    """1 for half the voxels along each axis, which is faster."""
    size: float = 512.0
    """Rows and columns; a whole number."""


def parse(query: str) -> Pose:
    """Pose from the query of a URL; missing parameters get their defaults. Raises `UsageError` for unknown names or values out of range."""
    try:
        given = {name: float(value) for name, value in parse_qsl(query, strict_parsing=bool(query), max_num_fields=len(RANGES))}
    except ValueError as error:
        raise UsageError("Expected name=number pairs in the address.") from error
    for name, value in given.items():
        low, high = RANGES.get(name, (math.nan, math.nan))
        if not low <= value <= high:
            known = ", ".join(f"{one} from {RANGES[one][0]:g} to {RANGES[one][1]:g}" for one in RANGES)
            raise UsageError(f"Expected {known}; found {name[:20]!r} of {value:g}.")
    pose = replace(Pose(), **given)
    if not pose.size.is_integer() or pose.white <= pose.black:
        raise UsageError("Expected a whole number as size, and white above black.")
    return pose
