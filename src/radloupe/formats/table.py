"""The table of file formats: magic bytes, extensions, and the module that reads and writes each."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

HEAD_BYTES = 1024
"""Leading bytes of a file that every `recognises` gets by with."""


@dataclass(frozen=True)
class Format:
    """A file format. Its module offers

    `read(path, limits) -> Image` and `write(image, blocks, path)`, where `blocks` are 2-D arrays of whole rows in stored order (volume by
    volume, slice by slice, top to bottom; none spans two slices) in the unit and type of `image.pixels`, which may be a placeholder;
    `is_folder(image)` where an image may need a folder of files.
    """

    name: str
    extensions: tuple[str, ...]
    """The first one is used for new files."""
    recognises: Callable[[bytes], bool]
    """Whether a file's first `HEAD_BYTES` bytes (gzip already opened) are of this format."""
    module: str
    writes: bool = True

    def load(self) -> ModuleType:
        """The module behind the row, imported on first use."""
        return import_module(self.module)


def starts_with(*magic: bytes) -> Callable[[bytes], bool]:
    """A recogniser for formats with a fixed beginning."""
    return lambda head: head.startswith(magic)


def is_dicom(head: bytes) -> bool:
    """DICOM Part 10: `DICM` behind a preamble; or a data set without one, whose first element is of group 0008 or 0002."""
    starts = head[:2] in (b"\x08\x00", b"\x02\x00") and head[3:4] == b"\x00"
    return head[128:132] == b"DICM" or (starts and (head[4:6].isalpha() or head[6:8] == b"\x00\x00"))  # explicit VR, or a short length


def is_nifti(head: bytes) -> bool:
    """NIfTI-1 or NIfTI-2 in a single file, either byte order."""
    return head[344:348] == b"n+1\0" or head[4:8] == b"n+2\0"


def is_meta(head: bytes) -> bool:
    """MetaImage: text with `NDims` in its first lines."""
    return b"NDims" in head and b"\0" not in head[: head.index(b"NDims")]


FORMATS = (
    Format("dicom", (".dcm", ".dicom", ".ima"), is_dicom, "radloupe.formats.dicom.dicom_format"),
    Format("nifti", (".nii.gz", ".nii"), is_nifti, "radloupe.formats.nifti"),
    Format("nrrd", (".nrrd",), starts_with(b"NRRD000"), "radloupe.formats.nrrd"),
    Format("meta", (".mha", ".mhd"), is_meta, "radloupe.formats.meta"),
    Format("png", (".png",), starts_with(b"\x89PNG\r\n\x1a\n"), "radloupe.formats.raster"),
    Format("tiff", (".tif", ".tiff"), starts_with(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "radloupe.formats.tiff"),
    Format("jpeg", (".jpg", ".jpeg"), starts_with(b"\xff\xd8\xff"), "radloupe.formats.raster", writes=False),
)
EXTENSIONS = tuple(extension for form in FORMATS for extension in form.extensions)
"""Of all formats."""


def read_head(path: Path) -> bytes:
    """A file's first bytes, those inside it when it is gzipped."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head[:2] != b"\x1f\x8b":
        return head
    with gzip.open(path) as inflated:
        return inflated.read(HEAD_BYTES)
