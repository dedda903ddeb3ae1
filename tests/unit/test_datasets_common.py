"""What is the same for all data sets: parts, folders, manifests, the command."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from radloupe.core.errors import InputError, RadloupeWarning, UsageError
from radloupe.data import patients
from radloupe.data.builder import Builder, Piece, build
from radloupe.data.dataset_manifest import patient_salt
from radloupe.data.folder import images, images_of
from radloupe.data.patients import counts, patient_key
from radloupe.degradation.xpgan import Xpgan
from radloupe.papers.datasets import DATASETS

SHARES = {"train": 7, "validation": 2, "test": 1}


@pytest.mark.parametrize("total", [3, 4, 7, 10, 11, 25, 101])
def test_every_part_gets_someone_and_nobody_is_left_out(total):
    found = counts(total, SHARES)
    assert sum(found.values()) == total
    assert min(found.values()) >= 1
    exact = {name: total * share / 10 for name, share in SHARES.items()}
    # one for rounding, one more that a large part gives up so that a small one is not empty
    assert all(abs(found[name] - exact[name]) < 2 for name in SHARES)


def test_the_split_follows_the_seed_and_not_the_order():
    names = [f"p{n}" for n in range(30)]
    one = patients.split(names, SHARES, seed=1)
    assert one == patients.split(names[::-1] * 2, SHARES, seed=1)
    assert one != patients.split(names, SHARES, seed=2)


def test_two_patients_have_no_validation_and_one_is_refused():
    with pytest.warns(RadloupeWarning, match="none for validation"):
        assert sorted(patients.split("ab", SHARES, 0).values()) == ["test", "train"]
    with pytest.raises(InputError, match=r"at least 3 patients.*found 1.*do this"):
        patients.split("a", SHARES, 0, "do this")


def piece(patient, part):
    return Piece(patient, part, {"high": np.zeros((4, 4), np.uint8)}, {})


def builder(*pieces):
    return Builder(lambda source, settings, seed: iter(pieces), Xpgan(), "images", "no paper")


def made(tmp_path, *pieces, **more):
    (tmp_path / "source").mkdir(exist_ok=True)
    return build(builder(*pieces), "test", tmp_path / "source", tmp_path / "out", **more)


def test_a_patient_in_two_parts_leaves_nothing_behind(tmp_path):
    with pytest.raises(InputError, match="found 1 in several") as error:
        made(tmp_path, piece("SECRET", "train"), piece("SECRET", "test"))
    assert "SECRET" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_an_empty_data_set_is_refused(tmp_path):
    with pytest.raises(InputError, match="at least one item"):
        made(tmp_path)


def test_patients_are_named_by_keys(tmp_path):
    salt = made(tmp_path, piece("SECRET", "train"))["patient_salt"]
    text = "".join(path.read_text() for path in (tmp_path / "out").glob("*.json*"))
    assert len(salt) == 32
    assert patient_salt(tmp_path / "out") == salt
    assert patient_key("SECRET", salt) in text
    assert patient_key("SECRET") not in text  # an unsalted key could be looked up in a table of hashes
    assert "SECRET" not in text


def test_data_sets_of_version_0_1_have_keys_without_a_salt(tmp_path):
    (tmp_path / "dataset.json").write_text('{"name": "xpgan-patches", "items": {"train": 1}}')
    assert patient_salt(tmp_path) == ""
    (tmp_path / "dataset.json").unlink()
    assert patient_salt(tmp_path) is None  # a manifest that a person wrote holds identifiers


def test_unknown_settings_and_existing_outputs_are_refused(tmp_path):
    with pytest.raises(UsageError, match="Unknown parameter 'kk'"):
        made(tmp_path, piece("a", "train"), settings={"kk": 1})
    made(tmp_path, piece("a", "train"))
    with pytest.raises(UsageError, match="exists already"):
        made(tmp_path, piece("a", "train"))


def test_an_output_inside_the_source_is_refused(tmp_path):
    with pytest.raises(UsageError, match="lies in"):
        build(builder(piece("a", "train")), "test", tmp_path, tmp_path / "out")


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_has_its_section_in_the_docs(name):
    assert f"`{name}`" in (Path(__file__).parents[2] / "docs" / "datasets.md").read_text()


@pytest.mark.parametrize("name", DATASETS)
def test_every_builder_says_what_it_expects(name, tmp_path):
    with pytest.raises(UsageError, match="found no folder"):
        build(DATASETS[name], name, tmp_path / "none", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="found none"):
        build(DATASETS[name], name, tmp_path / "empty", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def xrays(folder, people=8, side=40):
    """A folder such as ChestX-ray14's."""
    (folder / "images_001" / "images").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for n in range(people):
        for visit in range(1 + n % 2):
            image = rng.integers(0, 256, (side, side)).astype(np.uint8)
            PILImage.fromarray(image).save(folder / "images_001" / "images" / f"{n:08d}_{visit:03d}.png")
    return folder


def test_the_command_makes_a_data_set_that_evaluate_can_read(radloupe, tmp_path):
    source = xrays(tmp_path / "nih")
    code, out, err = radloupe("dataset", "chestxray-ref", "--source", source, "-o", tmp_path / "d", "--set", "size=32", "--json")
    assert code == 0
    description = json.loads(out)
    assert description["settings"]["size"] == 32
    assert "12 of the collection's 112120 images" in err
    rows = [json.loads(line) for line in (tmp_path / "d" / "manifest.jsonl").read_text().splitlines()]
    assert {role: sum(row["split"] == role for row in rows) for role in description["items"]} == description["items"]
    code, out, _ = radloupe(
        "evaluate", "--model", "bicubic", "--data", tmp_path / "d", "--degrade", "bicubic", "--scale", 2, "--protocol", "plain", "--json"
    )
    assert code == 0


def test_the_command_suggests_names(radloupe, tmp_path):
    code, _, err = radloupe("dataset", "synxray", "--source", tmp_path, "-o", tmp_path / "d")
    assert code == 2
    assert "synxray-" in err


def scene(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    PILImage.fromarray(np.random.default_rng(seed).integers(0, 256, (8, 8), dtype=np.uint8)).save(path)


def test_training_takes_the_split_folders_that_evaluation_takes(tmp_path):
    """The test folder is never read; without a validation folder a tenth of the training patients, at least one, validates."""
    for seed, name in enumerate(["Training/anna_1", "Training/anna_2", "Training/carl_1", "val/bert_1", "test/zoe_1"]):
        scene(tmp_path / f"{name}.png", seed)
    assert [item.name for item in images(tmp_path, "train")] == ["anna_1.png", "anna_2.png", "carl_1.png"]
    assert [item.name for item in images(tmp_path, "validation")] == ["bert_1.png"]
    (tmp_path / "val" / "bert_1.png").unlink()
    parts = [{item.patient for item in images(tmp_path, part)} for part in ("train", "validation")]
    assert sorted(map(len, parts)) == [1, 1]
    assert parts[0] | parts[1] == {"anna", "carl"}
    scene(tmp_path / "val" / "anna_3.png", 9)
    with pytest.raises(InputError, match="1 patient"):
        list(images(tmp_path, "train"))


def test_a_pipe_in_a_folder_of_images_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "a.png").touch()
    assert images_of([tmp_path]) == [tmp_path / "a.png"]
