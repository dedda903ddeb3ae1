"""`radloupe evaluate`: the table is what the images say, the same each time, and of images that were not trained on."""

import csv
import json
import shutil
import weakref

import numpy as np
import pytest
from PIL import Image as PILImage

import radloupe as rl
from dicom_factory import cr, ct, mr, save, series
from radloupe import formats
from radloupe.core.errors import RadloupeWarning
from radloupe.data.patients import patient_key
from radloupe.data.sources import Item
from radloupe.evaluation.evaluation_page import examples_to_show, page
from radloupe.evaluation.leakage import fingerprint, training_list
from radloupe.evaluation.methods import Method, methods_named
from radloupe.evaluation.model_table import tabulate
from radloupe.evaluation.paired_metrics import ImageMetrics, Task, degraded_pair, image_metrics
from radloupe.evaluation.patient_statistics import sign_flip
from radloupe.evaluation.survey import survey
from radloupe.metrics.inside import nested
from radloupe.metrics.protocol import PROTOCOLS
from radloupe.zoo.load import shipped

RUN = ("--degrade", "bicubic", "--scale", 2)


def texture(seed, shape=(26, 25)):
    """Eight-bit pixels with contrast at every frequency."""
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def put(path, seed, shape=(26, 25)):
    path.parent.mkdir(parents=True, exist_ok=True)
    PILImage.fromarray(texture(seed, shape)).save(path)
    return path


@pytest.fixture
def data(tmp_path):
    """Three patients: one with three images, the others with one."""
    for seed, name in enumerate(["anna_1", "anna_2", "anna_3", "bert_1", "carl_1"]):
        put(tmp_path / "data" / f"{name}.png", seed)
    return tmp_path / "data"


def flags(*names):
    return [part for name in names for part in ("--model", name)]


def test_the_table_is_what_the_images_say(radloupe, data, tmp_path):
    code, out, err = radloupe("evaluate", *flags("bicubic", "nearest"), "--data", data, *RUN, "--csv", tmp_path / "f.csv", "--json")
    assert (code, err) == (0, "")
    table = json.loads(out)
    assert [table[key] for key in ("protocol", "degrade", "scale", "seed", "images", "patients")] == ["plain", "bicubic", 2, 0, 5, 3]
    assert table["settings"]["border"] == 0
    lines = list(csv.DictReader((tmp_path / "f.csv").read_text().splitlines()))
    assert len(lines) == 10
    gaps = {}
    for model in table["models"]:
        own = {row["image"]: float(row["psnr"]) for row in lines if row["model"] == model["name"]}
        anna = np.mean([own[f"anna_{n}.png"] for n in (1, 2, 3)])
        patients = np.array([anna, own["bert_1.png"], own["carl_1.png"]])
        gaps[model["name"]] = patients
        assert model["mean"]["psnr"] == pytest.approx(patients.mean(), rel=1e-12)
        assert model["ci95"]["psnr"] is None  # three patients tell too little of others
        assert model["worst_decile"]["psnr"] == min(own.values())
        assert model["patients"][patient_key("anna")]["psnr"] == pytest.approx(anna, rel=1e-12)
        assert model["sha256"] is None
    first, second = table["models"]
    assert first["difference"] == {}
    found = second["difference"]["psnr"]
    assert found["mean"] == pytest.approx((gaps["nearest"] - gaps["bicubic"]).mean(), rel=1e-9)
    assert found["p"] == found["p_holm"] == float(sign_flip(gaps["nearest"] - gaps["bicubic"]))


def test_a_metric_of_the_table_equals_that_of_the_three_commands(data):
    row = next(image_metrics(survey(data, [], 2), methods_named(["mri-x2"], 2), Task("bicubic", 2)))
    truth = rl.read(data / "anna_1.png")
    truth = truth.resampled(truth.pixels[..., :26, :24], (1, 1, 1), "cropped")
    with pytest.warns(RadloupeWarning, match="made for MR"), pytest.warns(RadloupeWarning, match="consistency"):
        low = rl.degrade(truth, "bicubic", 2)
        large = rl.upscale(low, "mri-x2")
    ours, theirs = nested(row.metrics["mri-x2"]), rl.measure(large, truth, low=low)
    assert theirs["anatomy"].pop("found") is not row.whole
    assert ours.pop("anatomy") == pytest.approx(theirs.pop("anatomy"), rel=0, abs=0, nan_ok=True)  # too small for a block
    assert ours == theirs


def test_two_runs_give_the_same_bytes(radloupe, data, tmp_path):
    for name in ("anna_2.png", "anna_3.png", "carl_1.png"):
        (data / name).unlink()
    made = []
    for name in ("one", "two"):
        outputs = ("--csv", tmp_path / name / "f.csv", "--report", tmp_path / name / "page", "--json")
        _, out, _ = radloupe("evaluate", *flags("bicubic", "mri-x2"), "--data", data, *RUN, "--seed", 3, *outputs)
        made.append((out, (tmp_path / name / "f.csv").read_bytes(), (tmp_path / name / "page" / "index.html").read_bytes()))
    assert made[0] == made[1]


def test_one_patient_has_no_interval_and_no_test(radloupe, data, tmp_path):
    (tmp_path / "who.csv").write_text("image,patient\n" + "".join(f"{p.name},only\n" for p in data.iterdir()))
    arguments = ("--patients", tmp_path / "who.csv", "--report", tmp_path / "page", "--json")
    _, out, _ = radloupe("evaluate", *flags("bicubic", "lanczos"), "--data", data, *RUN, *arguments)
    table = json.loads(out)
    assert table["patients"] == 1
    assert table["models"][0]["ci95"]["psnr"] is None
    assert table["models"][1]["difference"]["psnr"].keys() == {"mean", "ci95", "p", "p_holm"}
    assert table["models"][1]["difference"]["psnr"]["p"] is None
    assert "<small>1 patient</small>" in (tmp_path / "page" / "index.html").read_text()


def test_patients_of_dicom_files_are_distinguished_and_never_named(radloupe, tmp_path):
    (tmp_path / "data").mkdir()
    for number in range(4):
        ds = mr(pixels=texture(number).astype("int16"))
        ds.PatientID = f"SECRET-{number % 2}"
        save(ds, tmp_path / "data" / f"{number}.dcm")
    outputs = ("--csv", tmp_path / "out" / "f.csv", "--report", tmp_path / "out" / "page", "--json")
    code, out, err = radloupe("evaluate", "--model", "bicubic", "--data", tmp_path / "data", *RUN, *outputs)
    assert (code, json.loads(out)["patients"]) == (0, 2)
    assert patient_key("SECRET-1") in json.loads(out)["models"][0]["patients"]
    written = out + err + "".join(p.read_text() for p in (tmp_path / "out").rglob("*.*"))
    assert "SECRET" not in written


def test_a_subfolder_is_one_series(radloupe, tmp_path):
    put(tmp_path / "data" / ".hidden.png", 0)
    series(tmp_path / "data" / "scan", mr, 3)
    (tmp_path / "data" / "notes.txt").write_text("not an image")
    assert json.loads(radloupe("evaluate", "--model", "bicubic", "--data", tmp_path / "data", *RUN, "--json")[1])["images"] == 1


def test_a_manifest_says_which_images_are_measured_and_whose_they_are(radloupe, data):
    lines = [
        {"image": "anna_1.png", "patient": "x", "split": "test"},
        {"high": "bert_1.png", "patient": "x"},
        {"path": "carl_1.png", "patient": "z", "split": "train"},
    ]
    (data / "manifest.jsonl").write_text("\n".join(map(json.dumps, lines)))
    table = json.loads(radloupe("evaluate", "--model", "bicubic", "--data", data, *RUN, "--json")[1])
    assert (table["images"], table["patients"]) == (2, 1)


def test_splits_may_not_share_a_patient(radloupe, tmp_path):
    put(tmp_path / "train" / "anna_1.png", 1)
    put(tmp_path / "test" / "anna_2.png", 2)
    code, out, err = radloupe("evaluate", "--model", "bicubic", "--data", tmp_path, *RUN)
    assert (code, out) == (3, "")
    assert "no patient in two splits" in err
    assert "train/anna_1.png" in err
    (tmp_path / "patients.csv").write_text("image,patient\nanna_1.png,1\nanna_2.png,2\n")
    assert radloupe("evaluate", "--model", "bicubic", "--data", tmp_path, *RUN)[0] == 0


def test_splits_may_not_share_an_image_in_whatever_format(radloupe, tmp_path):
    source = put(tmp_path / "validation" / "anna.png", 1)
    (tmp_path / "test").mkdir()
    formats.write(rl.read(source), tmp_path / "test" / "bert.nii")
    code, _, err = radloupe("evaluate", "--model", "bicubic", "--data", tmp_path, *RUN)
    assert code == 3
    assert "no image in two splits" in err


def dataset(folder, salt, key, seed):
    """A data set of one test image, as `radloupe dataset` writes it; without a salt as version 0.1 wrote it."""
    put(folder / "test" / "high" / "000000.png", seed)
    (folder / "manifest.jsonl").write_text(json.dumps({"high": "test/high/000000.png", "patient": key, "split": "test"}))
    (folder / "dataset.json").write_text(json.dumps({"name": "d"} | ({"patient_salt": salt} if salt else {})))
    return folder


@pytest.mark.parametrize("salt", ["", "3f9c"])
def test_the_patients_of_a_data_set_are_found_in_what_a_model_was_trained_on(radloupe, data, tmp_path, salt):
    """By the key that both hold, and by the name of a patient whose key is known under the model's salt."""
    folder = shutil.copytree(shipped()["mri-x2"], tmp_path / "model")
    manifest = json.loads((folder / "model.json").read_text())
    manifest["training"] |= {"patients": [patient_key("bert", salt)], "images": []} | ({"patient_salt": salt} if salt else {})
    (folder / "model.json").write_text(json.dumps(manifest))
    same = dataset(tmp_path / "same", salt, patient_key("bert", salt), 50)
    other = dataset(tmp_path / "other", salt, patient_key("zoe", salt), 51)
    found = [radloupe("evaluate", "--model", folder, "--data", one, *RUN) for one in (same, data, other)]
    assert [code for code, _, _ in found] == [3, 3, 0]
    assert all("no patient that mri-x2 was trained on" in err for _, _, err in found[:2])


def test_a_metric_that_no_model_has_is_left_out_of_the_text(radloupe, data):
    """LPIPS without weights is NaN for every model, and one image gives no test: neither is printed as `nan`."""
    for name in ("anna_2", "anna_3", "bert_1", "carl_1"):
        (data / f"{name}.png").unlink()
    code, out, _ = radloupe("evaluate", *flags("bicubic", "nearest"), "--data", data, *RUN, "--protocol", "mri")
    assert code == 0
    assert "nan" not in out
    assert "lpips" not in out
    assert "no test" in out


@pytest.mark.parametrize(("name", "patient", "word"), [("anna_1", "zoe", "no image"), ("zoe_1", "bert", "no patient")])
def test_models_are_not_measured_on_what_they_were_trained_on(radloupe, data, tmp_path, name, patient, word):
    folder = shutil.copytree(shipped()["mri-x2"], tmp_path / "model")
    image = rl.read(data / f"{name}.png" if (data / f"{name}.png").exists() else put(tmp_path / "zoe_1.png", 99))
    manifest = json.loads((folder / "model.json").read_text())
    manifest["training"] |= training_list([Item(patient, name, image)])
    (folder / "model.json").write_text(json.dumps(manifest))
    code, out, err = radloupe("evaluate", *flags("bicubic", folder), "--data", data, *RUN)
    assert (code, out) == (3, "")
    assert f"{word} that mri-x2 was trained on, found 1 of 5" in err.split(": ", 1)[1].replace("Expected ", "")
    assert patient not in err.replace("bert_1.png", "")


def test_every_image_has_a_degradation_of_its_own_that_can_be_drawn_again(data):
    task = Task("aid-paper", 2, seed=5)
    subjects = survey(data, [], 2)
    assert len({task.seed_of(subject.name) for subject in subjects}) == 5
    low, truth = degraded_pair(subjects[1], task)
    assert np.array_equal(low.pixels, rl.degrade(truth, "aid-paper", 2, task.seed_of("anna_2.png")).pixels)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_gives_a_table_and_says_what_it_could_not_have(radloupe, data, protocol):
    code, out, _ = radloupe("evaluate", *flags("bicubic", "nearest"), "--data", data, *RUN, "--protocol", protocol, "--json")
    table = json.loads(out)
    assert code == 0
    means = table["models"][0]["mean"]
    assert means.keys() == table["models"][1]["difference"].keys() >= {"psnr", "ssim"}
    assert {figure for figure, mean in means.items() if mean is None} >= table["unavailable"].keys()
    assert means["psnr"] is not None


def test_the_worst_of_a_distance_is_the_largest():
    values = [ImageMetrics(str(n), str(n), {"a": {"psnr": 30.0 + n, "lpips_alex": n / 10}}) for n in range(4)]
    found = tabulate(values, [Method("a", lambda low: low)], Task("bicubic", 2, "mri"))
    assert found.models[0].worst_decile == {"psnr": 30, "lpips_alex": 0.3}


def test_the_same_values_are_the_same_image():
    one = rl.Image(np.array([[[[0, 1], [2, 3]]]], np.uint8))
    same = rl.Image(np.array([[[[-0.0, 1], [2, 3]]]], np.float32))
    assert fingerprint(one) == fingerprint(same)
    assert fingerprint(one) != fingerprint(rl.Image(one.pixels.reshape(1, 1, 1, 4)))


def bad(name):
    """A change of the folder that leaves nothing sensible to measure."""

    def small(data):
        put(data / "zoe.png", 9, (1, 30))

    def constant(data):
        PILImage.fromarray(np.full((20, 20), 7, np.uint8)).save(data / "zoe.png")

    def damaged(data):
        (data / "zoe.png").write_bytes((data / "anna_1.png").read_bytes()[:90])

    def mixed(data):
        save(ct(), data / "zoe.dcm")

    def empty(data):
        for path in data.iterdir():
            path.unlink()

    def unknown_patient(data):
        (data / "patients.csv").write_text("image,patient\nanna_1.png,1\n")

    def other_columns(data):
        (data / "patients.csv").write_text("file,who\nanna_1.png,1\n")

    def missing(data):
        (data / "manifest.jsonl").write_text('{"image": "gone.png"}')

    def outside(data):
        put(data.parent / "outside.png", 3)
        (data / "manifest.jsonl").write_text('{"image": "../outside.png"}')

    def not_json(data):
        (data / "manifest.jsonl").write_text("{")

    def no_test(data):
        put(data / "train" / "zoe.png", 3)

    return locals()[name]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("small", ["zoe.png", "at least 2x2", "1x30"]),
        ("constant", ["zoe.png", "contrast"]),
        ("damaged", ["zoe.png"]),
        ("mixed", ["one modality", "zoe.dcm"]),
        ("empty", ["found none"]),
        ("unknown_patient", ["anna_2.png", "patient for every image"]),
        ("other_columns", ["row 1", "patients.csv"]),
        ("missing", ["gone.png"]),
        ("outside", ["inside"]),
        ("not_json", ["manifest.jsonl"]),
        ("no_test", ["/test"]),
    ],
)
def test_bad_folders_are_input_errors_that_name_the_image(radloupe, data, tmp_path, change, words):
    bad(change)(data)
    outputs = ("--csv", tmp_path / "out" / "f.csv", "--report", tmp_path / "out" / "page")
    code, out, err = radloupe("evaluate", "--model", "bicubic", "--data", data, *RUN, *outputs)
    assert (code, out) == (3, "")
    assert all(word in err for word in words)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"--protocol": "plane"}, "plain"),
        ({"--degrade": "bicubix"}, "bicubic"),
        ({"--scale": 4}, "mri-x2, which enlarges by 2"),
        ({"--scale": 1}, "--scale"),
        ({"--model": "mri-x3"}, "Did you mean"),
        ({"--data": "nowhere"}, "nowhere"),
    ],
)
def test_wrong_usage_is_reported_before_anything_is_read(radloupe, data, monkeypatch, options, words):
    monkeypatch.setattr("radloupe.formats.read", lambda path, **_: pytest.fail("read"))
    given = {"--model": "mri-x2", "--data": data, "--degrade": "bicubic", "--scale": 2} | options
    code, out, err = radloupe("evaluate", *(part for pair in given.items() for part in pair))
    assert (code, out) == (2, "")
    assert words in err


def test_existing_outputs_need_overwrite(radloupe, data, tmp_path):
    mine = tmp_path / "f.csv"
    mine.write_text("mine")
    assert radloupe("evaluate", "--model", "bicubic", "--data", data, *RUN, "--csv", mine)[0] == 2
    assert mine.read_text() == "mine"
    assert radloupe("evaluate", "--model", "bicubic", "--data", data, *RUN, "--csv", mine, "--overwrite")[0] == 0
    assert mine.read_text().startswith("image,")


def test_models_of_another_modality_are_run_with_a_note(radloupe, data):
    code, _, err = radloupe("evaluate", "--model", "mri-x2", "--data", data, *RUN)
    assert code == 0
    assert "made for MR images" in err


def test_one_image_at_a_time_is_in_memory(data, monkeypatch):
    read, alive, most = formats.read, [], []

    def counted(path, **_):
        most.append(sum(ref() is not None for ref in alive))
        image = read(path)
        alive.append(weakref.ref(image))
        return image

    monkeypatch.setattr("radloupe.formats.read", counted)
    methods = methods_named(["bicubic"], 2)
    assert len(list(image_metrics(survey(data, methods, 2), methods, Task("bicubic", 2)))) == 5
    assert most == [0] * 10  # looked at once, measured once


def test_the_same_model_twice_has_two_names():
    assert [method.name for method in methods_named(["bicubic", "nearest", "bicubic", "bicubic"], 2)] == [
        "bicubic", "nearest", "bicubic (2)", "bicubic (3)",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["nearest", "bicubic", "lanczos", "zero-filling"])
def test_interpolation_keeps_constants_types_and_position(name):
    low = rl.Image(np.full((2, 3, 4, 5), 1000, np.int16), np.diag([2.0, 2, 3, 1]))
    (method,) = methods_named([name], 3)
    large = method.upscale(low)
    assert large.pixels.dtype == np.int16
    assert (large.pixels == 1000).all()
    assert large.shape == (3, 12, 15)
    assert large.spacing == pytest.approx((2 / 3, 2 / 3, 3), abs=1e-12)


def rows_of(values, method="bicubic"):
    return [ImageMetrics(f"{n}.png", str(n), {method: {"psnr": value}}) for n, value in enumerate(values)]


def test_infinite_metrics_leave_no_interval_and_no_test():
    methods = [Method("a", lambda low: low), Method("b", lambda low: low)]
    found = tabulate(
        [ImageMetrics(str(n), str(n), {"a": {"psnr": np.inf}, "b": {"psnr": 30.0 + n}}) for n in range(7)], methods, Task("bicubic", 2)
    )
    first, second = found.models
    assert (first.mean["psnr"], first.ci95["psnr"]) == (np.inf, None)
    assert np.isnan(second.difference["psnr"].p)
    assert second.ci95["psnr"] is not None


def test_the_worst_three_and_the_median_image_are_shown():
    task = Task("bicubic", 2)
    assert list(examples_to_show(rows_of([30, 20, 50, 10, 40, np.inf, np.nan]), "bicubic", task).values()) == [3, 1, 0, 4]
    assert list(examples_to_show(rows_of([3, 1]), "bicubic", task).values()) == [1, 0]  # no image twice


def test_the_report_is_one_file_that_needs_no_network(data, tmp_path):
    save(cr(), data / "<b>.dcm")  # inverted, and a name that is no HTML
    methods = methods_named(["bicubic", "nearest"], 2)
    subjects = survey(data, methods, 2)
    found = list(image_metrics(subjects, methods, Task("bicubic", 2)))
    text = page(tabulate(found, methods, Task("bicubic", 2)), found, subjects, methods)
    assert "http" not in text
    assert "<b>" not in text
    shown = 4  # three worst and the median
    assert text.count("data:image/png;base64,") == shown * (4 + 1 + 4 + 2 + 4)  # whole, anatomy, detail, errors of two methods, spectra
    assert text.count("<circle") == 4  # patients
    assert text == page(tabulate(found, methods, Task("bicubic", 2)), found, subjects, methods)


def test_a_modality_is_given_for_formats_that_cannot_say(radloupe, data):
    for name in ("anna_2.png", "anna_3.png", "bert_1.png", "carl_1.png"):
        (data / name).unlink()
    run = ("evaluate", *flags("mri-x2"), "--data", data, *RUN, "--json")
    assert "made for MR" in radloupe(*run)[2]  # a PNG is taken for a radiograph
    assert "made for MR" not in radloupe(*run, "--modality", "MR")[2]
