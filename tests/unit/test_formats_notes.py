"""What the numbers mean is noted in every file that is written, and believed on reading; files of others are guessed at as before."""

import nibabel
import numpy as np
import pytest
import SimpleITK
from PIL import Image as PILImage

import radloupe.formats as formats
from radloupe.formats import note
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage

VOLUMES = (".nii", ".nii.gz", ".mha", ".mhd", ".nrrd", ".tif")
INFOS = [("HU", "CT"), ("arbitrary", "MR"), ("stored", "XR"), ("line integral", "XR"), ("attenuation", "other"), ("photons", "XR")]
PIXELS = np.arange(2 * 4 * 5, dtype="uint16").reshape(1, 2, 4, 5)  # no air, no fractions: nothing to guess by


@pytest.mark.parametrize("extension", VOLUMES)
@pytest.mark.parametrize(("unit", "modality"), INFOS)
def test_a_stack_comes_back_in_its_unit_and_modality(extension, unit, modality, tmp_path):
    info = PixelInfo(unit, modality, storage=Storage("uint16", 16))
    assert formats.read(formats.write(Image(PIXELS, info=info), tmp_path / f"a{extension}")).info == info


@pytest.mark.parametrize(("unit", "modality"), INFOS)
def test_an_image_comes_back_in_its_unit_and_modality(unit, modality, tmp_path):
    info = PixelInfo(unit, modality, storage=Storage("uint16", 16))
    assert formats.read(formats.write(Image(PIXELS[:, :1], info=info), tmp_path / "a.png")).info == info


@pytest.mark.parametrize("extension", [".nii", ".nii.gz", ".mha", ".mhd", ".nrrd"])
def test_other_readers_find_the_same_voxels_behind_the_note(extension, tmp_path):
    path = formats.write(Image(PIXELS, info=PixelInfo("HU", "CT", storage=Storage("uint16", 16))), tmp_path / f"a{extension}")
    assert np.array_equal(SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(path)), PIXELS[0])


@pytest.mark.parametrize("kind", [(2, 4, 5), (1, 1, 40_000)], ids=["NIfTI-1", "NIfTI-2"])
def test_the_note_in_a_nifti_is_a_comment(kind, tmp_path):
    pixels = np.resize(PIXELS, (1, *kind))
    path = formats.write(Image(pixels, info=PixelInfo("HU", "CT", storage=Storage("uint16", 16))), tmp_path / "a.nii")
    (extension,) = nibabel.load(path).header.extensions
    assert extension.get_code() == 6  # NIFTI_ECODE_COMMENT
    assert extension.text.rstrip("\0") == 'radloupe {"modality": "CT", "unit": "HU"}'


UNKNOWN = (
    'radloupe {"modality": "other", "unit": "arbitrary"}',
    *("", "radloupe", "radloupe {", "radloupe {}", "radloupe {1}", 'other {"modality": "CT", "unit": "HU"}'),
    *(f"radloupe {{{fields}}}" for fields in ('"modality": "CT"', '"modality": "US", "unit": "HU"', '"modality": ["CT"], "unit": "HU"')),
)


@pytest.mark.parametrize("comment", UNKNOWN)
def test_a_note_that_is_not_understood_says_nothing(comment):
    guess = PixelInfo("arbitrary", "MR")
    assert note.noted(comment, guess) == guess


def test_the_note_of_a_damaged_header_is_not_believed(tmp_path):
    path = formats.write(Image(PIXELS, info=PixelInfo("HU", "CT", storage=Storage("uint16", 16))), tmp_path / "a.nrrd")
    path.write_bytes(path.read_bytes().replace(b'"CT"', b'"C"'))
    assert formats.read(path).info.modality == "MR"


def test_images_of_others_are_radiographs(tmp_path):
    PILImage.fromarray(PIXELS[0, 0]).save(tmp_path / "a.png")
    assert formats.read(tmp_path / "a.png").info == PixelInfo("stored", "XR", storage=Storage("uint16", 16))
