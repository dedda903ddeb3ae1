"""What a super-resolved DICOM image says of itself, and the Parametric Maps of its half widths."""

import json
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from typer.testing import CliRunner

from dicom_factory import ct, save
from radloupe.cli.main import app
from radloupe.inference.options import LEVELS
from radloupe.inference.uncertainty.calibration import Calibration
from radloupe.inference.uncertainty.error_scale import STRATA
from radloupe.zoo.load import find
from radloupe.zoo.manifest import WEIGHTS, read_manifest
from radloupe.zoo.publish import write_folder

CANARY = "Zoe^Canary"
"""A patient's name that must appear nowhere but in the patient's attribute."""
CALIBRATION = Calibration(
    coefficients=[0.0, 0.5, 0, 0.2, 0.3, 0, 0, 0, 0],
    factors={level: [float(level)] * STRATA for level in LEVELS},
    patients=3,
    images=9,
    guaranteed=dict.fromkeys(LEVELS, False),
    noise=1.0,
    noise_gain=1.5,
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A series of three slices, super-resolved by a calibrated model, with half widths and a trust page."""
    folder = tmp_path_factory.mktemp("trust")
    source, name = find("ct-x2"), "model"
    manifest = replace(read_manifest(source), uncertainty=CALIBRATION.record)
    write_folder((source / WEIGHTS).read_bytes(), manifest, folder / name)
    (folder / "scan").mkdir()
    y, x = np.mgrid[-1:1:40j, -1:1:48j]
    for index in range(3):
        one = ct(index, (1000 + 400 * np.sin(5 * x + index) * np.cos(4 * y)).astype(np.uint16))
        one.PatientName, one.ImageComments = CANARY, "seen by the scanner"
        save(one, folder / "scan" / f"{index}.dcm")
    arguments = ["upscale", folder / "scan", "-o", folder / "large", "--model", folder / name, "--uncertainty", folder / "half"]
    done = CliRunner().invoke(app, [*map(str, arguments), "--report", str(folder / "page"), "--json"])
    assert done.exit_code == 0, done.stderr
    return folder, json.loads(done.stdout)["outputs"][0]


def objects(folder, name):
    return [pydicom.dcmread(path) for path in sorted((folder / name).glob("*.dcm"))]


def test_headers_say_what_was_made_by_a_network(written):
    folder, row = written
    for one in objects(folder, "large"):
        assert one.SeriesDescription.endswith("Radloupe x2 AI")
        finest = 2 * max(row["spacing_in"][:2])
        assert one.ImageComments.startswith(f"AI-estimated detail below {finest:.3g} mm. Research only, not for diagnosis.")
        assert one.ImageComments.endswith("seen by the scanner") and "ct-x2" in one.ImageComments
        assert "input check" in one.DerivationDescription
        assert "Canary" not in one.ImageComments + one.SeriesDescription + one.DerivationDescription


def test_maps_lie_on_the_result_with_their_unit(written):
    folder, row = written
    results, maps = objects(folder, "large"), objects(folder, "half")
    assert len(maps) == len(results) == 3
    for result, one in zip(results, maps, strict=True):
        assert one.StudyInstanceUID == result.StudyInstanceUID and one.FrameOfReferenceUID == result.FrameOfReferenceUID
        assert one.SeriesInstanceUID != result.SeriesInstanceUID
        position = one.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence[0].ImagePositionPatient
        assert np.allclose(position, result.ImagePositionPatient)
        shared = one.SharedFunctionalGroupsSequence[0]
        assert np.allclose(shared.PixelMeasuresSequence[0].PixelSpacing, result.PixelSpacing)
        assert shared.RealWorldValueMappingSequence[0].MeasurementUnitsCodeSequence[0].CodeValue == "[hnsf'U]"
        assert one.pixel_array.shape == result.pixel_array.shape and one.pixel_array.dtype == np.float32
    mean = np.mean([one.pixel_array.mean() for one in maps])
    assert mean == pytest.approx(row["uncertainty"]["mean_half_width"], rel=1e-3)  # four digits are reported


def test_the_page_holds_nothing_of_the_patient_and_the_numbers_of_the_row(written):
    folder, row = written
    page = re.sub(r'src="[^"]*"', "", (folder / "page" / "trust.html").read_text())  # images as text hold any two letters
    text = page + (folder / "page" / "trust.json").read_text()
    header = objects(folder, "scan")[0]
    for value in ("Canary", header.PatientID, header.StudyInstanceUID, header.SOPInstanceUID, str(folder)):
        assert not value or value not in text
    record = json.loads((folder / "page" / "trust.json").read_text())
    assert record["consistency"] == row["consistency"] and record["uncertainty"] == row["uncertainty"]
    assert record["estimated_below_mm"] == pytest.approx(2 * max(row["spacing_in"][:2]), abs=1e-4)  # rounded to 0.1 um


def test_small_images_are_not_inspected_and_claim_nothing(written):
    _, row = written
    assert not row["uncertainty"]["valid"] and row["uncertainty"]["void_because"] == ["not inspected"]


@pytest.mark.skipif(not shutil.which("dciodvfy"), reason="dciodvfy (dicom3tools) is missing")
def test_maps_conform(written):
    folder, _ = written
    for path in sorted((folder / "half").glob("*.dcm")):
        said = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False).stderr
        assert not [line for line in said.splitlines() if line.startswith("Error")], said
