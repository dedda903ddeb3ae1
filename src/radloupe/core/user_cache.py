"""Cache folder of the user, for files that can be regenerated, such as compiled networks."""

import os
from pathlib import Path

VARIABLE = "RADLOUPE_CACHE"
"""Environment variable of the folder; empty for no cache."""


def user_cache(room: str) -> Path | None:
    """Cache folder of a kind of files, created if missing: in `RADLOUPE_CACHE`, else in `XDG_CACHE_HOME` or `~/.cache`.

    None where the variable is empty or the folder is not writable: nothing is then cached.
    """
    chosen = os.environ.get(VARIABLE)
    if chosen == "":
        return None
    try:
        default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "radloupe"
        folder = (Path(chosen) if chosen else default) / room
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home folder, or not writable
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None
