"""Iterations per second under our loop against a bare PyTorch loop on the same batches, and the wait for data. CSV on standard output.

python bench/train.py [--recipe edsr-baseline] [--rounds 5] [--steps 1] [--device cpu] [--waiting FOLDER]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from radloupe.losses import LOSSES
from radloupe.papers.recipes import RECIPES
from radloupe.training.batches import Steps
from radloupe.training.fabric import make_fabric
from radloupe.training.journal import Journal, rows
from radloupe.training.loop import run_phase, train
from radloupe.training.open_data import open_sources
from radloupe.training.recipe import Recipe
from radloupe.training.recorder import Recorder, quiet
from radloupe.training.run_options import RunOptions
from radloupe.training.setup import build, start
from radloupe.training.training_step import StepContext

MANY = 10**6  # so that nothing is validated or saved in between: both are no part of an iteration
AGREE = 1e-5  # of the losses: the same sums in float32, in another order


class Prepared(Steps):
    """Steps whose batches lie in memory."""

    def __init__(self, batches: list[dict[str, Tensor]]) -> None:
        self.batches = batches

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        return self.batches[step % len(self.batches)]


class Ours:
    """Radloupe's loop: journal, learning rate, running checks and all."""

    def __init__(self, recipe: Recipe, steps: Steps, run: Path, options: RunOptions, channels_last: bool = False) -> None:
        fabric = make_fabric(options.device, 1, options.precision)
        self.steps, self.options, self.phase = steps, options, recipe.phases[0]
        run.mkdir()
        self.state = start(recipe, fabric)
        if channels_last:
            self.state.networks["generator"].to(memory_format=torch.channels_last)
        context = StepContext(fabric, recipe.seed, recipe.data)
        self.run = run
        self.recorder = Recorder(fabric, recipe, run, Journal(run), steps, context, quiet)  # type: ignore[arg-type]

    def go(self, count: int) -> None:
        """Some iterations."""
        run_phase(self.state, self.phase, 0, self.state.step + count, self.steps, self.recorder, self.options, lambda: False)

    def losses(self) -> list[float]:
        """Of every iteration so far."""
        return [row["total"] for row in rows(self.run) if "total" in row]


class Bare:
    """What one would write by hand."""

    def __init__(self, recipe: Recipe, steps: Steps, device: str) -> None:
        net = recipe.networks["generator"]
        self.network: nn.Module = build(net, recipe.seed, "generator").to(device).train()
        self.optimiser = torch.optim.Adam(self.network.parameters(), net.optimiser.lr)
        self.loss, self.steps, self.device = LOSSES[recipe.phases[0].loss_terms[0].loss].value, steps, device
        self.seen: list[float] = []

    def go(self, count: int) -> None:
        """Some iterations."""
        for _ in range(count):
            batch = {name: value.to(self.device) for name, value in self.steps[len(self.seen)].items()}
            self.optimiser.zero_grad()
            loss = self.loss(self.network(batch["low"]), batch["high"])
            loss.backward()
            self.optimiser.step()
            self.seen.append(loss.item())

    def losses(self) -> list[float]:
        """Of every iteration so far."""
        return self.seen


def main() -> None:
    """Both loops begin with the same weights; unless their losses agree, the run stops."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="edsr-baseline")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=1, help="of a round")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--ways", default="bare,32", help="of: bare, 32, bf16, bf16-channels-last")
    parser.add_argument("--waiting", type=Path, help="measure the share of time spent waiting for data of this folder instead")
    asked = parser.parse_args()
    torch.set_num_threads(2)
    recipe = replace(RECIPES[asked.recipe], validate_every=MANY, save_every=MANY, log_every=1)
    if asked.waiting:
        waiting(recipe, asked.waiting, asked.rounds)
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(recipe, Path(folder), asked.methods.split(","), asked.rounds, asked.steps, asked.device)


def compare(recipe: Recipe, folder: Path, methods: Iterable[str], rounds: int, steps: int, device: str) -> None:
    """Interleave the loops round by round."""
    prepared = Prepared([batch(recipe, seed) for seed in range(4)])
    loops = {method: loop(method, recipe, prepared, folder / method, device) for method in methods}
    times: dict[str, list[float]] = {method: [] for method in loops}
    for number in range(rounds + 1):  # the first round warms up
        for method, one in loops.items():
            begun = time.perf_counter()
            one.go(steps)
            if number:
                times[method].append(time.perf_counter() - begun)
    exact = [one.losses() for method, one in loops.items() if method in ("bare", "32")]
    for values in exact[1:]:
        if any(abs(a - b) > AGREE * abs(b) for a, b in zip(values, exact[0], strict=True)):
            raise SystemExit(f"losses differ: {values} and {exact[0]}")
    print("recipe,way,iterations_per_s,of_bare,last_loss")
    base = next(iter(times.values()))
    for method, seconds in times.items():
        ratio = statistics.median(a / b for a, b in zip(base, seconds, strict=True))  # of neighbours: the machine's drift cancels
        print(f"{recipe.name},{method},{steps / statistics.median(seconds):.3f},{ratio:.3f},{loops[method].losses()[-1]:.6g}")


def loop(method: str, recipe: Recipe, steps: Steps, run: Path, device: str) -> Ours | Bare:
    """A loop by its name."""
    if method == "bare":
        return Bare(recipe, steps, device)
    return Ours(recipe, steps, run, RunOptions(device=device, precision=method.split("-")[0]), method.endswith("channels-last"))


def batch(recipe: Recipe, seed: int) -> dict[str, Tensor]:
    """Random images of the recipe's sizes."""
    data, rng = recipe.data, torch.Generator().manual_seed(seed)
    low = torch.rand(data.batch, data.channels, data.patch, data.patch, generator=rng) * data.value_range[1]
    return {"low": low, "high": low.repeat_interleave(recipe.scale, -1).repeat_interleave(recipe.scale, -2)}


def waiting(recipe: Recipe, folder: Path, steps: int) -> None:
    """The share of the time that a recipe waits for its batches, after the first step."""
    with tempfile.TemporaryDirectory() as run:
        short = replace(recipe, phases=(replace(recipe.phases[0], steps=steps, unit="steps"),))
        train(short, open_sources(short, folder), Path(run) / "run", RunOptions(device="cpu"))
        shares = [row["waiting_share"] for row in rows(Path(run) / "run") if "total" in row]
    print("recipe,waiting_share")
    print(f"{recipe.name},{statistics.median(shares[1:]):.4f}")


if __name__ == "__main__":
    main()
