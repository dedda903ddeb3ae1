"""Whatever bytes stand in a DICOM file, the answer is an image that keeps every promise or one of our errors."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from dicom_factory import enhanced, save, series
from radloupe.core.errors import RadloupeError
from radloupe.core.limits import LIMITS
from radloupe.core.seeds import generator
from radloupe.formats import write
from radloupe.formats.contents import survey
from radloupe.formats.dicom import dicom_format as dicom
from radloupe.imaging import geometry
from radloupe.imaging.image import check

HEADER = 1600  # most of what can go wrong stands in the first bytes
EDGES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)


def flip(data, at, dice):
    data[at] ^= 1 << dice.integers(8)


def edge(data, at, dice):
    data[at] = EDGES[dice.integers(len(EDGES))]


def cut(data, at, dice):
    del data[at:]


def number(data, at, dice):
    width = (2, 4)[dice.integers(2)]
    data[at : at + width] = int(dice.choice([0, 1, 2 ** (8 * width) - 1, 2 ** (8 * width - 1)])).to_bytes(width, "little")


def delete(data, at, dice):
    del data[at : at + dice.integers(1, 9)]


def double(data, at, dice):
    data[at:at] = data[at : at + dice.integers(1, 65)]


def insert(data, at, dice):
    data[at:at] = dice.bytes(int(dice.integers(1, 9)))


OPERATORS = (flip, edge, cut, number, delete, double, insert)


def mutant(data, seed):
    """A file with one to three damages, four of five of them in its header."""
    dice, data = generator(0, "dicom", seed), bytearray(data)
    for _ in range(dice.integers(1, 4)):
        end = min(HEADER, len(data)) if dice.random() < 0.8 else len(data)
        OPERATORS[dice.integers(len(OPERATORS))](data, int(dice.integers(max(end, 1))), dice) if data else None
    return bytes(data)


def survives(data, folder):
    """Whether the file is still an image; then it must keep its promises and can be written again, or be refused."""
    (folder / "a.dcm").write_bytes(data)
    try:
        image = check(dicom.read(folder / "a.dcm", LIMITS))
    except RadloupeError:
        return False
    geometry.check(image.affine)
    assert np.isfinite(image.pixels).all() and len(image.source) == 1
    try:
        write(image, folder / "b.dcm", overwrite=True)
    except RadloupeError as error:
        assert error.exit_code == 3
    return True


SAMPLES = ("CT_small.dcm", "MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "enhanced")


@pytest.mark.parametrize("name", SAMPLES)
def test_no_mutant_escapes(tmp_path, name):
    source = save(enhanced(), tmp_path / "e.dcm") if name == "enhanced" else Path(get_testdata_file(name, download=False))
    data = source.read_bytes()
    assert survives(data, tmp_path)
    alive = sum(survives(mutant(data, seed), tmp_path) for seed in range(300 if name == "CT_small.dcm" else 60))
    assert alive > 0, "where every mutant is refused the test says nothing of those that are read"


def test_no_mutant_among_slices_stops_the_others(tmp_path):
    series(tmp_path / "s", count=3)
    whole = sorted((tmp_path / "s").iterdir())
    data = whole[1].read_bytes()
    for seed in range(200):
        whole[1].write_bytes(mutant(data, seed))
        found, aside = survey(tmp_path / "s")
        assert {whole[0], whole[2]} <= {path for item in found for path in item.files}
        assert whole[1] in {path for item in found for path in item.files} | {item.input for item in aside}
