"""Programs of others find no fault in derived objects, and find them where their sources are (Debian: dicom3tools, dcm2niix)."""

import re
import shutil
import subprocess
from dataclasses import replace

import nibabel
import numpy as np
import pytest
from pydicom.data import get_testdata_file

from dicom_factory import AXIAL, OBLIQUE, cr, ct, doubled, dx, enhanced, mr, ramp, save, series
from radloupe.drr.projector import detector_affine
from radloupe.formats import read, write
from radloupe.formats.dicom.dicom_format import KINDS, Projected
from radloupe.imaging import geometry
from radloupe.imaging.camera import CArm
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage

dciodvfy = pytest.mark.skipif(not shutil.which("dciodvfy"), reason="dciodvfy is not installed (Debian package dicom3tools)")
dcm2niix = pytest.mark.skipif(not shutil.which("dcm2niix"), reason="dcm2niix is not installed (Debian package dcm2niix)")

MADE = {"ct": ct, "mr": mr, "cr": cr, "dx": dx, "enhanced ct": enhanced, "enhanced mr": lambda: enhanced("MR")}
NEWER = {"Error - Attribute with an even group number is not a recognized standard attribute - (0x0008,0x001c)  ? "}
"""SyntheticData came into the standard in 2023, after Debian 12's validator."""


def errors(path):
    """The errors that the validator finds in an object that it recognised."""
    run = subprocess.run(["dciodvfy", path], capture_output=True, text=True, check=False)
    text = run.stdout + run.stderr
    assert re.search(r"^\w+$", text, re.MULTILINE), "the validator must name the kind of object it checked"
    return {line for line in text.splitlines() if line.startswith("Error")}


@dciodvfy
@pytest.mark.parametrize("name", MADE)
def test_validator_finds_no_fault_in_derived_objects(tmp_path, name):
    source = save(MADE[name](), tmp_path / "a.dcm")
    known = errors(source) if "enhanced" in name else set()  # those made here lack many attributes of an acquisition
    assert errors(write(doubled(read(source)), tmp_path / "b.dcm")) <= known


@dciodvfy
@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "MR_small_bigendian.dcm", "693_J2KI.dcm"])
def test_validator_finds_no_new_fault_in_real_samples(tmp_path, name):
    source = get_testdata_file(name, download=False)
    assert errors(write(doubled(read(source)), tmp_path / "b.dcm")) <= errors(source)


@dciodvfy
@pytest.mark.parametrize("modality", ["XR", "CT", "other"])
def test_validator_finds_no_fault_in_secondary_captures(tmp_path, modality):
    info = PixelInfo("HU" if modality == "CT" else "stored", modality, modality == "XR", Storage("uint16", 12))
    image = Image(ramp()[None, None], np.diag([-0.3, -0.3, 1, 1]), info)
    assert errors(write(image, tmp_path / "a.dcm")) == set()


def converted(path, folder):
    """The affine and shape (z y x) that dcm2niix gives a file or series."""
    folder.mkdir()
    subprocess.run(["dcm2niix", "-b", "n", "-z", "n", "-o", folder, path], capture_output=True, check=True)
    (found,) = folder.glob("*.nii")
    image = nibabel.load(found)
    return image.affine, image.shape[2::-1]


def box(affine, shape):
    """The corners of a volume in an order that does not depend on how its axes run."""
    corners = geometry.corners(affine, shape)
    return corners[np.lexsort(corners.round(3).T)]


@dcm2niix
@pytest.mark.parametrize("orientation", [AXIAL, OBLIQUE])
@pytest.mark.parametrize("make", [ct, mr])
def test_dcm2niix_finds_source_and_derived_at_the_same_position(tmp_path, make, orientation):
    source = series(tmp_path / "s", make, orientation=orientation)
    large = doubled(read(source))
    (old, old_shape), (new, new_shape) = converted(source, tmp_path / "1"), converted(write(large, tmp_path / "d"), tmp_path / "2")
    assert new_shape == large.shape
    np.testing.assert_allclose(geometry.centre(new, new_shape), geometry.centre(old, old_shape), atol=1e-4)  # NIfTI's affine is float32
    np.testing.assert_allclose(box(new, new_shape), box(old, old_shape), atol=1e-4)
    np.testing.assert_allclose(box(large.affine, large.shape), box(new, new_shape), atol=1e-4)


@dciodvfy
@pytest.mark.parametrize("relationship", ["LOG", "LIN"])
@pytest.mark.parametrize("kind", KINDS)
def test_validator_finds_no_fault_in_projections(tmp_path, kind, relationship):
    view = CArm(beam="cone", isocentre=(12.5, -40.25, 310.0), size=(12, 10)).view((20.0, -10.0, 5.0))
    sources = read(series(tmp_path / "s")).source
    shot = Projected(view, np.array([12.5, -40.25, 310.0]), kind, sources, relationship, kvp=80.0)
    image = Image(ramp()[None, None], detector_affine(view), PixelInfo("stored", "XR", storage=Storage("uint16", 16)), ("projected",), shot)
    assert errors(write(image, tmp_path / "a.dcm")) <= NEWER
    assert errors(write(replace(image, source=replace(shot, headers=())), tmp_path / "b.dcm")) <= NEWER
