"""What was found in a folder: images, and files that are set aside with a reason."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from radloupe.core.errors import RadloupeError
from radloupe.formats.table import Format


@dataclass(frozen=True)
class Found:
    """An image in a folder."""

    files: tuple[Path, ...]
    """One, or the DICOM slices of a stack."""
    form: Format
    name: str | None = None
    """Of a stack: the series' number, a hash and, where a series is several stacks, a number. It says nothing of the patient."""
    why: str = ""
    """Why a stack is not its whole series."""


@dataclass(frozen=True)
class Aside:
    """Something that is not read: skipped where it is no image at all, failed where it is or should be one."""

    input: Path
    reason: str
    error: RadloupeError | None = None

    @property
    def status(self) -> Literal["failed", "skipped"]:
        """Failed where there is an error."""
        return "failed" if self.error else "skipped"
