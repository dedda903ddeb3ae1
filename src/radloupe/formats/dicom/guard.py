"""Guards around the DICOM libraries: bounded reads, and exceptions without patient data."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from radloupe.core.errors import InputError, LimitError, RadloupeError
from radloupe.formats.translate import whole


class BoundedFile(io.BufferedReader):
    """A file whose `read` never asks for memory beyond its end, nor for all that is left.

    pydicom trusts the lengths in a DICOM header, and reads "all that is left" only to inflate it without a limit: 33 kB of a deflated
    transfer syntax take 7 s.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(str(path)))  # pydicom takes a file's name for text
        self.size = path.stat().st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """At most `size` bytes; raises `InputError` for a read of all that is left."""
        if size is None or size < 0:
            raise InputError(
                "Expected a transfer syntax whose size is known, found a deflated DICOM data set, which is not inflated. "
                "Convert it to Explicit VR Little Endian first (dcmconv +te)."
            )
        return super().read(min(size, max(self.size - self.tell(), 0)))


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Context that turns exceptions and logged damage of DICOM libraries into `InputError`, without texts that may quote a patient."""
    try:
        with whole(path, "DICOM", quote=False):
            yield
    except RadloupeError:
        raise
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or 'it ends too early'}.") from error
    except MemoryError as error:
        raise LimitError(f"Not enough memory for the pixels of {path}. Crop it first.") from error
    except Exception as error:  # ten types were seen on 10,000 damaged files
        raise InputError(
            f"Expected a DICOM image, found one that is damaged or lacks what every image has ({type(error).__name__}) in {path}. "
            "Export it again from its archive."
        ) from error


@contextmanager
def writing() -> Iterator[None]:
    """As `reading`, for writing: values that cannot be encoded come from the source's header. `OSError` passes to the caller."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (RadloupeError, OSError):
        raise
    except Exception as error:
        raise InputError(
            f"Expected a source header that can be written again, found values that DICOM does not allow ({type(error).__name__}). "
            "Repair the source, or write NIfTI or NRRD instead."
        ) from error
