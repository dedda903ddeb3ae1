"""Speed of super-resolution as ratios to the same weights run eagerly in float32, interleaved in one process. CSV on standard output.

    python bench/upscale.py [--rounds 7] [--side 512] [--models xray-x4 ...]

`seconds` is computing alone, tiles and all, for one image of side x side low pixels; `ratio` is the median over rounds of eager time to
engine time; `difference` is the largest one from eager, as a share of the range, and is checked before anything is timed. `eager` is the
whole image in one piece, channels first, as a plain PyTorch user runs it.
"""

import argparse
import csv
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from radloupe.core import seeds
from radloupe.inference.engines import BF16_TOLERANCE, ENGINE_TOLERANCE, prepare
from radloupe.inference.tile_plan import plan_tiles
from radloupe.inference.tiles import strips
from radloupe.networks.model import Model
from radloupe.zoo.load import load_model

METHODS = {
    "torch-fp32": ("torch", "32"),
    "torch-bf16": ("torch", "bf16"),
    "openvino-fp32": ("openvino", "32"),
    "openvino-bf16": ("openvino", "bf16"),
}
Method = Callable[[np.ndarray], np.ndarray]


def eager(model: Model) -> Method:
    """The network as it comes, on the whole image."""

    @torch.inference_mode()
    def run(low: np.ndarray) -> np.ndarray:
        return model.network.to(memory_format=torch.contiguous_format)(torch.from_numpy(low)[None, None])[0, 0].numpy()

    return run


def tiled(model: Model, engine: str, precision: str) -> Method:
    """An engine in the tiles that `radloupe upscale` takes."""
    run, label = prepare(model, engine, precision, "cpu")
    if label != f"{engine}-{'fp32' if precision == '32' else precision}":
        raise SystemExit(f"{engine} in {precision} is not available for {model.name}")
    return lambda low: np.concatenate(list(strips(run, low, plan_tiles(low.shape, model.spec, 2**30), model.spec)))


def rows(name: str, side: int, rounds: int) -> list[dict[str, object]]:
    """Time every way on one model, round by round."""
    model = load_model(name)
    low = seeds.generator(0, "bench").random((side, side), dtype=np.float32)
    methods = {"eager": eager(load_model(name))} | {label: tiled(model, *method) for label, method in METHODS.items()}
    truth = methods["eager"](low)
    off = {label: float(np.abs(method(low) - truth).max() / np.ptp(truth)) for label, method in methods.items()}
    for label, difference in off.items():
        if difference > (BF16_TOLERANCE if label.endswith("bf16") else ENGINE_TOLERANCE):
            raise SystemExit(f"{label} differs from eager by {difference}")
    times: dict[str, list[float]] = {label: [] for label in methods}
    for _ in range(rounds):
        for label, method in methods.items():
            begun = time.perf_counter()
            method(low)
            times[label].append(time.perf_counter() - begun)
    return [
        {
            "model": name,
            "engine": label,
            "side": side,
            "seconds": round(statistics.median(taken), 3),
            "ratio": round(statistics.median(e / t for e, t in zip(times["eager"], taken, strict=True)), 2),
            "difference": f"{off[label]:.1e}",
        }
        for label, taken in times.items()
    ]


def main() -> None:
    """Print a row for each model and engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--models", nargs="+", default=["xray-x2", "xray-x4"])
    asked = parser.parse_args()
    torch.set_num_threads(2)
    writer = csv.DictWriter(sys.stdout, ["model", "engine", "side", "seconds", "ratio", "difference"])
    writer.writeheader()
    for name in asked.models:
        writer.writerows(rows(name, asked.side, asked.rounds))


if __name__ == "__main__":
    main()
