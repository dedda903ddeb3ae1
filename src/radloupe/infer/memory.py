"""How much memory this process holds."""

import resource
import sys
from pathlib import Path

UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
TYPICAL_BYTES = 400 * 2**20  # Python with torch and the readers loaded, where the system does not tell


def resident_bytes() -> int:
    """Bytes resident now."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * resource.getpagesize() if statm.exists() else TYPICAL_BYTES


def peak_bytes() -> int:
    """The most bytes that were ever resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
