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
    """Isocentre of the C-arm in LPS mm."""
    kind: str | None = None
    """Kind of DICOM object; by default chosen by beam and numbers."""
    headers: Sequence[Any] = ()
    """The CT's data sets; none where it was no DICOM."""
    relationship: Literal["LIN", "LOG"] = "LOG"
    """Relationship of the pixel values to the X-ray intensity."""
    bright: Literal[1, -1] = -1
    """Sign of that relationship: 1 where more X-rays give larger values, -1 where they give smaller ones (bone is bright)."""
    kvp: float | None = None
    """Tube voltage in kV, if a spectrum was used."""

    def on(self, affine: Affine, shape: tuple[int, int]) -> "Projected":
        """Provenance of the resampled or cropped image with this affine (RAS) and shape."""
        lps = LPS_TO_RAS @ affine
        return replace(self, view=replace(self.view, shape=shape, origin=lps[:3, 3], u=lps[:3, 0], v=lps[:3, 1]))
