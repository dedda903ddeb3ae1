"""What a library only remarks of a damaged file refuses it; other remarks stay silent, and no one hears a patient's name."""

import logging
import threading
import warnings
from pathlib import Path

import pytest
from pydicom.misc import warn_and_log

from radloupe.core.errors import InputError
from radloupe.formats.translate import translate, whole

FILE = Path("a.tif")
DAMAGE = [
    ("tifffile", logging.ERROR, "<TiffPages @8> invalid page offset 5000"),
    ("tifffile", logging.WARNING, "<TiffTag 270 @10> could not read all values"),
    ("pydicom", logging.WARNING, "End of file reached before delimiter (FFFE,E0DD) found"),
    (
        "pydicom.pixels.decoders.base",
        logging.WARNING,
        "The end of the encapsulated pixel data has been reached but fewer frames were found",
    ),
    ("PIL.TiffImagePlugin", logging.ERROR, "More samples per pixel than can be decoded"),
]
BENIGN = [
    ("tifffile", "<TiffTag 270 @10> coercing invalid ASCII to bytes"),
    ("pydicom", "Invalid value for VR UI: 'Phantom^One'"),
    ("PIL", "Image size exceeds limit, could be decompression bomb"),
]


@pytest.mark.parametrize(("name", "level", "text"), DAMAGE)
def test_a_remark_of_damage_refuses_the_file(name, level, text):
    with pytest.raises(InputError, match=r"cut off or damaged: a\.tif"), translate(FILE, "TIFF"):
        logging.getLogger(name).log(level, text)


def test_a_warning_of_damage_refuses_the_file():
    with pytest.raises(InputError, match="Truncated File Read"), translate(FILE, "TIFF"):
        warnings.warn("Truncated File Read", stacklevel=1)


@pytest.mark.parametrize(("name", "text"), BENIGN)
def test_a_remark_on_spelling_is_not_heard_by_anyone(name, text, capfd):
    with translate(FILE, "TIFF"):
        logging.getLogger(name).warning(text)
        warnings.warn(text, stacklevel=1)
    assert capfd.readouterr() == ("", "")


def test_a_remark_on_dicom_is_not_quoted():
    with pytest.raises(InputError) as caught, whole(FILE, "DICOM", quote=False):
        warn_and_log("End of file reached in Phantom^One")
    assert "Phantom" not in str(caught.value)


def test_the_damage_is_reported_rather_than_the_error_of_a_library():
    with pytest.raises(InputError, match="invalid page offset") as caught, translate(FILE, "TIFF"):
        logging.getLogger("tifffile").error("invalid page offset")
        raise ValueError("zip() argument 2 is shorter than argument 1")
    assert isinstance(caught.value.__cause__, ValueError)


def test_an_error_without_a_remark_is_reported_itself():
    with pytest.raises(InputError, match="odd bytes"), translate(FILE, "TIFF"):
        raise ValueError("odd bytes")


def test_another_thread_reads_another_file():
    speaker = threading.Thread(target=logging.getLogger("tifffile").error, args=["invalid page offset"])
    with translate(FILE, "TIFF"):
        speaker.start()
        speaker.join()


def test_a_file_is_not_blamed_for_the_one_before():
    with pytest.raises(InputError), translate(FILE, "TIFF"):
        logging.getLogger("tifffile").error("invalid page offset")
    with translate(FILE, "TIFF"):
        pass
