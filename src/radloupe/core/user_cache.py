"""Where files are kept that can be made again at any time, such as compiled networks."""

import os
from pathlib import Path

VARIABLE = "RADLOUPE_CACHE"
"""Environment variable with the folder; empty for none."""


def user_cache(room: str) -> Path | None:
    """The folder of a kind of files, made where it is missing: in `RADLOUPE_CACHE`, else in `XDG_CACHE_HOME` or `~/.cache`.

    None where the variable is empty or the folder cannot be written: what would be kept is then made anew each time.
    """
    chosen = os.environ.get(VARIABLE)
    if chosen == "":
        return None
    try:
        default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "radloupe"
        folder = (Path(chosen) if chosen else default) / room
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home, or nothing may be written there
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None
