"""What a picture that was projected from CT remembers of where it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from radloupe.imaging.camera import Point, View
from radloupe.imaging.geometry import LPS_TO_RAS, Affine


@dataclass(frozen=True)
class Projected:
    """Where a picture was taken and from what: `Image.source` of a projection that is to become DICOM."""

    view: View
    isocentre: Point
    """LPS mm; what the C-arm turned about."""
    kind: str = "rt"
    headers: Sequence[Any] = ()
    """The CT's data sets; none where it was no DICOM."""
    relationship: Literal["LIN", "LOG"] = "LOG"
    """How numbers follow the X-rays' intensity."""
    bright: Literal[1, -1] = -1
    """1 where more X-rays make larger numbers, -1 where they make smaller ones (bone is bright)."""
    kvp: float | None = None
    """The tube voltage in kV, where a spectrum was used."""

    def on(self, affine: Affine, shape: tuple[int, int]) -> "Projected":
        """The same for a picture whose pixels have been enlarged, shrunk or cropped since: its own affine (RAS) and shape say where."""
        lps = LPS_TO_RAS @ affine
        return replace(self, view=replace(self.view, shape=shape, origin=lps[:3, 3], u=lps[:3, 0], v=lps[:3, 1]))
