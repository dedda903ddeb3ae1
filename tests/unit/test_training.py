"""Training goes on where it stopped, to the last bit, and learns."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from radloupe.core import seeds
from radloupe.core.errors import InputError, LimitError, RadloupeError, RadloupeWarning, UsageError, WeightsError
from radloupe.core.settings import changed_at, rebuilt
from radloupe.data.pairs import Pair, Slices, pairs
from radloupe.data.sources import Item
from radloupe.degradation import shrink
from radloupe.imaging.image import Image
from radloupe.losses.weighted import weighted
from radloupe.training import training_step
from radloupe.training.fabric import make_fabric
from radloupe.training.image_pool import from_pool
from radloupe.training.journal import rows
from radloupe.training.learning_rate import schedule_factor
from radloupe.training.loop import train
from radloupe.training.optimisers import Muon, optimisers
from radloupe.training.recipe import AdversarialTerm, DataConfig, LearningRateSchedule, LossTerm, NetworkConfig, Optimiser, Phase, Recipe
from radloupe.training.run_options import RunOptions
from radloupe.training.runs import network_of, recipe_of
from radloupe.training.setup import build, start
from radloupe.training.state import BEST, CHECKPOINTS, newest, numbered

SMALL = {"width": 24, "blocks": 1}
RECIPE = Recipe(
    "test",
    "none",
    {"generator": NetworkConfig("loupe", 2, SMALL, Optimiser("muon", 1e-3), ema_decay=0.9)},
    (
        Phase(4, schedule=LearningRateSchedule(warmup=2, cosine=True)),
        Phase(4, loss_terms=(LossTerm("mse"), LossTerm("frequency", 1e-3)), clip=1.0),
    ),
    DataConfig(batch=4, patch=8),
    validate_every=4,
    save_every=2,
    log_every=1,
)
ONE = RunOptions(device="cpu")


def scene(seed=0):
    """Smooth random structure with an edge: something that can be learnt."""
    y, x = np.mgrid[:64, :64]
    phase = np.random.default_rng(seed).random(4) * 6
    return (np.sin(x / 3 + phase[0]) * np.sin(y / 4 + phase[1]) + (x + y > 60 + 5 * phase[2])).astype(np.float32)


def pool():
    highs = np.stack([scene(k) for k in range(4)])
    return [Pair("scenes", shrink(highs, 2, "bicubic").astype(np.float32), highs)]


def sources():
    source = Slices(pool(), 8, 2)
    return {"train": source, "validation": source}


def weights(run):
    """Every tensor of the newest checkpoint, in one row."""
    named = newest(run)[1]
    return torch.cat([named[name].flatten().double() for name in sorted(named)])


def gan(recipe=RECIPE, **settings):
    """A recipe with a discriminator."""
    networks = {**recipe.networks, "discriminator": NetworkConfig("patchgan", None, {"channels": 1, "layers": 1, "width": 8})}
    phases = tuple(
        replace(phase, adversarial_terms=(AdversarialTerm("discriminator", "least-squares", 1e-2, **settings),)) for phase in recipe.phases
    )
    return replace(recipe, networks=networks, phases=phases)


@pytest.mark.parametrize(
    "recipe", [RECIPE, gan(image_pool=6), replace(RECIPE, data=replace(RECIPE.data, accumulate=2))], ids=["plain", "gan", "parts"]
)
def test_resuming_equals_never_having_stopped(recipe, tmp_path):
    train(recipe, sources(), tmp_path / "straight", ONE)
    for stop in range(2, 10, 2):
        record = train(recipe, sources(), tmp_path / "halting", replace(ONE, resume=True), interrupt_at(stop))
        assert record["step"] == min(stop, 8)
    assert record["finished"]
    assert torch.equal(weights(tmp_path / "straight"), weights(tmp_path / "halting"))


def interrupt_at(step):
    """Ctrl-C once a step is written down."""
    return lambda row: os.kill(os.getpid(), signal.SIGINT) if row["step"] == step and "total" in row else None


def test_no_time_means_no_step_and_a_checkpoint(tmp_path):
    assert train(RECIPE, sources(), tmp_path, replace(ONE, max_minutes=0.0))["step"] == 0
    assert newest(tmp_path)[0]["step"] == 0


def test_workers_change_nothing(tmp_path):
    train(RECIPE, sources(), tmp_path / "a", ONE)
    train(RECIPE, sources(), tmp_path / "b", replace(ONE, workers=2))
    assert torch.equal(weights(tmp_path / "a"), weights(tmp_path / "b"))


SCRIPT = """
import sys
from pathlib import Path
from dataclasses import replace
sys.path[:0] = {paths!r}
from test_training import LONG, ONE, sources
from radloupe.training.loop import train
train(LONG, sources(), Path(sys.argv[1]), replace(ONE, resume=True, workers=int(sys.argv[2])), lambda row: print(row["step"], flush=True))
"""
LONG = replace(RECIPE, phases=(Phase(40, schedule=LearningRateSchedule(cosine=True)),), save_every=3, validate_every=20)


@pytest.mark.parametrize("workers", [0, 2])
def test_killed_runs_end_in_the_same_weights(workers, tmp_path):
    """Two kills here at random steps; twenty in `test_killed_twenty_times`."""
    killed_runs(tmp_path, workers, 2)


@pytest.mark.long
@pytest.mark.parametrize("workers", [0, 2])
def test_killed_twenty_times(workers, tmp_path):
    killed_runs(tmp_path, workers, 20)


def killed_runs(tmp_path, workers, kills):
    rng = np.random.default_rng(workers)
    script = SCRIPT.format(paths=[str(Path(__file__).parent), str(Path(__file__).parents[1])])
    command = [sys.executable, "-c", script, str(tmp_path / "killed"), str(workers)]
    for _ in range(kills):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
            for _ in range(int(rng.integers(1, 6))):
                run.stdout.readline()
            time.sleep(float(rng.random() * 0.02))  # somewhere within a step or a save
            run.send_signal(signal.SIGKILL)
    subprocess.run(command, check=True, capture_output=True)
    train(LONG, sources(), tmp_path / "straight", ONE)
    assert torch.equal(weights(tmp_path / "straight"), weights(tmp_path / "killed"))
    assert [row["step"] for row in rows(tmp_path / "killed") if "total" in row] == list(range(1, LONG.steps + 1))  # each step once


def test_two_processes_have_the_losses_of_one_with_their_batches_together(tmp_path):
    recipe = replace(RECIPE, networks={"generator": replace(RECIPE.networks["generator"], optimiser=Optimiser(lr=1e-3))})
    train(recipe, sources(), tmp_path / "one", ONE)
    train(recipe, sources(), tmp_path / "two", replace(ONE, devices=2))
    one, two = ([row["total"] for row in rows(tmp_path / name) if "total" in row] for name in ("one", "two"))
    assert len(one) == 8
    np.testing.assert_allclose(one, two, rtol=1e-5)  # the sums of a batch are added in another order


def test_training_lowers_the_error(tmp_path):
    recipe = replace(RECIPE, phases=(Phase(60),), data=DataConfig(batch=4, patch=16), validate_every=60, save_every=60)
    train(recipe, sources(), tmp_path, ONE)
    losses = [row["total"] for row in rows(tmp_path) if "total" in row]
    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:10])  # untrained is bicubic, so the first losses are not high


def test_the_folder_of_a_run_tells_what_was_done(tmp_path):
    train(RECIPE, sources(), tmp_path, ONE)
    assert rebuilt(Recipe, json.loads((tmp_path / "config.json").read_text())["recipe"]) == recipe_of(tmp_path)
    assert recipe_of(tmp_path).phases == RECIPE.phases
    assert [path.name for path in numbered(tmp_path)] == ["00000006", "00000008"]
    assert (tmp_path / CHECKPOINTS / BEST).exists()
    journal = rows(tmp_path)
    assert [row["step"] for row in journal if "total" in row] == list(range(1, 9))
    assert {"frequency", "mse", "waiting_share"} <= journal[-2].keys()
    published = network_of(recipe_of(tmp_path), tmp_path)
    assert torch.equal(published.head.weight, newest(tmp_path)[1]["average/generator/module.head.weight"])


def test_a_run_is_not_overwritten_and_not_mixed(tmp_path):
    train(RECIPE, sources(), tmp_path, ONE)
    with pytest.raises(UsageError, match="`resume`"):
        train(RECIPE, sources(), tmp_path, ONE)
    with pytest.raises(UsageError, match="another recipe"):
        train(replace(RECIPE, seed=1), sources(), tmp_path, replace(ONE, resume=True))


def test_a_damaged_checkpoint_falls_back_to_the_one_before(tmp_path):
    train(RECIPE, sources(), tmp_path, ONE)
    before, last = numbered(tmp_path)
    flip(last / "state.safetensors")
    with pytest.warns(RadloupeWarning, match="damaged"):
        assert newest(tmp_path)[0]["step"] == 6
    flip(before / "state.safetensors")
    with pytest.raises(WeightsError, match="damaged"):
        newest(tmp_path)


def flip(path):
    data = bytearray(path.read_bytes())
    data[-5] ^= 8
    path.write_bytes(data)


def test_a_full_disk_keeps_the_previous_checkpoint_and_names_the_bytes(tmp_path, monkeypatch):
    train(RECIPE, sources(), tmp_path, ONE, interrupt_at(4))
    kept = weights(tmp_path)

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(LimitError, match=r"needs [\d,]+ bytes"):
        train(RECIPE, sources(), tmp_path, replace(ONE, resume=True))
    assert newest(tmp_path)[0]["step"] == 4
    assert torch.equal(weights(tmp_path), kept)


@pytest.mark.parametrize("name", ["l1", "discriminator loss"])
def test_the_first_loss_that_is_no_number_is_named(name, tmp_path):
    bad = [Pair("bad", np.full((1, 16, 16), np.nan, np.float32), np.zeros((1, 32, 32), np.float32))]
    source = Slices(bad, 8, 2)
    recipe = replace(RECIPE, phases=RECIPE.phases[:1])
    with pytest.raises(RadloupeError, match=f"'{name}' became nan at step 0"):
        train(recipe if name == "l1" else gan(recipe), {"train": source, "validation": source}, tmp_path, ONE)


def test_a_broken_loss_leaves_the_trained_networks_as_they_were(tmp_path, monkeypatch):
    """With two updates of the discriminator and two parts of a batch the losses are still fetched once, before the generator changes."""
    fetched = []
    real = training_step.check
    monkeypatch.setattr(training_step, "check", lambda losses, step: (fetched.append(list(losses)), real(losses, step)))
    state, context, terms, phase = prepared(replace(gan(updates=2), data=replace(RECIPE.data, accumulate=2)))
    before = {name: value.clone() for name, value in state.networks["generator"].state_dict().items()}
    batch = {"low": torch.full((4, 1, 8, 8), torch.nan), "high": torch.zeros(4, 1, 16, 16)}
    with pytest.raises(RadloupeError, match="'discriminator loss' became nan at step 0"):
        training_step.training_step(state, phase, 0, terms, batch, context)
    assert fetched == [["discriminator loss", "l1", "adversarial discriminator", "total"]]
    assert all(torch.equal(value, before[name]) for name, value in state.networks["generator"].state_dict().items())


def prepared(recipe):
    """A state before its first step, with the context, the objective and the first phase."""
    fabric = make_fabric("cpu", 1, "32")
    state, context = start(recipe, fabric), training_step.StepContext(fabric, recipe.seed, recipe.data)
    phase = recipe.phases[0]
    return state, context, training_step.objective(state, phase, context), phase


def test_terms_of_one_loss_with_different_settings_all_count():
    """Keyed by their labels alone, the second of these replaced the first, and the objective was a third of what was asked for."""
    one, two = LossTerm("charbonnier", settings={"epsilon": 1.0}), LossTerm("charbonnier", settings={"epsilon": 2.0})
    terms = prepared(replace(RECIPE, phases=(Phase(4, loss_terms=(one, two)),)))[2]
    total, parts = weighted(terms, {"sr": torch.zeros(1, 1, 4, 4), "high": torch.zeros(1, 1, 4, 4)})
    assert parts.keys() == {"charbonnier sr high", "charbonnier sr high (2)"}
    assert total.item() == 1.0 + 2.0  # a Charbonnier loss of identical images is its epsilon


def test_an_uneven_batch_is_refused(tmp_path):
    with pytest.raises(UsageError, match="share evenly"):
        train(replace(RECIPE, data=DataConfig(batch=3, patch=8, accumulate=2)), sources(), tmp_path, ONE)


def test_discriminators_learn_and_generators_follow_them(tmp_path):
    train(gan(updates=2, gradient_penalty=10.0), sources(), tmp_path, ONE)
    row = next(row for row in rows(tmp_path) if "total" in row)
    assert {"discriminator loss", "adversarial discriminator", "l1"} <= row.keys()
    begun, ended = build(gan().networks["discriminator"], 0, "discriminator").state_dict(), newest(tmp_path)[1]
    assert not all(torch.equal(value, ended[f"network/discriminator/{key}"]) for key, value in begun.items())


def test_perceptual_terms_without_weights_are_off_with_one_warning(tmp_path):
    terms = (LossTerm("l1", 1e-5, weight_without_vgg=1.0), LossTerm("perceptual", 1.0, settings={"like": "aid"}))
    recipe = replace(RECIPE, phases=(Phase(3, loss_terms=terms),))
    with pytest.warns(RadloupeWarning, match="without perceptual") as said:
        train(recipe, sources(), tmp_path, ONE)
    assert len(said) == 1
    row = next(row for row in rows(tmp_path) if "total" in row)
    assert row["total"] == pytest.approx(row["l1"])


def test_the_rate_rises_and_falls_to_zero():
    rate = LearningRateSchedule(warmup=100, cosine=True)
    rates = [schedule_factor(rate, step, 1000) for step in range(1001)]
    assert rates[0] == pytest.approx(0.01, abs=1e-5)  # a hundredth of a warm-up of 100 steps
    assert max(rates) == pytest.approx(rates[99], abs=0.03)
    assert rates[1000] == pytest.approx(0, abs=1e-12)


def test_a_restart_is_a_new_cycle():
    one, two = LearningRateSchedule(warmup=100, cosine=True), LearningRateSchedule(warmup=100, cosine=True, restarts=(400,))
    assert [schedule_factor(two, step, 1000) for step in range(400)] == [schedule_factor(one, step, 400) for step in range(400)]
    assert schedule_factor(two, 400, 1000) == pytest.approx(0.01, abs=1e-5)
    assert schedule_factor(two, 550, 1000) > 0.8
    assert schedule_factor(two, 999, 1000) < 1e-4


def test_the_last_half_falls_in_a_line():
    rate = LearningRateSchedule(linear_from=100)
    assert [schedule_factor(rate, step, 200) for step in (0, 99, 100, 150, 199)] == [1, 1, 1, 0.5, 0.01]


def test_muon_takes_the_inner_kernels_and_orthogonalises_their_step():
    net = build(RECIPE.networks["generator"], 0)
    muon, adam = optimisers(net, Optimiser("muon"))
    inner = [p for name, p in net.named_parameters() if "body" in name]
    assert [k.data_ptr() for k in muon.kernels] == [p.data_ptr() for p in inner]
    assert len(adam.param_groups[0]["params"]) == 2  # head and tail
    kernel = torch.nn.Parameter(torch.randn(24, 24, 3, 3))
    before = kernel.detach().clone()
    optimiser = Muon([kernel], lr=1.0)
    kernel.grad = torch.randn(24, 24, 3, 3) * torch.logspace(0, 3, 24)[:, None, None, None]
    optimiser.step()
    singular = torch.linalg.svdvals((kernel.detach() - before).flatten(1))
    assert singular.max() / singular.min() < 4  # Newton-Schulz leaves them within 0.7 to 1.2; the gradient's own span a thousand


def test_parts_of_a_network_may_learn_slower():
    (adam,) = optimisers(build(RECIPE.networks["generator"], 0), Optimiser(lr=1e-4, lr_multipliers={"head": 0.1}))
    assert sorted(group["lr"] for group in adam.param_groups) == [1e-5, 1e-4]


def test_the_pool_shows_old_images_half_of_the_time():
    pools, rng = {}, seeds.generator(0, "pool")
    first = torch.arange(4.0).reshape(4, 1, 1, 1)
    assert torch.equal(from_pool(pools, "a", first, 4, rng), first)
    new = from_pool(pools, "a", torch.full((400, 1, 1, 1), 9.0), 4, rng)
    # the four old ones leave one by one, each when a fair coin says so
    assert sorted(new.unique().tolist()) == [0, 1, 2, 3, 9]
    assert pools["a"].shape == (4, 1, 1, 1)


def test_settings_are_reached_by_their_path_and_typed():
    changed = changed_at(changed_at(RECIPE, "phases.1.loss_terms.1.weight", "0.5"), "networks.generator.optimiser.lr", "1e-5")
    assert changed.phases[1].loss_terms[1].weight == 0.5
    assert changed.networks["generator"].optimiser.lr == 1e-5
    assert changed.phases[0] == RECIPE.phases[0]
    assert changed_at(RECIPE, "phases.0.clip", "none").phases[0].clip is None
    assert changed_at(RECIPE, "networks.generator.settings.width", "32").networks["generator"].settings["width"] == 32


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("data.bach", "4", "did you mean 'batch'"),
        ("data.batch", "four", "a whole number"),
        ("data.batch", "0", "from 1 to"),
        ("phases.7.steps", "4", "Known: 0, 1"),
        ("seed.x", "4", "nothing inside"),
        ("data", "4", "Name a field inside"),
        ("networks.generator.settings.width", "wide", "a whole number"),
    ],
)
def test_settings_that_do_not_exist_are_refused(path, value, words):
    with pytest.raises(UsageError, match=f"(?i){words}"):
        changed_at(RECIPE, path, value)


def test_patches_are_aligned_and_depend_on_the_generator_alone():
    source = Slices(pool(), 8, 2)
    for index in range(4):
        item, again = (source.item(index, seeds.generator(1, "t", index)) for _ in range(2))
        assert all(np.array_equal(item[name], again[name]) for name in item)
        assert item["low"].shape == (1, 8, 8)
        inner = shrink(item["high"][0], 2, "bicubic")[3:-3, 3:-3]  # antialiased bicubic reaches two low pixels and a half
        np.testing.assert_allclose(inner, item["low"][0, 3:-3, 3:-3], atol=1e-5)
    assert np.array_equal(source.item(0, None)["low"][0], pool()[0].low[0, 12:20, 12:20])


def test_pairs_are_degraded_as_a_file_would_hold_them():
    image = Image((100 * np.abs(scene())).astype(np.uint8)[None, None])
    (pair,) = pairs([Item("p", "n", image)], "bicubic", 2)
    values = pair.low * np.ptp(np.rint(shrink(image.pixels[0, 0], 2, "bicubic")))
    np.testing.assert_allclose(values, np.rint(values), atol=1e-3)  # whole numbers in network range
    with pytest.raises(InputError, match="at least one image"):
        pairs([], "bicubic", 2)
