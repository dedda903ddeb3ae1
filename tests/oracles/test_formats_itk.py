"""Radloupe, SimpleITK and nibabel agree on pixels and geometry, whichever wrote the file."""

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

import radloupe.formats as formats
from radloupe.core.errors import InputError
from volume_factory import OBLIQUE, volume

EXTENSIONS = (".nii", ".nii.gz", ".mha", ".mhd", ".nrrd")
PLACES = {
    "straight": np.diag([0.5, 0.6, 0.75, 1.0]),
    "flipped": np.diag([-0.5, 0.6, -0.75, 1.0]),
    "oblique": OBLIQUE,
    "sagittal": np.array([[0, 0, 0.75, -90], [0.5, 0, 0, 20], [0, -0.6, 0, 7.5], [0, 0, 0, 1.0]]),
}
TOLERANCE_MM = 1e-4  # NIfTI keeps 32-bit numbers, and quaternions lose half of their digits near a half turn


def itk(path):
    """Pixels and RAS affine as SimpleITK sees them."""
    image = sitk.ReadImage(str(path))
    n = image.GetDimension()
    m = min(n, 3)
    affine = np.eye(4)
    affine[:m, :m] = (np.array(image.GetDirection()).reshape(n, n) * image.GetSpacing())[:m, :m]
    affine[:m, 3] = image.GetOrigin()[:m]
    return sitk.GetArrayFromImage(image), np.diag([-1, -1, 1, 1]) @ affine


def itk_image(shape, dtype, place=OBLIQUE):
    image = sitk.GetImageFromArray(np.arange(np.prod(shape)).astype(dtype).reshape(shape), isVector=False)
    n, m = len(shape), min(len(shape), 3)
    spacing = np.linalg.norm(place[:3, :3], axis=0)
    directions = np.eye(n)
    directions[:m, :m] = (np.diag([-1, -1, 1]) @ place[:3, :3] / spacing)[:m, :m] if n > 2 else np.array([[0.6, 0.8], [-0.8, 0.6]])
    image.SetDirection(directions.ravel().tolist())
    image.SetSpacing([*spacing, 1.0][:n])
    image.SetOrigin([*(np.diag([-1, -1, 1]) @ place[:3, 3]), 0.0][:n])
    return image


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("place", PLACES)
def test_others_read_what_radloupe_writes(place, extension, tmp_path):
    image = volume("int16")
    image = type(image)(image.pixels, PLACES[place], image.info, image.history)
    path = formats.write(image, tmp_path / f"a b{extension}")
    pixels, affine = itk(path)
    assert np.array_equal(pixels, image.pixels[0])
    assert np.abs(affine - PLACES[place]).max() < TOLERANCE_MM
    if ".nii" in extension:
        other = nibabel.load(path)
        assert np.abs(other.affine - PLACES[place]).max() < TOLERANCE_MM
        assert np.abs(other.header.get_qform() - PLACES[place]).max() < TOLERANCE_MM
        assert np.array_equal(np.asarray(other.dataobj).T, image.pixels[0])


@pytest.mark.parametrize("extension", [*EXTENSIONS, ".nhdr"])
@pytest.mark.parametrize("shape", [(4, 5), (3, 4, 5), (2, 3, 4, 5)])
@pytest.mark.parametrize("packed", [False, True])
def test_radloupe_reads_what_itk_writes(extension, shape, packed, tmp_path):
    path = tmp_path / f"a{extension}"
    for dtype in ("uint8", "int16", "uint64", "float32"):
        sitk.WriteImage(itk_image(shape, dtype), str(path), packed)
        pixels, affine = itk(path)
        image = formats.read(path)
        assert image.pixels.dtype == dtype
        assert np.array_equal(image.pixels.ravel(), pixels.ravel())
        assert np.abs(image.affine - affine).max() < TOLERANCE_MM


@pytest.mark.parametrize(
    ("space", "signs"), [("right-anterior-superior", (-1, -1, 1)), ("left-anterior-superior", (1, -1, 1)), ("RAS", (-1, -1, 1))]
)
def test_nrrd_spaces_turn_as_in_itk(space, signs, tmp_path):
    path = formats.write(volume("int16"), tmp_path / "a.nrrd")
    path.write_bytes(path.read_bytes().replace(b"left-posterior-superior", space.encode()))
    assert np.abs(formats.read(path).affine - np.diag([*signs, 1]) @ OBLIQUE).max() < 1e-9  # both are 64-bit
    assert np.abs(formats.read(path).affine - itk(path)[1]).max() < 1e-9


def test_big_endian_numbers_are_turned(tmp_path):
    pixels = np.arange(60, dtype=">i2").reshape(3, 4, 5)
    nibabel.Nifti1Image(pixels.T, OBLIQUE, nibabel.Nifti1Header(endianness=">")).to_filename(tmp_path / "a.nii")
    image = formats.read(tmp_path / "a.nii")
    assert np.array_equal(image.pixels[0], pixels)
    assert image.pixels.dtype.isnative


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_vectors_and_complex_numbers_are_refused(extension, tmp_path):
    path = tmp_path / f"a{extension}"
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((3, 4, 5, 3), np.uint8), isVector=True), str(path))
    with pytest.raises(InputError):
        formats.read(path)
    if ".nii" in extension:
        sitk.WriteImage(sitk.GetImageFromArray(np.zeros((3, 4, 5), np.complex64)), str(path))
        with pytest.raises(InputError, match="complex"):
            formats.read(path)
