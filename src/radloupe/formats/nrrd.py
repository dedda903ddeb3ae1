"""NRRD: a text header, then the numbers raw or gzipped; reading also takes a header (.nhdr) with its data file beside it.

The fields are those of https://teem.sourceforge.net/nrrd/format.html.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from radloupe.core.errors import InputError, quoted
from radloupe.core.limits import LIMITS, Limits
from radloupe.formats import note
from radloupe.formats import textheader as text
from radloupe.formats.raw import Run, load, stored_blocks
from radloupe.formats.translate import translate
from radloupe.formats.volume_image import array_shape, itk_affine, volume
from radloupe.imaging import geometry
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import plain_storage

FORM = "NRRD"
NAMES = {
    "i1": "int8 signed-char int8_t",
    "u1": "uint8 uchar unsigned-char uint8_t",
    "i2": "int16 short short-int signed-short signed-short-int int16_t",
    "u2": "uint16 ushort unsigned-short unsigned-short-int uint16_t",
    "i4": "int32 int signed-int int32_t",
    "u4": "uint32 uint unsigned-int uint32_t",
    "i8": "int64 longlong long-long long-long-int signed-long-long signed-long-long-int int64_t",
    "u8": "uint64 ulonglong unsigned-long-long unsigned-long-long-int uint64_t",
    "f4": "float",
    "f8": "double",
}
TYPES = {name.replace("-", " "): code for code, names in NAMES.items() for name in names.split()}
TO_LPS = {
    "": (1, 1, 1), "left-posterior-superior": (1, 1, 1), "lps": (1, 1, 1), "right-anterior-superior": (-1, -1, 1), "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1), "las": (1, -1, 1),
}  # fmt: skip
SPACE_KINDS = ("domain", "space", "???", "none")
SAME = {"datafile": "data file", "byteskip": "byte skip", "lineskip": "line skip"}


def read(path: Path, limits: Limits = LIMITS) -> Image:
    """Read an NRRD. Raises `InputError`, `LimitError`."""
    with translate(path, FORM):
        with path.open("rb") as file:
            fields = text.unique(parse(text.lines(file, ended=True)), FORM)
            end = file.tell()
        data, offset = (text.beside(path, fields["data file"]), 0) if "data file" in fields else (path, end)
        sizes = text.whole(text.require(fields, "sizes", FORM), "sizes")
        affine = placement(fields, sizes)
        run = Run(data, offset, dtype(fields), array_shape(sizes), packed(fields))
        return volume(load(run, limits), affine, f"{note.NAME} {fields.get(note.NAME)}")


def parse(header: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Fields up to the empty line (or the end of a detached header); comments and the `key:=value` pairs of other programs are skipped."""
    next(header)  # the magic word
    for line in header:
        if not line:
            return
        name, colon, value = line.partition(":")
        if line.startswith("#") or (value.startswith("=") and name != note.NAME):
            continue
        if not colon:
            raise InputError(f"Expected lines 'field: value' in the NRRD header, found {quoted(line)}. The file is damaged.")
        name = name.strip().lower()
        yield SAME.get(name, name), value.removeprefix("=")


def packed(fields: dict[str, str]) -> bool:
    """Whether the numbers are gzipped."""
    encoding = text.require(fields, "encoding", FORM).lower()
    skips = [fields.get(name, "0") for name in ("byte skip", "line skip")]
    if encoding not in ("raw", "gzip", "gz") or skips != ["0", "0"]:
        raise InputError(
            f"Expected an NRRD with the encoding raw or gzip and nothing to skip, found the encoding {quoted(encoding)} and "
            f"{' and '.join(map(quoted, skips))} to skip. Save it as one of these."
        )
    return encoding != "raw"


def dtype(fields: dict[str, str]) -> np.dtype:
    """The type of the stored numbers, with its byte order."""
    kind = " ".join(text.require(fields, "type", FORM).lower().split())
    code = TYPES.get(kind)
    if code is None:
        raise InputError(f"Expected an NRRD of integers or floating-point numbers, found the type {quoted(kind)}. Convert the image first.")
    order = fields.get("endian", "little" if code[1] == "1" else "").lower()
    if order not in ("little", "big"):
        raise InputError(f"Expected 'endian: little' or 'endian: big' in the NRRD header, found {quoted(order)}. Repair the header.")
    return np.dtype((">" if order == "big" else "<") + code)


def placement(fields: dict[str, str], sizes: list[int]) -> np.ndarray:
    """The affine, from the directions of the axes in their space or from their spacings alone."""
    dimension = text.whole(text.require(fields, "dimension", FORM), "dimension")
    if dimension != [len(sizes)]:
        raise InputError(f"Expected as many sizes as the NRRD's dimension, {dimension[0]}, found {len(sizes)}. The header is damaged.")
    check_kinds(fields)
    steps = directions(fields, len(sizes))
    n = len(steps)
    origin = vectors(fields["space origin"], "space origin") if "space origin" in fields else [[0.0] * n]
    signs = TO_LPS.get(fields.get("space", "").lower())
    lengths = np.linalg.norm(steps, axis=0)
    if signs is None or len(origin) != 1 or len(origin[0]) < n or not (lengths > 0).all():
        space = quoted(fields.get("space", ""))
        raise InputError(
            f"Expected the NRRD in LPS, RAS or LAS space with an origin and a direction for each axis, found the space {space} with "
            f"{len(origin)} origin(s) and directions of length {', '.join(f'{length:g}' for length in lengths)}. Repair the header."
        )
    flip = np.diag(signs[:n])
    return itk_affine(flip @ origin[0][:n], flip @ (steps / lengths), lengths)


def check_kinds(fields: dict[str, str]) -> None:
    """Raise `InputError` for vectors and colour: spatial axes come first; an axis of kind time or list may follow three of them."""
    for index, kind in enumerate(fields.get("kinds", "").lower().split()):
        if kind not in SPACE_KINDS and not (index == 3 and kind in ("time", "list")):
            raise InputError(
                f"Expected an NRRD of one number for each voxel, found colour or vectors: axis {index} is {quoted(kind)}. Split it first."
            )


def directions(fields: dict[str, str], count: int) -> np.ndarray:
    """Steps along the first three axes (or two) as columns, in the file's space."""
    n = min(count, 3)
    if "space directions" not in fields:
        spacings = fields.get("spacings", "1 " * count)
        return np.diag(text.numbers(spacings, count, "spacings")[:n])
    found = vectors(fields["space directions"], "space directions")
    if len(found) != count or any(len(v) < n or any(v[n:]) for v in found[:n]):
        raise InputError(f"Expected a space direction for each of {count} axes of the NRRD, found {len(found)}. Repair the header.")
    return np.array([v[:n] for v in found[:n]]).T


def vectors(value: str, name: str) -> list[list[float]]:
    """Vectors such as `(1,0,0) (0,1,0) none`; none is empty."""
    found = re.findall(r"none|\([^()]*\)", value)
    return [[] if v == "none" else text.numbers(v[1:-1].replace(",", " "), v.count(",") + 1, name) for v in found]


def write(image: Image, blocks: Iterable[np.ndarray], path: Path) -> None:
    """Write an NRRD with attached data, block by block, uncompressed."""
    storage = plain_storage(image.info.storage, image.pixels.dtype)
    with path.open("wb") as file:
        file.write(head(image, np.dtype(storage.dtype)))
        for block in stored_blocks(image, blocks, storage):
            file.write(block.data)


def head(image: Image, dtype: np.dtype) -> bytes:
    """The header; a fourth axis is a list of volumes."""
    origin, cosines, spacing = geometry.to_lps(image.affine)
    several = len(image.pixels) > 1
    shape = image.pixels.shape[::-1] if several else image.pixels.shape[:0:-1]
    rows = {
        "type": next(names.split()[0] for code, names in NAMES.items() if np.dtype(code) == dtype),
        "dimension": len(shape),
        "space": "left-posterior-superior",
        "sizes": " ".join(map(str, shape)),
        "space directions": " ".join(map(vector, (cosines * spacing).T)) + several * " none",
        "kinds": "domain domain domain" + several * " list",
        "endian": "little",
        "encoding": "raw",
        "space origin": vector(origin),
    }
    fields = "".join(f"{name}: {value}\n" for name, value in rows.items())
    return f"NRRD0004\n{fields}{note.NAME}:={json.dumps(note.note(image.info))}\n\n".encode()


def vector(values: Iterable[float]) -> str:
    """`(x,y,z)` at full precision."""
    return f"({','.join(repr(float(v)) for v in values)})"
