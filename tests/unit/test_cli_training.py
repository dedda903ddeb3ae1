"""`radloupe train` and `publish` as their users meet them: on made-up data sets, in small."""

import json
import os
import runpy
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from test_datasets_loading import data, scene

from radloupe import formats
from radloupe.degradation import shrink

PAPERS = {"xpgan": ("low", "high"), "aid-srgan": ("low", "clean", "high"), "ttsr-fd": ("high", "reference"), "transform-mri": ("high",)}
SCALE = 4
PAGE = Path(__file__).parents[2] / "docs" / "training.md"
HERE = ("--device", "cpu", "--json")


def item(roles, seed, side):
    """A row of a manifest with its images."""
    high = scene(seed, side)
    low = np.rint(shrink(high, SCALE, "bicubic")).clip(0, 255).astype(np.uint8)
    made = {"high": high, "reference": scene(seed + 50, side), "low": low, "clean": low}
    return {role: made[role] for role in roles}


def folder(path, roles=("low", "high"), side=64, parts=("train", "train", "validation")):
    return data(path, [item(roles, n, side) | {"split": part} for n, part in enumerate(parts)])


@pytest.fixture
def small(radloupe, tmp_path):
    """Train EDSR in small on a folder, ten steps of eight pixels, with further words of the command line."""

    def run(*words, recipe="edsr-baseline", source=None, into="run"):
        source = source or (tmp_path / "d" if (tmp_path / "d").exists() else folder(tmp_path / "d"))
        given = ("--budget", "small", "--set", "data.patch=8", "--set", "phases.0.steps=10", *HERE, *words)
        return radloupe("train", recipe, "--data", source, "--run", tmp_path / into, *given)

    return run


@pytest.mark.parametrize("recipe", PAPERS)
def test_each_paper_s_recipe_is_trained_published_and_used(recipe, small, radloupe, tmp_path):
    side = {"ttsr-fd": 160, "aid-srgan": 96}.get(recipe, 64)  # their discriminators take no other
    phases = [word for n in range({"ttsr-fd": 3, "aid-srgan": 3}.get(recipe, 1)) for word in ("--set", f"phases.{n}.steps=1")]
    source = folder(tmp_path / "papers", PAPERS[recipe], side)
    code, out, err = small(*phases, "--set", f"data.patch={side // SCALE}", recipe=recipe, source=source)
    assert code == 0, err
    assert json.loads(out)["finished"]
    code, _, err = radloupe("publish", tmp_path / "run", "--name", "mine", "-o", tmp_path / "model", "--trained-on", "phantoms")
    assert code == 0, err
    card = json.loads((tmp_path / "model" / "model.json").read_text())
    assert (card["trained_on"], card["training"]["name"]) == ("phantoms", recipe)
    image = tmp_path / "low.png"
    PILImage.fromarray(scene(9)[::2, ::2]).save(image)
    words = ("--reference", source / "0-reference.png") if recipe == "ttsr-fd" else ()
    code, _, err = radloupe("upscale", image, "-o", tmp_path / "large.png", "--model", tmp_path / "model", "--device", "cpu", *words)
    assert code == 0, err
    assert formats.read(tmp_path / "large.png").shape == (1, 96, 96)


def test_a_plain_folder_of_images_will_do(small, tmp_path):
    plain = tmp_path / "plain"
    plain.mkdir()
    for n in range(3):
        PILImage.fromarray(scene(n)).save(plain / f"p{n}_a.png")
    code, out, err = small(source=plain)
    assert code == 0, err
    assert json.loads(out)["step"] == 10


def test_the_folders_that_evaluate_takes_are_taken(small, tmp_path):
    """Images of one patient a part: drawn by the patient's name, as in a plain folder, they could not be split at all."""
    for number, split in enumerate(("train", "validation", "test")):
        (tmp_path / "split" / split).mkdir(parents=True)
        for n in range(2):
            PILImage.fromarray(scene(10 * number + n)).save(tmp_path / "split" / split / f"p{number}_{n}.png")
    code, out, err = small(source=tmp_path / "split")
    assert code == 0, err
    assert json.loads(out)["step"] == 10


def test_a_piped_run_says_how_far_it_is_every_so_often(capsys):
    from radloupe.cli import console
    from radloupe.cli.train import JournalLines

    now = [0.0]
    report = JournalLines(lambda: now[0])
    for now[0] in (1.0, console.LINE_EVERY_S, console.LINE_EVERY_S + 1, 2 * console.LINE_EVERY_S):
        report({"step": int(now[0]), "steps": 100, "phase": "full", "l1": 0.25, "left_s": 120.0, "steps_per_s": 2.0})
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"radloupe: full {int(console.LINE_EVERY_S)}/100  l1 0.25  2 steps/s  2 min left"
    assert second.startswith(f"radloupe: full {int(2 * console.LINE_EVERY_S)}/100")


def test_stopping_and_going_on_gives_the_same_model(small, radloupe, tmp_path):
    assert small(into="straight")[0] == 0
    code, out, _ = small("--max-minutes", "0", into="halting")
    assert (code, json.loads(out)["step"], json.loads(out)["finished"]) == (0, 0, False)
    code, out, _ = small("--resume", into="halting")
    assert (code, json.loads(out)["finished"]) == (0, True)
    for name in ("straight", "halting"):
        assert radloupe("publish", tmp_path / name, "--name", "mine", "-o", tmp_path / f"{name}-model")[0] == 0
    one, other = ((tmp_path / f"{name}-model" / "model.safetensors").read_bytes() for name in ("straight", "halting"))
    assert one == other


def test_ctrl_c_stops_after_the_step_and_leaves_a_checkpoint(small, monkeypatch, tmp_path):
    from radloupe.training import loop

    real = loop.training_step

    def interrupted(state, *rest):
        if state.step == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return real(state, *rest)

    monkeypatch.setattr(loop, "training_step", interrupted)
    code, out, _ = small()
    assert (code, json.loads(out)["step"]) == (0, 4)
    assert (tmp_path / "run" / "checkpoints" / "00000004").exists()


def test_a_run_that_exists_is_kept(small, tmp_path):
    assert small()[0] == 0
    before = (tmp_path / "run" / "last.json").read_bytes()
    code, _, err = small()
    assert (code, "--resume" in err) == (2, True)
    code, _, err = small("--resume", "--set", "seed=3")
    assert (code, "other settings" in err) == (2, True)
    assert (tmp_path / "run" / "last.json").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("--set", "data.bach=2"), 2, "'batch'"),
        (("--set", "train.lrate=2"), 2, "Known: name"),
        (("--set", "data.batch=many"), 2, "a whole number"),
        (("--set", "data.batch"), 2, "data.batch"),
        (("--set", "data.degradation=bicubik"), 2, "'bicubic'"),
        (("--set", "data.source=pears"), 2, "'pairs'"),
        (("--set", "phases.0.procedure=supervise"), 2, "'supervised'"),
        (("--set", "phases.0.loss_terms.0.loss=l11"), 2, "'l1'"),
        (("--set", "phases.0.trains=generater"), 2, "'generator'"),
        (("--set", "networks.generator.architecture=edsr-basline"), 2, "'edsr-baseline'"),
        (("--set", "networks.generator.initialisation=orthogonl"), 2, "orthogonal"),
        (("--set", "networks.generator.pretrained=nothing"), 2, "no folder"),
        (("--set", "data.patch=100"), 3, "at least 400x400"),
        (("--set", "networks.generator.scale=2"), 3, "low image 2 times smaller"),
        (("--budget", "tiny"), 2, "paper or small"),
        (("--precision", "16"), 2, "32 or bf16"),
        (("--device", "tpu"), 2, "Unknown device 'tpu'"),
        (("--devices", "3"), 2, "share evenly"),
    ],
)
def test_an_error_is_reported_in_one_line_and_leaves_nothing(words, code, text, small, tmp_path):
    found, _, err = small(*words)
    assert (found, text in err) == (code, True), err
    assert len(err.strip().splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_an_unknown_recipe_gets_the_most_similar_name(small):
    code, _, err = small(recipe="xpgn")
    assert (code, "'xpgan'" in err) == (2, True)


WRONG = {
    "no folder": (lambda path: path / "nowhere", 2, "radloupe dataset"),
    "no validation": (lambda path: folder(path, parts=("train", "train")), 3, "validation"),
    "nothing": (lambda path: data(path, []) if path.mkdir() is None else path, 3, "the part train"),
    "two depths": (lambda path: data(path, [{"high": scene(0)}, {"high": scene(1, top=65_535)}]), 3, "8 bits as the others"),
    "no image": (lambda path: broken(folder(path), b"no image"), 3, "0-high.png"),
    "half an image": (lambda path: broken(folder(path), None), 3, "ends too early"),
}


def broken(path, content):
    """A data set with one image that is none, or half of one."""
    image = path / "0-high.png"
    image.write_bytes(content or image.read_bytes()[:-20])
    return path


@pytest.mark.parametrize("case", WRONG)
def test_bad_data_is_found_before_the_first_step(case, small, tmp_path):
    make, expected, text = WRONG[case]
    code, _, err = small(source=make(tmp_path / "bad"))
    assert (code, text in err) == (expected, True), err
    assert not (tmp_path / "run").exists()


def test_a_full_disk_is_reported_with_the_bytes_and_keeps_earlier_files(small, monkeypatch, tmp_path):
    from radloupe.core.files import writing

    assert small("--max-minutes", "0")[0] == 0
    kept = (tmp_path / "run" / "checkpoints" / "00000000" / "state.safetensors").read_bytes()

    def full(folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "flush", full)
    code, _, err = small("--resume")
    assert (code, "bytes" in err) == (4, True)
    assert (tmp_path / "run" / "checkpoints" / "00000000" / "state.safetensors").read_bytes() == kept


@pytest.mark.parametrize("name", ["journal.jsonl", "last.json", "checkpoints", "events"])
def test_a_folder_with_files_of_a_run_s_names_is_not_trained_in(small, tmp_path, name):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).write_text("mine")
    code, _, err = small()
    assert (code, "exists already" in err) == (2, True)
    assert [(path.name, path.read_text()) for path in (tmp_path / "run").iterdir()] == [(name, "mine")]


def test_a_run_goes_on_beside_a_copy_made_of_hard_links(small, tmp_path):
    assert small("--max-minutes", "0")[0] == 0
    run, copy = tmp_path / "run", tmp_path / "copy"
    shutil.copytree(run, copy, copy_function=os.link)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    assert small("--resume")[0] == 0
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_a_run_does_not_go_on_through_a_link(small, tmp_path):
    assert small("--max-minutes", "0")[0] == 0
    (tmp_path / "run" / "journal.jsonl").rename(tmp_path / "elsewhere")
    (tmp_path / "run" / "journal.jsonl").symlink_to(tmp_path / "elsewhere")
    code, _, err = small("--resume")
    assert (code, "found a link: journal.jsonl" in err) == (2, True)


def test_an_old_checkpoint_goes_without_what_somebody_put_there(tmp_path):
    from radloupe.training.state import State, store

    for step in range(4):  # two are kept
        store(State({}, {}, step=step), tmp_path)
        (tmp_path / "checkpoints" / "00000000" / "notes.txt").write_text("mine")
    found = sorted(path.relative_to(tmp_path / "checkpoints").as_posix() for path in (tmp_path / "checkpoints").glob("*/*t*"))
    assert found == ["00000000/notes.txt", *(f"{step:08d}/state.{kind}" for step in (2, 3) for kind in ("json", "safetensors"))]


def test_a_refused_run_leaves_no_folder(small, tmp_path):
    assert small("--set", "data.batch=3", "--devices", "2", into="new/deep/run")[0] == 2
    assert not (tmp_path / "new").exists()


def test_recipes_are_listed_with_their_paper(radloupe):
    code, out, _ = radloupe("recipes", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert rows.keys() >= PAPERS.keys()
    assert "section" in rows["xpgan"]["paper"]


def test_a_folder_that_is_no_run_is_not_published(radloupe, tmp_path):
    (tmp_path / "none").mkdir()
    code, _, err = radloupe("publish", tmp_path / "none", "--name", "mine", "-o", tmp_path / "model")
    assert (code, "radloupe train" in err) == (2, True)
    assert not (tmp_path / "model").exists()


def test_the_page_s_example_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "images").mkdir()
    for n in range(2):
        PILImage.fromarray(scene(n, 192)).save(tmp_path / "images" / f"p{n}_a.png")
    *_, block = PAGE.read_text().split("```python\n")
    names = {}
    exec(block.split("```")[0], names)
    assert names["record"]["finished"]


def test_the_page_s_table_is_that_of_the_recipes():
    written = runpy.run_path(str(PAGE.parents[1] / "scripts" / "recipes_table.py"))["written"]
    assert written(PAGE.read_text()) == PAGE.read_text(), "run `make tables`"
