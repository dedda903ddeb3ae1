"""MetaImage: a text header, and its data in the same file (.mha) or beside it (.mhd and .raw)."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from radloupe.core.errors import InputError, UsageError, quoted
from radloupe.core.limits import LIMITS, Limits
from radloupe.formats import note
from radloupe.formats import textheader as text
from radloupe.formats.raw import Run, load, stored_blocks
from radloupe.formats.translate import translate
from radloupe.formats.volume_image import array_shape, itk_affine, volume
from radloupe.imaging import geometry
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import plain_storage

FORM = "MetaImage"
TYPES = {
    "MET_CHAR": "i1", "MET_UCHAR": "u1", "MET_SHORT": "i2", "MET_USHORT": "u2", "MET_INT": "i4", "MET_UINT": "u4",
    "MET_LONG_LONG": "i8", "MET_ULONG_LONG": "u8", "MET_FLOAT": "f4", "MET_DOUBLE": "f8",
}  # fmt: skip
SAME = {"orientation": "transformmatrix", "rotation": "transformmatrix", "origin": "offset", "position": "offset",
        "elementbyteordermsb": "binarydatabyteordermsb"}  # fmt: skip
PLAIN = {"binarydata": "true", "elementnumberofchannels": "1", "headersize": "0",
         "elementtointensityfunctionslope": "1", "elementtointensityfunctionoffset": "0"}  # fmt: skip
"""Required values of optional fields; files with other values hold text, colour, or numbers that readers rescale differently."""


def read(path: Path, limits: Limits = LIMITS) -> Image:
    """Read a MetaImage. Raises `InputError`, `LimitError`."""
    with translate(path, FORM):
        with path.open("rb") as file:
            fields = text.unique(((SAME.get(k, k), v) for k, v in parse(text.lines(file))), FORM)
            end = file.tell()
        check(fields)
        name = text.require(fields, "elementdatafile", FORM)
        data, offset = (path, end) if name.upper() == "LOCAL" else (text.beside(path, name), 0)
        shape = array_shape(sizes(fields))
        run = Run(data, offset, dtype(fields), shape, packed=says(fields, "compresseddata"))
        return volume(load(run, limits), placement(fields), fields.get("comment", ""))


def parse(header: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Names (lower case) and values up to the name of the data file, which ends the header."""
    for line in header:
        name, equals, value = line.partition("=")
        name = name.strip().lower()
        if not equals:
            raise InputError(f"Expected lines 'Name = Value' in the MetaImage header, found {quoted(line)}. The file is damaged.")
        yield name, value
        if name == "elementdatafile":
            return


def check(fields: dict[str, str]) -> None:
    """Raise `InputError` unless the data are one uncompressed binary number per voxel."""
    for name, expected in PLAIN.items():
        found = fields.get(name, expected)
        if found.lower() != expected:
            raise InputError(
                f"Expected {name} = {expected} in the MetaImage header, found {quoted(found)}. Save one plain grey image instead."
            )


def says(fields: dict[str, str], name: str) -> bool:
    """Whether a boolean field is set."""
    return fields.get(name, "false").lower() in ("true", "1")


def sizes(fields: dict[str, str]) -> list[int]:
    """Voxels along x, y, z and time."""
    found = text.whole(text.require(fields, "dimsize", FORM), "DimSize")
    axes = text.whole(text.require(fields, "ndims", FORM), "NDims")
    if axes != [len(found)]:
        raise InputError(f"Expected as many numbers in DimSize as NDims, {axes[0]}, found {len(found)}. The MetaImage header is damaged.")
    return found


def dtype(fields: dict[str, str]) -> np.dtype:
    """The type of the stored numbers, with its byte order."""
    kind = text.require(fields, "elementtype", FORM)
    code = TYPES.get(kind.upper())
    if code is None:
        raise InputError(f"Expected an ElementType out of {', '.join(TYPES)}, found {quoted(kind)}. Convert the image first.")
    return np.dtype((">" if says(fields, "binarydatabyteordermsb") else "<") + code)


def placement(fields: dict[str, str]) -> np.ndarray:
    """The affine; each axis's direction stands in n consecutive numbers, in LPS."""
    n = len(sizes(fields))
    identity = " ".join(f"{v:g}" for v in np.eye(n).ravel())
    matrix = np.array(text.numbers(fields.get("transformmatrix", identity), n * n, "TransformMatrix")).reshape(n, n).T
    origin = np.array(text.numbers(fields.get("offset", "0 " * n), n, "Offset"))
    return itk_affine(origin, matrix, np.array(text.numbers(fields.get("elementspacing", "1 " * n), n, "ElementSpacing")))


def write(image: Image, blocks: Iterable[np.ndarray], path: Path) -> None:
    """Write .mha, or .mhd with its numbers in a .raw file beside it; block by block, not compressed."""
    storage = plain_storage(image.info.storage, image.pixels.dtype)
    local = path.suffix.lower() != ".mhd"
    data = path if local else path.with_suffix(".raw")
    if not (local or text.is_plain(data.name)):
        raise UsageError(
            f"The name {data.name} would be taken for a path, a list or a pattern in a MetaImage header. Choose another, or .mha."
        )
    header = head(image, np.dtype(storage.dtype), "LOCAL" if local else data.name)
    path.write_bytes(header)
    with data.open("ab") as file:
        for block in stored_blocks(image, blocks, storage):
            file.write(block.data)


def head(image: Image, dtype: np.dtype, data: str) -> bytes:
    """The header for numbers in the file `data`."""
    origin, directions, spacing = geometry.to_lps(image.affine)
    n, shape = (3, image.pixels.shape[:0:-1]) if len(image.pixels) == 1 else (4, image.pixels.shape[::-1])
    matrix = np.eye(n)
    matrix[:3, :3] = directions
    rows = {
        "Comment": note.text(image.info),
        "ObjectType": "Image",
        "NDims": n,
        "BinaryData": True,
        "BinaryDataByteOrderMSB": False,
        "CompressedData": False,
        "TransformMatrix": words(matrix.T.ravel()),
        "Offset": words([*origin, 0.0][:n]),
        "ElementSpacing": words([*spacing, 1.0][:n]),
        "DimSize": " ".join(map(str, shape)),
        "ElementType": next(name for name, code in TYPES.items() if np.dtype(code) == dtype),
        "ElementDataFile": data,
    }
    return "".join(f"{name} = {value}\n" for name, value in rows.items()).encode()


def words(values: Iterable[float]) -> str:
    """Numbers as text at full precision."""
    return " ".join(repr(float(v)) for v in values)
