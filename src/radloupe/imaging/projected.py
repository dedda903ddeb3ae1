"""Provenance of a DRR: the view and the CT that it was projected from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from radloupe.imaging.camera import Point, View
from radloupe.imaging.geometry import LPS_TO_RAS, Affine


@dataclass(frozen=True)
class Projected:
    """`Image.source` of a DRR: its view, and what it needs to become DICOM."""

    view: View
    isocentre: Point
    """LPS mm; what the C-arm turned about."""
    kind: str | None = None
    """Of DICOM object; by its beam and its numbers where it is not given."""
    headers: Sequence[Any] = ()
    """The CT's data sets; none where it was no DICOM."""
    relationship: Literal["LIN", "LOG"] = "LOG"
    """How numbers follow the X-rays' intensity."""
    bright: Literal[1, -1] = -1
    """1 where more X-rays make larger numbers, -1 where they make smaller ones (bone is bright)."""
    kvp: float | None = None
    """The tube voltage in kV, where a spectrum was used."""

    def on(self, affine: Affine, shape: tuple[int, int]) -> "Projected":
        """The same for an image whose pixels have been enlarged, shrunk or cropped since: its own affine (RAS) and shape say where."""
        lps = LPS_TO_RAS @ affine
        return replace(self, view=replace(self.view, shape=shape, origin=lps[:3, 3], u=lps[:3, 0], v=lps[:3, 1]))
