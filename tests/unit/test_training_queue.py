"""The queue of training runs: its order, and one short run from slices to a model that the next begins with."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from radloupe.core.errors import UsageError
from radloupe.data import slice_store
from radloupe.data.sources import SOURCES, Item
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.papers import training_queue
from radloupe.papers.training_queue import COLLECTIONS, MODELS, QUEUE, train_queued, unfinished
from radloupe.zoo.load import load_model

SMALL = {"width": 8, "blocks": 2, "dilations": (1, 2), "maps": True}


def radiographs(data, part):
    """Two synthetic patients, other ones for each part."""
    for number in range(2):
        grain = np.random.default_rng(number + 10 * len(part)).normal(0, 5, (120, 124))
        y, x = np.mgrid[:120, :124]
        pixels = np.clip(120 + 60 * np.sin(x / 9) + 50 * np.cos(y / 13) + grain, 0, 255).astype(np.uint8)
        info = PixelInfo("stored", "XR", storage=Storage("uint8", 8))
        yield Item(f"{part} {number}", str(number), Image(pixels[None, None], info=info))


def shortened(name, after=""):
    """A run of the queue in small: two steps of an eighth of the channels."""
    run = QUEUE["xray-x4"]
    net = replace(run.recipe.networks["generator"], settings=SMALL, pretrained=f"{MODELS}/{after}" if after else "")
    (phase,) = run.recipe.phases
    recipe = replace(
        run.recipe,
        name=name,
        networks={"generator": net},
        phases=(replace(phase, steps=2),),
        data=replace(run.recipe.data, batch=2, patch=16),
    )
    return replace(run, recipe=recipe)


def quiet(row):
    pass


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.setitem(SOURCES, COLLECTIONS["XR"], radiographs)
    return tmp_path


def test_a_run_begins_with_one_before_it():
    seen = []
    for name, run in QUEUE.items():
        before = run.recipe.networks["generator"].pretrained
        assert not before or Path(before).name in seen
        seen.append(name)


def test_only_foundations_see_several_modalities():
    assert {name for name, run in QUEUE.items() if len(run.modalities) > 1} == {name for name in QUEUE if name.startswith("foundation")}


@pytest.mark.parametrize("run", QUEUE.values(), ids=QUEUE)
def test_the_preset_is_that_of_the_modality(run):
    """Each item takes the preset of its own modality; the recipe names it for readers."""
    assert run.recipe.data.degradation == ("mixed-mri" if run.modalities == ("MR",) else "mixed")


def test_a_run_ends_in_a_model_that_the_next_begins_with(runs):
    first, second = shortened("first"), shortened("second", after="first")
    with pytest.raises(UsageError, match="models/first"):
        train_queued(second, runs, runs, 10, quiet)
    assert train_queued(first, runs, runs, 10, quiet)["finished"]
    assert load_model(str(runs / MODELS / "first")).spec.maps == ("noise", "blur")
    assert train_queued(second, runs, runs, 10, quiet)["finished"]
    assert json.loads((runs / MODELS / "second" / "model.json").read_text())["training"]["networks"]["generator"]["pretrained"]


def test_slices_are_decoded_once(runs, monkeypatch):
    train_queued(shortened("first"), runs, runs, 10, quiet)
    monkeypatch.setattr(slice_store, "written", None)  # writing again would fail
    train_queued(shortened("second"), runs, runs, 10, quiet)


def test_no_time_leaves_a_run_that_goes_on(runs):
    run = shortened("first")
    assert not train_queued(run, runs, runs, 0, quiet)["finished"]
    assert train_queued(run, runs, runs, 10, quiet)["finished"]


def test_what_is_finished_is_passed_over(runs):
    name = next(iter(QUEUE))
    assert unfinished(runs)[0] == name
    (runs / name).mkdir()
    (runs / name / "last.json").write_text('{"finished": true}')
    assert name not in unfinished(runs)
    assert training_queue.QUEUE.keys() - set(unfinished(runs)) == {name}
