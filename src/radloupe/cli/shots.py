"""One picture of `radloupe project`: from line integrals to what the file is to hold, and into the file."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from radloupe import formats
from radloupe.core import files
from radloupe.core.errors import UsageError
from radloupe.core.settings import changed
from radloupe.drr.detector.display import Polarity, Scale, Window
from radloupe.drr.detector.flat_panel import Detector, quanta
from radloupe.drr.interop import matrix
from radloupe.drr.physics.spectra import spectrum
from radloupe.drr.project import KINDS, exposed, seen, shown
from radloupe.drr.projector import Projector
from radloupe.formats.dicom.dicom_format import KINDS as DICOM_KINDS
from radloupe.imaging.camera import View
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import Storage

Row = dict[str, Any]
DOSE_KVP = 80.0  # of the beam that a dose is counted in where no spectrum was asked for
MOST_STORED = 2**16 - 1


@dataclass(frozen=True)
class Finish:
    """What becomes of line integrals. Raises `UsageError` for settings that do not go together."""

    kind: str
    form: str
    """The name of the file's format."""
    photons: float | None = None
    dose: float | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of the detector, by name."""
    window: Window | None = None
    polarity: str = "radiograph"
    scale: str = "log"
    look: bool = False
    bits: int = 8
    dicom: str | None = None
    """A name from `formats.dicom.KINDS`; by the beam if not given."""
    seed: int = 0
    isocentre: tuple[float, ...] | None = None
    """LPS mm, where it is not the volume's middle."""

    def __post_init__(self) -> None:
        for name, known in (("kind", KINDS), ("polarity", get_args(Polarity)), ("scale", get_args(Scale))):
            if getattr(self, name) not in known:
                raise UsageError(f"Expected --{name} among {', '.join(known)}, found {getattr(self, name)!r}.")
        if self.dicom is not None:
            DICOM_KINDS[self.dicom]
        if self.photons is not None and self.dose is not None:
            raise UsageError("Expected --photons or --dose, found both. Drop one of them.")
        if self.dose is not None and not 0 < self.dose < math.inf:
            raise UsageError(f"Expected a dose above 0 uGy, found {self.dose:g}.")
        changed(Detector(), self.settings)


@dataclass(frozen=True)
class Made:
    """A picture that was written."""

    row: Row
    """What is told of it."""
    entry: Row
    """What the manifest says of it."""
    projecting_s: float


def write_shot(
    camera: Projector, view: View, item: int, finish: Finish, path: Path, overwrite: bool = False, inputs: Sequence[Path] = ()
) -> Made:
    """Make and write the picture of a view, the `item`-th of its series; none of the `inputs` is ever replaced."""
    begun = time.perf_counter()
    paths = camera.render(view)
    projecting_s = time.perf_counter() - begun
    formats.write(finished(paths, detector_of(finish, view, camera), item, finish), path, overwrite, inputs=inputs)
    row = {"output": str(path), "angles": list(view.angles or ()), "seconds": round(time.perf_counter() - begun, 4)}
    how = {"kind": finish.kind, "window": finish.window, "seed": finish.seed, "item": item}
    return Made(row, {"file": path.name, **place(view), **how, "sha256": files.sha256(path)}, projecting_s)


def detector_of(finish: Finish, view: View, camera: Projector) -> Detector | None:
    """The detector of a view; None where nothing asks for one. Raises `UsageError`."""
    if finish.kind != "counts" and finish.photons is None and finish.dose is None and not finish.settings:
        return None
    photons = finish.photons
    if finish.dose is not None:
        photons = quanta(finish.dose, camera.spectrum or spectrum(DOSE_KVP), view.spacing)
    return changed(Detector() if photons is None else Detector(photons=photons), finish.settings)


def finished(picture: Image, detector: Detector | None, item: int, finish: Finish) -> Image:
    """A picture of line integrals as what was asked for."""
    if detector:
        picture = exposed(picture, detector, finish.seed, item)
        picture = picture if finish.kind == "counts" else seen(picture, detector)
    if finish.kind == "display":
        how = {"polarity": finish.polarity, "scale": finish.scale}
        picture = shown(picture, finish.window, look=finish.look, bits=finish.bits, **cast(Any, how))
    return for_dicom(picture, finish) if finish.form == "dicom" else picture


def for_dicom(picture: Image, finish: Finish) -> Image:
    """The picture with the kind of DICOM that it is to become, and in whole numbers of 16 bits with a rescale that restores it."""
    shot = picture.source
    kind = finish.dicom or ("dx" if shot.view.source is None else "rt")
    isocentre = shot.isocentre if finish.isocentre is None else np.array(finish.isocentre)
    picture = replace(picture, source=replace(shot, kind=kind, isocentre=isocentre))
    if picture.pixels.dtype.kind != "f":
        return picture
    top = max(float(picture.pixels.max()), 0.0)
    counted = picture.info.unit == "photons" and top <= MOST_STORED
    slope = 1.0 if counted or not top else math.ceil(top / MOST_STORED * 1e9) / 1e9  # a decimal string keeps nine places
    return replace(picture, info=replace(picture.info, storage=Storage("uint16", 16, slope)))


def place(view: View) -> Row:
    """A view as the manifest says it: LPS mm, and the 3x4 matrix that takes LPS mm to (column, row)."""
    points = {name: getattr(view, name) for name in ("source", "direction", "origin", "u", "v")}
    numbers = {name: None if point is None else point.tolist() for name, point in points.items()}
    return {"angles": list(view.angles or ()), "shape": list(view.shape), "matrix": matrix(view).tolist(), **numbers}
