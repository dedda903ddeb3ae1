"""Damaged files of every format but DICOM: an image that keeps the invariants, or one of Radloupe's errors, and nothing else."""

import random

import numpy as np
import pytest
from PIL import Image as PILImage

import radloupe.formats as formats
from radloupe.core.errors import InputError, RadloupeError
from volume_factory import radiograph, volume

MUTANTS = 250
HEAD_BYTES = 450  # four of five mutations go to the header, where they do most
EDGES = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"9999", b"-1 1")


def jpeg(folder):
    path = folder / "a.jpg"
    PILImage.fromarray(radiograph("uint8", (1, 1, 16, 16)).pixels[0, 0]).save(path)
    return path


def rgb_tiff(folder):
    path = folder / "a.tif"
    grey = PILImage.fromarray(radiograph("uint8", (1, 1, 16, 16)).pixels[0, 0])
    grey.convert("RGB").save(path, compression="tiff_lzw")
    return path


def deflated_tiff(folder):
    path = folder / "a.tif"
    PILImage.fromarray(radiograph("uint16", (1, 1, 16, 16)).pixels[0, 0]).save(path, compression="tiff_adobe_deflate")
    return path


def written(image, name):
    return lambda folder: formats.write(image, folder / name)


BASES = {
    "nifti": written(volume("int16"), "a.nii"),
    "nifti.gz": written(volume("float32"), "a.nii.gz"),
    "mha": written(volume("int16"), "a.mha"),
    "mhd": written(volume("uint8"), "a.mhd"),
    "nrrd": written(volume("float32", (2, 3, 4, 5)), "a.nrrd"),
    "png8": written(radiograph("uint8"), "a.png"),
    "png16": written(radiograph("uint16"), "a.png"),
    "tiff": written(radiograph("uint16", (1, 2, 6, 5)), "a.tif"),
    "tiff lzw": rgb_tiff,
    "tiff deflate": deflated_tiff,
    "jpeg": jpeg,
}


def mutate(data, dice):
    """One to three changes: flipped bit, edge byte, edge word, cut end, deletion, repetition, insertion."""
    data = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 3))):
        at = dice.randrange(min(len(data), HEAD_BYTES) if dice.random() < 0.8 else len(data)) if data else 0
        size = dice.randrange(1, 16)
        match dice.randrange(7):
            case 0:
                data[at : at + 1] = bytes(b ^ (1 << dice.randrange(8)) for b in data[at : at + 1])
            case 1:
                data[at : at + 1] = bytes([dice.choice((0, 1, 127, 128, 255, 45, 57))])
            case 2:
                data[at : at + 4] = dice.choice(EDGES)
            case 3:
                del data[at:]
            case 4:
                del data[at : at + size]
            case 5:
                data[at:at] = data[at : at + size]
            case 6:
                data[at:at] = dice.randbytes(size)
    return bytes(data)


@pytest.mark.parametrize("name", BASES)
def test_only_our_errors_escape(name, tmp_path):
    path = BASES[name](tmp_path)
    whole, refused = path.read_bytes(), 0
    for seed in range(MUTANTS):
        path.write_bytes(mutate(whole, random.Random(f"{name} {seed}")))
        try:
            image = formats.read(path)
        except RadloupeError as error:
            refused += 1
            assert error.exit_code in (3, 4), f"mutant {seed}: {error}"
        except BaseException as error:
            pytest.fail(f"mutant {seed} of {name} let {error!r} escape")
        else:
            assert image.pixels.ndim == 4
            assert image.pixels.dtype.kind in "iuf", f"mutant {seed}"
            assert np.isfinite(image.pixels).all(), f"mutant {seed}"
    assert refused > MUTANTS // 10  # else the mutations miss what matters


@pytest.mark.parametrize("name", ["nifti.gz", "png8", "png16"])
def test_every_flipped_bit_of_a_checksummed_file_is_noticed_or_harmless(name, tmp_path):
    path = BASES[name](tmp_path)
    whole, before = path.read_bytes(), formats.read(path)
    for at in range(0, len(whole) * 8, 7):
        flipped = bytearray(whole)
        flipped[at // 8] ^= 1 << at % 8
        path.write_bytes(flipped)
        try:
            image = formats.read(path)
        except InputError:
            continue
        except RadloupeError as error:
            assert error.exit_code == 4
            continue
        assert np.array_equal(image.pixels, before.pixels), f"bit {at}"
        assert np.array_equal(image.affine, before.affine), f"bit {at}"
