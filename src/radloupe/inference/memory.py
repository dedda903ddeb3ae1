"""Resident memory of this process."""

import re
import resource
import sys
from pathlib import Path

UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
TYPICAL_BYTES = 400 * 2**20  # Python with torch and the readers, where the system gives no value


def resident_bytes() -> int:
    """Bytes resident now."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * resource.getpagesize() if statm.exists() else TYPICAL_BYTES


def peak_bytes() -> int:
    """Peak of the resident bytes since this program began.

    `ru_maxrss` alone would not do on Linux: a program begins with the peak of the process that started it.
    """
    status = Path("/proc/self/status")
    found = re.search(r"^VmHWM:\s*(\d+) kB", status.read_text(), re.MULTILINE) if status.exists() else None
    return int(found[1]) * 1024 if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
