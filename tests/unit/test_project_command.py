"""`radloupe project`: what it writes for one view and for many, and what it refuses without leaving anything behind."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

import numpy as np
import pytest
from pydicom import dcmread

from dicom_factory import ct as dicom_ct
from dicom_factory import save
from radloupe.core.files.record import RECORD
from radloupe.drr import project_options
from radloupe.drr.physics.hu_to_mu import TISSUES
from radloupe.drr.project_options import BEAMS, ENGINES, INTENSITY_SCALES, LOOKUPS, POLARITIES, QUALITIES
from radloupe.formats import read, write
from radloupe.formats.dicom.dicom_format import view_of
from radloupe.formats.dicom.drr_objects import KINDS as DICOM_KINDS
from radloupe.imaging.camera import VIEWS
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage

AFFINE = np.diag([2.0, 1.5, 3.0, 1.0])
SMALL = ("--size", "24x32", "--pixel", "3")
MU_300_HU = 0.0218 + 240 / 290 * 0.0073  # 1/mm in the table `tissue`, between its knots at 60 and 350 HU


@pytest.fixture
def ct(tmp_path):
    """A box of 300 HU in air: 20 x 18 x 24 mm, in the volume's middle."""
    pixels = np.full((1, 16, 24, 20), -1000, np.int16)
    pixels[0, 4:12, 6:18, 5:15] = 300
    (tmp_path / "in").mkdir()
    return write(Image(pixels, AFFINE, PixelInfo("HU", "CT", storage=Storage("int16", 16))), tmp_path / "in" / "ct.nii.gz")


def here(tmp_path):
    return sorted(p.name for p in tmp_path.iterdir() if p.name not in ("in", RECORD))


@pytest.mark.parametrize("name", ["a.nii.gz", "a.tif", "a.nrrd", "a.mha"])
def test_attenuation_is_written_as_line_integrals(radloupe, ct, tmp_path, name):
    code, out, err = radloupe("project", ct, "-o", tmp_path / name, *SMALL, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found.keys() == {"outputs", "ms_per_view", "engine"}
    assert found["outputs"][0].keys() == {"output", "angles", "seconds"}
    image = read(tmp_path / name)
    assert image.pixels.dtype == np.float32 and image.shape == (1, 24, 32)
    assert image.pixels.max() == pytest.approx(18 * MU_300_HU, rel=0.02)  # the knots are rounded to three digits
    assert (image.pixels[0, 0, 0] == 0).all()


@pytest.mark.parametrize(("bits", "dtype"), [(8, np.uint8), (16, np.uint16)])
def test_display_is_grey_levels(radloupe, ct, tmp_path, bits, dtype):
    assert radloupe("project", ct, "-o", tmp_path / "a.png", *SMALL, "--bits", bits)[0] == 0
    assert radloupe("project", ct, "-o", tmp_path / "b.png", *SMALL, "--bits", bits, "--polarity", "fluoroscopy")[0] == 0
    white, dark = (read(tmp_path / name).pixels for name in ("a.png", "b.png"))
    assert white.dtype == dtype and (white.min(), white.max()) == (0, 2**bits - 1)
    np.testing.assert_array_equal(dark, 2**bits - 1 - white)


def test_counts_are_noisy_and_follow_the_seed(radloupe, ct, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert radloupe("project", ct, "-o", tmp_path / f"{name}.tif", *SMALL, "--kind", "counts", "--photons", 900, "--seed", seed)[0] == 0
    a, b, c = (read(tmp_path / f"{name}.tif").pixels for name in "abc")
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()
    free = a[0, 0, :2]  # beside the box
    assert free.mean() == pytest.approx(900, abs=5 * 30 / free.size**0.5)  # five standard errors of 64 Poisson numbers


@pytest.mark.parametrize("view", ["AP", "LLAT"])
def test_named_views_differ_from_the_front(radloupe, ct, tmp_path, view):
    assert radloupe("project", ct, "-o", tmp_path / "a.nii.gz", *SMALL, "--view", view, "--sid", 400)[0] == 0
    assert radloupe("project", ct, "-o", tmp_path / "b.nii.gz", *SMALL, "--sid", 400)[0] == 0
    assert not np.allclose(read(tmp_path / "a.nii.gz").affine, read(tmp_path / "b.nii.gz").affine)


@pytest.mark.parametrize(("kind", "beam"), [("rt", "cone"), ("dx", "cone"), ("xa", "cone"), ("rf", "cone"), ("dx", "parallel")])
def test_dicom_says_where_it_was_taken(radloupe, ct, tmp_path, kind, beam):
    path = tmp_path / "a.dcm"
    options = ("--isocentre", "1,2,3", "--angles", "20,-10,5", "--dicom", kind, "--beam", beam)
    assert radloupe("project", ct, "-o", path, *SMALL, *options)[0] == 0
    view = view_of(path)
    assert view.angles == pytest.approx((20, -10, 5))
    middle = view.origin + 11.5 * view.v + 15.5 * view.u
    if beam == "cone":
        middle = view.source + 530 / 1020 * (middle - view.source)
    np.testing.assert_allclose(middle, [1, 2, 3], atol=1e-6)
    assert dcmread(path).SyntheticData == "YES"
    assert dcmread(path).BitsStored == 16


def test_dicom_keeps_line_integrals_and_counts(radloupe, ct, tmp_path):
    common = (*SMALL, "--sid", 400)
    for kind, tolerance in (("attenuation", 1e-5), ("counts", 0.5)):  # one of 65535 steps of 0.5; whole quanta
        assert radloupe("project", ct, "-o", tmp_path / f"{kind}.nii.gz", *common, "--kind", kind)[0] == 0
        assert radloupe("project", ct, "-o", tmp_path / f"{kind}.dcm", *common, "--kind", kind)[0] == 0
        exact, stored = (read(tmp_path / f"{kind}.{ending}").pixels for ending in ("nii.gz", "dcm"))
        np.testing.assert_allclose(stored, exact.clip(0), atol=tolerance)  # edges may ring a little below zero


def test_series_has_a_manifest_and_one_window(radloupe, ct, tmp_path):
    code, out, _ = radloupe("project", ct, "-o", tmp_path / "s", *SMALL, "--views", "grid:90", "--json")
    rows = [json.loads(line) for line in (tmp_path / "s" / "manifest.jsonl").read_text().splitlines()]
    assert code == 0 and len(rows) == 16 == len(json.loads(out)["outputs"])
    assert here(tmp_path / "s") == sorted([*(row["file"] for row in rows), "manifest.jsonl"])
    assert len({tuple(row["window"]) for row in rows}) == 1
    for row, printed in zip(rows, json.loads(out)["outputs"], strict=True):
        path = tmp_path / "s" / row["file"]
        assert (str(path), row["angles"]) == (printed["output"], printed["angles"])
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
        pixel = np.array(row["origin"]) + 5 * np.array(row["v"]) + 7 * np.array(row["u"])
        x, y, w = np.array(row["matrix"]) @ [*pixel, 1]
        assert (x / w, y / w) == pytest.approx((7, 5), abs=1e-6)
    brightest = [read(tmp_path / "s" / row["file"]).pixels.max() for row in rows]
    assert max(brightest) == 255 and min(brightest) < 255  # 18 mm through the box are darker than 24 mm


def test_series_is_the_same_whenever_it_is_made(radloupe, ct, tmp_path):
    for name in "ab":
        options = ("--views", "random:5", "--seed", 7, "--photons", 400, "--set", "electronic=3")
        assert radloupe("project", ct, "-o", tmp_path / name, *SMALL, *options)[0] == 0
    a, b = ((tmp_path / name / "manifest.jsonl").read_bytes() for name in "ab")
    assert a == b  # its rows hold the sha256 of every image, however threads took turns


def test_values_of_another_modality_can_be_declared_a_ct(radloupe, ct, tmp_path):
    image = read(ct)
    other = write(Image(image.pixels, AFFINE, PixelInfo("arbitrary", "MR", storage=Storage("int16", 16))), tmp_path / "in" / "b.nii.gz")
    assert radloupe("project", other, "-o", tmp_path / "b.nii.gz", *SMALL)[0] == 3
    assert radloupe("project", other, "-o", tmp_path / "b.nii.gz", *SMALL, "--modality", "CT")[0] == 0
    assert radloupe("project", ct, "-o", tmp_path / "a.nii.gz", *SMALL)[0] == 0
    np.testing.assert_array_equal(read(tmp_path / "b.nii.gz").pixels, read(tmp_path / "a.nii.gz").pixels)


def test_labels_become_channels(radloupe, ct, tmp_path):
    marks = (read(ct).pixels > 0).astype(np.uint8)
    masks = write(Image(marks, AFFINE, PixelInfo(storage=Storage("uint8", 8))), tmp_path / "in" / "marks.nii.gz")
    assert radloupe("project", ct, "-o", tmp_path / "a.nii.gz", *SMALL, "--masks", masks)[0] == 0
    outside, inside = read(tmp_path / "a.nii.gz").pixels
    assert outside.max() == 0 and inside.max() == pytest.approx(18 * MU_300_HU, rel=0.02)  # as above


def test_tilted_gantry_is_projected_where_it_lies(radloupe, tmp_path):
    (tmp_path / "in").mkdir()
    for index in range(12):
        pixels = np.full((24, 20), 24, np.uint16)  # air
        pixels[8:16, 6:14] = 1324 if 3 <= index < 9 else 24
        ds = dicom_ct(index, pixels)
        ds.PixelSpacing = [2, 2]
        ds.ImagePositionPatient = [0, round(2.5 * index * np.tan(np.radians(25)), 6), 2.5 * index]
        save(ds, tmp_path / "in" / f"{index}.dcm")
    assert radloupe("project", tmp_path / "in", "-o", tmp_path / "a.nii.gz", "--view", "LLAT", "--size", "48x48", "--pixel", "1")[0] == 0
    shown = read(tmp_path / "a.nii.gz").pixels[0, 0] > 0.2
    rows = np.flatnonzero(shown.any(1))
    positions = [np.flatnonzero(shown[row]).mean() for row in (rows[2], rows[-3])]
    lean = abs(positions[0] - positions[1]) / (rows[-3] - rows[2])
    assert lean == pytest.approx(np.tan(np.radians(25)), abs=0.1)  # edges are found to a pixel over a dozen rows


def no_spacing(folder):
    for index in range(3):
        ds = dicom_ct(index)
        del ds.PixelSpacing
        save(ds, folder / f"{index}.dcm")
    return folder


def made(pixels, unit="HU", modality="CT"):
    """A maker of an input of these pixels."""

    def make(folder):
        storage = Storage(pixels.dtype.name, 8 * pixels.itemsize)
        return write(Image(pixels, AFFINE, PixelInfo(unit, modality, storage=storage)), folder / "a.nii.gz")

    return make


def not_a_number(folder):
    pixels = np.full((1, 4, 5, 6), -1000, np.float32)
    pixels[0, 2, 2, 2] = np.nan
    return made(pixels)(folder)


BAD = {
    "an MR": (made(np.ones((1, 4, 5, 6), np.int16), "arbitrary", "MR"), "Hounsfield"),
    "one slice": (made(np.full((1, 1, 5, 6), -1000, np.int16)), "at least two slices"),
    "four dimensions": (made(np.full((3, 4, 5, 6), -1000, np.int16)), "one CT volume"),
    "a hole": (not_a_number, "NaN"),
    "no spacing": (no_spacing, "spacing"),
    "nothing": (lambda folder: folder / "absent.nii", "There is no file"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_inputs_are_refused(radloupe, tmp_path, case):
    (tmp_path / "in").mkdir()
    make, words = BAD[case]
    path = make(tmp_path / "in")
    for options in ((), ("--views", "random:3")):
        code, out, err = (
            radloupe("project", path, "-o", tmp_path / "out", *SMALL, *options)
            if options
            else radloupe("project", path, "-o", tmp_path / "out.png", *SMALL)
        )
        assert (code, out) == (3, "") and words in err and len(err) < 500
    assert here(tmp_path) == []


WRONG = {
    "angles": ("--angles", "10"),
    "absurd angles": ("--angles", "10,1e9"),
    "not angles": ("--angles", "10,nan"),
    "distances": ("--sid", "900", "--sdd", "800"),
    "a distance for parallel": ("--beam", "parallel", "--sid", "900"),
    "beam": ("--beam", "fan"),
    "size": ("--size", "0x10"),
    "pitch": ("--pixel", "-1"),
    "view": ("--view", "TOP"),
    "table": ("--lut", "bones"),
    "tissue": ("--tissue", "bone"),
    "unknown tissue": ("--tissue", "bones=2"),
    "voltage": ("--kvp", "900"),
    "two beams": ("--kvp", "80", "--lut", "deepdrr"),
    "kind": ("--kind", "pretty"),
    "photons": ("--photons", "-1"),
    "photons and dose": ("--photons", "10", "--dose", "1"),
    "dose": ("--dose", "nan"),
    "detector": ("--set", "blur=1"),
    "window": ("--window", "5,1"),
    "polarity": ("--polarity", "dark"),
    "intensity scale": ("--intensity-scale", "square"),
    "the former name of the intensity scale": ("--scale", "square"),
    "bits": ("--bits", "12"),
    "kind of dicom": ("--dicom", "mr"),
    "engine": ("--engine", "warp"),
    "quality": ("--quality", "best"),
    "views": ("--views", "ring:8"),
    "a file for a series": ("--views", "random:2"),
    "numbers for an image": ("--kind", "attenuation"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage_is_refused(radloupe, ct, tmp_path, case):
    size = () if {"--size", "--pixel"} & set(WRONG[case]) else SMALL
    code, out, err = radloupe("project", ct, "-o", tmp_path / "out.png", *size, *WRONG[case])
    assert (code, out) == (2, "") and len(err) < 500, err
    assert here(tmp_path) == []


def test_the_former_name_of_the_intensity_scale_is_read_and_hidden(radloupe, ct, tmp_path):
    assert radloupe("project", ct, "-o", tmp_path / "a.png", *SMALL, "--intensity-scale", "linear")[0] == 0
    code, _, err = radloupe("project", ct, "-o", tmp_path / "b.png", *SMALL, "--scale", "linear")
    assert code == 0 and "--intensity-scale" in err
    np.testing.assert_array_equal(read(tmp_path / "a.png").pixels, read(tmp_path / "b.png").pixels)
    assert "--scale" not in radloupe("project", "--help")[1]


def test_help_names_every_choice(radloupe):
    words = set(re.findall(r"[\w-]+", radloupe("project", "--help")[1]))
    for table in (ENGINES, LOOKUPS, QUALITIES, project_options.KINDS, BEAMS, POLARITIES, INTENSITY_SCALES, VIEWS, TISSUES, DICOM_KINDS):
        assert set(table) <= words, set(table) - words


def test_source_in_the_patient_is_refused(radloupe, ct, tmp_path):
    for name, options in (("out.png", ()), ("out", ("--views", "random:2"))):
        code, _, err = radloupe("project", ct, "-o", tmp_path / name, *SMALL, "--sid", 5, *options)
        assert (code, here(tmp_path)) == (3, []) and "outside the volume" in err


def test_existing_outputs_are_kept(radloupe, ct, tmp_path):
    (tmp_path / "a.png").write_text("mine")
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "mine").touch()
    assert radloupe("project", ct, "-o", tmp_path / "a.png", *SMALL)[0] == 2
    assert radloupe("project", ct, "-o", tmp_path / "s", *SMALL, "--views", "random:2")[0] == 2
    assert (tmp_path / "a.png").read_text() == "mine" and here(tmp_path / "s") == ["mine"]
    assert radloupe("project", ct, "-o", tmp_path / "s", *SMALL, "--views", "random:2", "--overwrite")[0] == 2
    assert here(tmp_path / "s") == ["mine"]


def test_a_series_replaces_a_series(radloupe, ct, tmp_path):
    for count in (3, 2):
        assert radloupe("project", ct, "-o", tmp_path / "s", *SMALL, "--views", f"random:{count}", "--overwrite")[0] == 0
    assert here(tmp_path / "s") == ["manifest.jsonl", "view0.png", "view1.png"]


def test_an_output_is_needed(radloupe, ct):
    code, _, err = radloupe("project", ct)
    assert code == 2 and "--live" in err


def test_live_serves_until_it_is_interrupted(ct):
    run = "from radloupe.cli.main import main; main()"
    command = [sys.executable, "-c", run, "project", "--live", str(ct), "--no-open", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ) as program:
        address = json.loads(program.stdout.readline())["address"]
        page = urllib.request.urlopen(address, timeout=30).read()
        program.send_signal(signal.SIGINT)
        try:
            assert (program.wait(30), program.stderr.read()) == (0, "")
        finally:
            program.kill()  # where the signal is ignored, as in a shell's background, nothing hangs
    assert b"Radloupe live" in page and address.startswith("http://127.0.0.1:")
