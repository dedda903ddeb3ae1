"""Commands as a user types them: results, exit codes, one paragraph, nothing left behind."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from pydicom import dcmread
from pydicom.data import get_testdata_file

import radloupe as rl
from dicom_factory import mr, series
from radloupe.imaging.image import Image

CT = Path(get_testdata_file("CT_small.dcm", download=False))
MR = Path(get_testdata_file("MR_small.dcm", download=False))
UPSCALE_KEYS = {
    "input", "output", "model", "scale", "shape_in", "shape_out", "seconds", "megapixels_per_s", "peak_memory_bytes", "tiles", "engine",
    "consistency_db", "bounded_pixels", "notes", "spacing_in", "spacing_out", "status", "reason", "model_scale",
    "quality", "consistency", "gate", "uncertainty", "denoise", "sharpness",
}  # fmt: skip
INFO_KEYS = {"format", "modality", "shape", "spacing_mm", "affine", "stored_type", "bits_stored", "meaning", "range"}
MODEL_KEYS = {"name", "modality", "scale", "parameters", "reach", "sha256", "trained_on", "degradation", "metrics", "licence", "bytes"}
MODEL_KEYS |= {"receptive_field_radius"}  # the field's word for `reach`


@pytest.fixture
def chest(tmp_path):
    """A small 12-bit image in a 16-bit PNG."""
    path = tmp_path / "chest.png"
    PILImage.fromarray(np.random.default_rng(0).integers(0, 4096, (40, 32), dtype=np.uint16)).save(path)
    return path


def test_info(radloupe):
    code, out, err = radloupe("info", CT, "--json")
    facts = json.loads(out)
    assert (code, err) == (0, "")
    assert facts.keys() == INFO_KEYS
    assert (facts["format"], facts["modality"], facts["shape"], facts["meaning"]) == ("dicom", "CT", [1, 128, 128], "HU")
    assert "bits_stored" in radloupe("info", CT)[1]


def test_upscale_dicom(radloupe, tmp_path):
    code, out, err = radloupe("upscale", MR, "-o", tmp_path / "large.dcm", "--scale", 2, "--json")
    assert (code, err) == (0, "")
    (row,) = json.loads(out)["outputs"]
    assert row.keys() == UPSCALE_KEYS
    assert (row["model"], row["scale"], row["shape_out"], row["engine"]) == ("mri-x2", 2, [1, 128, 128], "torch-fp32")
    made = dcmread(tmp_path / "large.dcm")
    assert (made.Rows, made.Columns, made.ImageType[0]) == (128, 128, "DERIVED")
    assert row["consistency_db"] > 30  # what a faithful enlargement of a 12-bit image gives back


@pytest.mark.parametrize(("model", "messages"), [("xray-x4", True), ("aid-srgan-x4", False)])  # the latter's degradation is drawn at random
def test_consistency_is_reported_where_it_is_defined(radloupe, chest, tmp_path, model, messages):
    code, out, _ = radloupe("upscale", chest, "-o", tmp_path / "large.png", "--model", model)
    assert code == 0
    assert ("  consistency " in out) == messages
    assert "None" not in out


def test_output_format_is_that_of_its_extension_or_of_the_input(radloupe, chest, tmp_path):
    for name, form in (("a.tif", "tiff"), ("b.nii.gz", "nifti"), ("c", "png")):
        assert radloupe("upscale", chest, "-o", tmp_path / name, "--model", "mri-x2")[0] == 0
        assert json.loads(radloupe("info", tmp_path / name, "--json")[1])["format"] == form


def test_many_inputs_go_to_a_folder_under_their_names(radloupe, chest, tmp_path):
    code, out, _ = radloupe("upscale", chest, MR, "-o", tmp_path / "out", "--model", "mri-x2", "--json")
    assert code == 0
    assert [Path(row["output"]).name for row in json.loads(out)["outputs"]] == ["chest.png", "MR_small.dcm"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["MR_small.dcm", "chest.png"]


def test_a_series_becomes_a_folder_of_one_new_series(radloupe, tmp_path):
    series(tmp_path / "scan", mr, 3)
    code, out, err = radloupe("upscale", tmp_path / "scan", "-o", tmp_path / "large", "--scale", 2, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["outputs"][0]["shape_out"][0] == 3
    made = [dcmread(path) for path in sorted((tmp_path / "large").glob("*.dcm"))]
    assert len(made) == 3
    assert len({ds.SeriesInstanceUID for ds in made}) == 1
    assert len({ds.SOPInstanceUID for ds in made}) == 3
    assert json.loads(radloupe("info", tmp_path / "large", "--json")[1])["shape"][0] == 3


def test_a_series_is_not_written_into_one_file(radloupe, tmp_path):
    series(tmp_path / "scan", mr, 3)
    code, _, err = radloupe("upscale", tmp_path / "scan", "-o", tmp_path / "large.dcm", "--scale", 2)
    assert code == 2
    assert "folder" in err
    rl.write(rl.read(tmp_path / "scan"), tmp_path / "copy")
    assert len(list((tmp_path / "copy").glob("*.dcm"))) == 3


def test_a_folder_of_images_is_many_inputs(radloupe, chest, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "in" / name).write_bytes(chest.read_bytes())
    assert radloupe("upscale", tmp_path / "in", "-o", tmp_path / "out", "--model", "mri-x2")[0] == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a.png", "b.png"]


def test_one_bad_input_does_not_stop_the_others(radloupe, chest, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(chest.read_bytes()[:60])
    code, out, err = radloupe("upscale", bad, chest, "-o", tmp_path / "out", "--model", "mri-x2", "--json")
    assert code == 3
    assert [(row["status"], row["output"]) for row in json.loads(out)["outputs"]] == [
        ("failed", None),
        ("done", str(tmp_path / "out" / "chest.png")),
    ]
    assert "bad.png" in err
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["chest.png"]


def test_an_unknown_model_is_reported_once_for_many_inputs(radloupe, chest, tmp_path):
    code, out, err = radloupe("upscale", chest, MR, "-o", tmp_path / "out", "--model", "mri-x9")
    assert (code, out) == (2, "")
    assert err.count("Unknown model") == 1


def test_existing_outputs_need_overwrite(radloupe, chest, tmp_path):
    target = tmp_path / "large.png"
    target.write_text("mine")
    assert radloupe("upscale", chest, "-o", target, "--model", "mri-x2")[0] == 2
    assert target.read_text() == "mine"
    assert radloupe("upscale", chest, "-o", target, "--model", "mri-x2", "--overwrite")[0] == 0
    assert rl.read(target).shape == (1, 80, 64)


def test_the_source_is_never_replaced(radloupe, chest):
    before = chest.read_bytes()
    code, _, err = radloupe("upscale", chest, "-o", chest, "--model", "mri-x2", "--overwrite")
    assert (code, chest.read_bytes()) == (2, before)
    assert "never replaced" in err


def test_models(radloupe):
    rows = json.loads(radloupe("models", "--json")[1])
    assert all(row.keys() == MODEL_KEYS for row in rows)
    assert {"mri-x2"} <= {row["name"] for row in rows}
    assert "gain" in radloupe("models")[1]


def test_measure_files_and_folders(radloupe, chest, tmp_path):
    for folder in ("ours", "truth"):
        (tmp_path / folder).mkdir()
    rng = np.random.default_rng(0)
    for name in "abcde":
        truth = rng.integers(0, 256, (30, 30), dtype=np.uint8)
        PILImage.fromarray(truth).save(tmp_path / "truth" / f"{name}.png")
        PILImage.fromarray(truth ^ 1).save(tmp_path / "ours" / f"{name}.png")
    code, out, _ = radloupe("measure", tmp_path / "ours", tmp_path / "truth", "--json")
    result = json.loads(out)
    assert (code, result["protocol"], len(result["images"])) == (0, "plain", 5)
    assert result["mean"]["psnr"] == pytest.approx(48.1308, abs=1e-4)  # 20 log10 255: every pixel is off by one
    assert (result["patients"], result["ci95"]["psnr"]) == (None, None)  # files are not patients
    same = json.loads(radloupe("measure", chest, chest, "--json")[1])
    assert same["images"][0]["psnr"] is None  # infinite, which JSON cannot say
    assert same["images"][0]["ssim"] == 1
    (tmp_path / "ours" / "z.png").write_bytes(chest.read_bytes())
    code, _, err = radloupe("measure", tmp_path / "ours", tmp_path / "truth")
    assert code == 3
    assert "z.png" in err


def test_demo_writes_images_and_a_page(radloupe, tmp_path):
    code, out, err = radloupe("demo", "-o", tmp_path / "demo")
    assert (code, err) == (0, "")
    assert {Path(line).name for line in out.split()} == {"examples_overlay_x4.dcm", "CT_small_x4.dcm", "MR_small_x4.dcm", "index.html"}
    page = (tmp_path / "demo" / "index.html").read_text()
    assert page.count("data:image/png;base64,") == 20  # three images in three versions, one original, each whole and a region of it
    assert "http" not in page  # readable without a network
    assert dcmread(tmp_path / "demo" / "CT_small_x4.dcm").Rows == 512


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["upscale", "missing.dcm", "-o", "x.dcm"], 3, "no file or folder"),
        (["upscale", CT, "-o", "x.dcm", "--model", "mri-x3"], 2, "Did you mean"),
        (["upscale", CT, "-o", "x.dcm", "--scale", "9"], 2, "at most 8"),
        (["upscale", CT, "-o", "x.jpg", "--model", "mri-x2"], 2, "JPEG"),
        (["upscale", CT, "-o", "x.dcm", "--model", "mri-x2", "--reference", CT], 2, "reference"),
        (["upscale", CT, "-o", "x.dcm", "--model", "mri-x2", "--memory", "10MiB"], 4, "--memory"),
        (["upscale", CT], 2, "Missing option"),
        (["upscale", CT, "-o", "x.dcm", "--scale", "two"], 2, "Invalid value"),
        (["enlarge"], 2, "No such command"),
        (["info", "missing.dcm"], 3, "no file or folder"),
        (["measure", CT, MR], 3, "one shape"),
        (["measure", CT, CT, "--protocol", "fancy"], 2, "protocol"),
        (["demo", "-o", "."], 2, "exists"),
    ],
)
def test_errors_have_their_exit_code_and_one_paragraph(radloupe, tmp_path, monkeypatch, arguments, code, words):
    monkeypatch.chdir(tmp_path)
    found, out, err = radloupe(*arguments)
    assert found == code
    assert out == ""
    assert words in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_damaged_weights_are_exit_code_five(radloupe, tmp_path):
    import shutil

    from radloupe.zoo.load import shipped

    folder = shutil.copytree(shipped()["mri-x2"], tmp_path / "model")
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model.safetensors").write_bytes(data)
    code, _, err = radloupe("upscale", MR, "-o", tmp_path / "x.dcm", "--model", folder)
    assert code == 5
    assert "sha256" in err
    assert not (tmp_path / "x.dcm").exists()


def test_a_bug_is_exit_code_one_and_debug_shows_where(radloupe, tmp_path, monkeypatch):
    monkeypatch.setattr("radloupe.formats.read", lambda path, **_: 1 // 0)
    code, _, err = radloupe("info", CT)
    assert code == 1
    assert "bug" in err
    assert "Traceback" not in err
    assert "Traceback" in radloupe("info", CT, "--debug")[2]


def test_long_work_says_how_far_it_is_where_it_is_piped(capsys):
    from radloupe.cli.console import LINE_EVERY_S, ProgressLines

    now = [0.0]
    lines = ProgressLines("chest.dcm", 40, clock=lambda: now[0])
    for _ in range(3):
        now[0] += 0.4 * LINE_EVERY_S  # the third step is the first one later than the interval
        lines.advance(10)
    assert capsys.readouterr().err == "radloupe: chest.dcm: 30 of 40 (75%)\n"


def test_a_modality_is_given_where_the_format_cannot_say_it(radloupe, chest, tmp_path):
    assert json.loads(radloupe("info", chest, "--json")[1])["modality"] == "XR"  # what a PNG is taken for
    facts = json.loads(radloupe("info", chest, "--modality", "MR", "--json")[1])
    assert (facts["modality"], facts["meaning"]) == ("MR", "arbitrary")
    code, out, _ = radloupe("upscale", chest, "-o", tmp_path / "large.png", "--modality", "MR", "--scale", 2, "--json")
    assert (code, json.loads(out)["outputs"][0]["model"]) == (0, "mri-x2")
    assert rl.read(tmp_path / "large.png").info.modality == "MR"


def test_a_modality_against_a_dicom_header_is_refused(radloupe):
    code, _, err = radloupe("info", CT, "--modality", "MR")
    assert code == 3
    assert "found CT in its DICOM header. Leave out --modality." in err
    assert radloupe("info", CT, "--modality", "CT")[0] == 0
    code, _, err = radloupe("info", CT, "--modality", "MRI")
    assert (code, "Unknown modality 'MRI'. Did you mean 'MR'?" in err) == (2, True)


def test_info_states_the_order_of_axes_for_people(radloupe, tmp_path):
    path = rl.write(Image(np.zeros((1, 2, 3, 4), np.uint8), np.diag([0.5, 0.6, 2.0, 1.0])), tmp_path / "a.nii.gz")
    facts = json.loads(radloupe("info", path, "--json")[1])
    assert (facts["shape"], facts["spacing_mm"]) == ([2, 3, 4], [0.5, 0.6, 2.0])  # the contract: z y x, and x y z
    shown = radloupe("info", path)[1]
    assert "4 x 3 x 2 pixels (x, y, z)" in shown
    assert "0.5 x 0.6 x 2 (x, y, z)" in shown


def test_options_that_the_library_names_are_flags_on_the_command_line():
    from radloupe.cli.options import as_flags, flags_of
    from radloupe.cli.train import train

    said = "Cannot train with the `device` tpu. Choose `resume`, `max_minutes` or the extra `forward`; `settings` are strange."
    assert as_flags(said, flags_of(train)) == (
        "Cannot train with the --device tpu. Choose --resume, --max-minutes or the extra `forward`; --set are strange."
    )


def test_a_scale_above_the_model_s_says_what_the_model_has(radloupe, tmp_path):
    code, _, err = radloupe("upscale", CT, "-o", tmp_path / "a.dcm", "--scale", 3, "--model", "ct-x2")
    assert code == 2
    assert "ct-x2 enlarges by 2 at most, not by 3. Choose a smaller one, or another model." in err


@pytest.mark.parametrize(
    ("output", "widths", "words"), [("a.nii", "w.dcm", "a DICOM result"), ("a.nii", "w.xyz", "extension"), ("a.dcm", "w.jpg", "JPEG")]
)
def test_half_widths_that_cannot_be_written_are_refused_before_anything_is(radloupe, tmp_path, output, widths, words):
    code, _, err = radloupe("upscale", CT, "-o", tmp_path / output, "--scale", 2, "--uncertainty", tmp_path / widths)
    assert (code, list(tmp_path.iterdir())) == (2, [])
    assert words in err
