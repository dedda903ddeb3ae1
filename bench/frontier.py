"""Quality against time: gain over bicubic in the anatomy, and seconds for a megapixel of output, of every engine and of others' networks.

    python bench/frontier.py --data FOLDER [--models xray-x4 ...] [--peers FOLDER] [--part test] [--images 8] [--rounds 7] [--threads 2]
        [--clock wall|cpu] [-o FOLDER]

In one process each method first answers every image, through the same tiles, bounds and rounding, and without data-consistency correction,
which would help all alike. Then all are timed on one image of 256 x 256 low pixels, one after the other, round by round; the median of a
method's times counts. On a machine that others use, `--threads 1 --clock cpu` counts the processor's time alone. The self-ensemble is not
timed: it is eight runs. `peers` holds weights that are not part of this project (`peers.py`); without it only ours are measured. `*` marks
what no other method beats in both. CSV and Markdown are written to the folder `-o`.
"""

import argparse
import csv
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from peers import PEERS, load_peer

from radloupe.core import seeds
from radloupe.data.sources import SOURCES, Item
from radloupe.evaluation.evaluate_options import INTERPOLATIONS
from radloupe.evaluation.gain import pair
from radloupe.evaluation.methods import interpolated
from radloupe.imaging.image import Image
from radloupe.inference.engines import installed, lossy_forms, prepare
from radloupe.inference.options import InferenceOptions
from radloupe.inference.self_ensemble import self_ensemble
from radloupe.inference.super_resolve import super_resolve
from radloupe.inference.tile_plan import plan_tiles
from radloupe.inference.tiles import strips
from radloupe.metrics.anatomy_mask import anatomy
from radloupe.metrics.inside import masked_metrics
from radloupe.networks.adapters import on_grey
from radloupe.networks.facts import trainable
from radloupe.networks.model import Model
from radloupe.papers.default_models import ZOO
from radloupe.zoo.load import load_model

SIDE = 256
INTERPOLATED = ("bicubic", "lanczos")
ENSEMBLE = ", eight flips"
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


class Method(NamedTuple):
    """One way to enlarge."""

    name: str
    parameters: int
    image: Callable[[Image], Image]
    """Of an image as a user has it, for the quality."""
    plane: Callable[[np.ndarray], Any]
    """Of a slice in network range, for the time."""


def by_interpolation(name: str, scale: int) -> Method:
    """A row of `INTERPOLATIONS`."""
    return Method(name, 0, lambda low: interpolated(low, scale, name), lambda low: INTERPOLATIONS[name](low, scale, True))


def by_model(name: str, model: Model, engine: str, precision: str, quality: str = "default") -> Method:
    """A network in an engine."""
    options = InferenceOptions(engine=engine, precision=precision, device="cpu", quality=quality, consistency="off", tile_bytes=2**30)
    run, label = prepare(model, engine, precision, "cpu")
    if label != f"{engine}-{'fp32' if precision == '32' else precision}":
        raise SystemExit(f"{engine} in {precision} is not available for {model.name}: {label} would run.")
    run = self_ensemble(run, model) if quality == "best" else run
    return Method(
        name,
        trainable(model.network),
        lambda low: super_resolve(low, model, options).run(check=False),
        lambda low: list(strips(run, low, plan_tiles(low.shape, model.spec, 2**30), model.spec)),
    )


def methods(model: Model, peers: Path | None) -> Iterator[Method]:
    """All that are compared on the images of a model: interpolation, the model in every engine, the peers."""
    yield from (by_interpolation(name, model.spec.scale) for name in INTERPOLATED)
    free = replace(model, engine_loss_db=dict.fromkeys((f"{e}-{p}" for e, p in lossy_forms(model)), 0.0))
    plain = [("torch", "32"), *([("openvino", "32")] if installed("openvino") else [])]
    yield from (by_model(f"{model.name} {e}-{p.replace('32', 'fp32')}", free, e, p) for e, p in (*plain, *lossy_forms(model)))
    yield by_model(f"{model.name} torch-fp32{ENSEMBLE}", model, "torch", "32", "best")
    for name in PEERS if peers else ():
        if network := load_peer(name, model.spec.scale, peers):
            yield by_model(name, Model(name, on_grey(network), model.modality, model.degradation), "torch", "32")


def gains(items: list[Item], model: Model, method: Method) -> dict[str, list[float]]:
    """PSNR in the anatomy of each slice's image, by patient."""
    found: dict[str, list[float]] = {}
    for item in items:
        low, truth = pair(item, model)
        found.setdefault(item.patient, []).append(masked_metrics(method.image(low), truth, anatomy(truth))["psnr"])
    return found


def timed(compared: list[Method], rounds: int, clock: Callable[[], float]) -> dict[str, list[float]]:
    """Seconds of each method on one slice, interleaved."""
    low = seeds.generator(0, "frontier").random((SIDE, SIDE), dtype=np.float32)
    times: dict[str, list[float]] = {method.name: [] for method in compared}
    for turn in range(rounds + 1):
        for method in (one for one in compared if not one.name.endswith(ENSEMBLE)):
            begun = clock()
            method.plane(low)
            if turn:  # the first round compiles and fills caches
                times[method.name].append(clock() - begun)
    for method in (one for one in compared if one.name.endswith(ENSEMBLE)):
        times[method.name] = [8 * taken for taken in times[method.name.removesuffix(ENSEMBLE)]]
    return times


def some(items: Iterator[Item], count: int) -> list[Item]:
    """At most so many images, the middle slice of each volume."""
    middle = ((item, item.image.shape[0] // 2) for item in items)
    return [replace(item, image=replace(item.image, pixels=item.image.pixels[:, z : z + 1])) for item, z in islice(middle, count)]


def table(name: str, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """A row for each method on the images of one model."""
    model = load_model(name)
    items = some(SOURCES[ZOO[name].source](asked.data, asked.part), asked.images)
    compared = list(methods(model, asked.peers))
    quality = {method.name: gains(items, model, method) for method in compared}
    times = timed(compared, asked.rounds, CLOCKS[asked.clock])
    megapixels = (SIDE * model.spec.scale) ** 2 / 1e6
    rows = []
    for method in compared:
        per_patient = [np.mean(values) - np.mean(quality["bicubic"][patient]) for patient, values in quality[method.name].items()]
        seconds = [taken / megapixels for taken in times[method.name]]
        rows.append(
            {
                "images of": name,
                "method": method.name,
                "parameters": method.parameters,
                "seconds_per_megapixel": round(statistics.median(seconds), 4),
                "fastest": round(min(seconds), 4),
                "gain_db": round(float(np.mean(per_patient)), 3),
                "patients": len(per_patient),
                "images": len(items),
            }
        )
    for row in rows:
        beaten = any(other["gain_db"] >= row["gain_db"] and other["seconds_per_megapixel"] < row["seconds_per_megapixel"] for other in rows)
        row["frontier"] = "" if beaten else "*"
    return rows


def written(rows: list[dict[str, Any]], folder: Path) -> None:
    """The tables as `frontier.csv` and `frontier.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "frontier.csv").open("w", newline="", encoding="utf-8") as file:
        csv_of(rows, file)
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    (folder / "frontier.md").write_text("".join(f"| {' | '.join(line)} |\n" for line in lines), encoding="utf-8")


def csv_of(rows: list[dict[str, Any]], file: Any) -> None:
    """Rows as CSV."""
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)


def main() -> None:
    """Print and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", nargs="+", choices=list(ZOO), default=["xray-x4"])
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--part", choices=["validation", "test"], default="validation")
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    parser.add_argument("-o", "--output", type=Path)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    warnings.simplefilter("ignore", DeprecationWarning)  # of tracing, which OpenVINO does
    rows = [row for name in asked.models for row in table(name, asked)]
    csv_of(rows, sys.stdout)
    if asked.output:
        written(rows, asked.output)


if __name__ == "__main__":
    main()
