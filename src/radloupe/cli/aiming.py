"""What `radloupe project` reads from its command line: places, sizes, tissues, the CT itself."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from radloupe.cli.degrade import assignment
from radloupe.core.errors import UsageError

if TYPE_CHECKING:
    from radloupe.drr.projector import Projector
    from radloupe.imaging.image import Image


def numbers(text: str, option: str, counts: Sequence[int]) -> tuple[float, ...]:
    """Numbers with commas between them; raises `UsageError` for others, or for another count of them."""
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if len(found) not in counts or not all(map(math.isfinite, found)):
        raise UsageError(f"Expected {option}, found {text!r}.")
    return found


def three_angles(text: str) -> tuple[float, ...]:
    """Angles in degrees; without a third one there is no roll."""
    return (*numbers(text, "--angles AX,AY or AX,AY,AZ in degrees", (2, 3)), 0.0)[:3]


def rows_columns(text: str) -> tuple[int, int]:
    """Rows and columns from `512x256`, or from `512` for both."""
    parts = text.lower().split("x")
    if len(parts) not in (1, 2) or not all(re.fullmatch(r"[1-9]\d{0,5}", part) for part in parts):
        raise UsageError(f"Expected --size ROWSxCOLUMNS such as 512x512, found {text!r}.")
    return int(parts[0]), int(parts[-1])


def form_of(path: Path, ending: str | None = None) -> str:
    """The name of the format that a file's extension asks for, or the `ending` of the files in a folder; raises `UsageError`."""
    from radloupe.formats import format_for
    from radloupe.formats.table import EXTENSIONS

    if ending is None:
        return format_for(path).name
    if path.name.lower().endswith(EXTENSIONS):
        raise UsageError(f"Expected a folder for a series of views, found a file's name: {path}. Drop the extension.")
    return format_for(Path(f"view.{ending}")).name


def kind_of(kind: str | None, form: str) -> str:
    """What a format is for where nothing was asked: pictures to look at in PNG and DICOM, numbers in others."""
    return kind or ("display" if form in ("png", "dicom") else "attenuation")


def read_ct(path: Path) -> "Image":
    """The CT; raises `InputError` where its header does not say how wide its pixels are."""
    from radloupe import formats
    from radloupe.formats.dicom.frames import check_spaced

    image = formats.read(path)
    check_spaced(image.source or ())
    return image


def camera(ct: "Image", lut: str, tissue: Sequence[str], kvp: str | None, masks: Path | None, engine: str, quality: str) -> "Projector":
    """The CT ready to be projected; raises `UsageError` for look-up tables beside a spectrum, which replaces them."""
    from radloupe import formats
    from radloupe.drr.physics.hu_to_mu import emphasise
    from radloupe.drr.projector import Projector, look_up

    labels = formats.read(masks) if masks else None
    if kvp is not None:
        if tissue or lut != "tissue":
            raise UsageError("Expected --kvp, or --lut and --tissue for a beam of one energy; found both. Drop one of them.")
        return Projector(ct, engine=engine, quality=quality, spectrum=beam(kvp), masks=labels)
    pairs = (assignment(text, "--tissue") for text in tissue)
    factors = {name: numbers(value, f"--tissue {name}=NUMBER", (1,))[0] for name, value in pairs}
    lookup = emphasise(look_up(lut), **factors) if factors else look_up(lut)
    return Projector(ct, lookup, engine, quality, masks=labels)


def beam(text: str) -> float | str:
    """A tube voltage in kV, or a beam's name."""
    return float(text) if text.replace(".", "", 1).isdecimal() else text
