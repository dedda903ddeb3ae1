"""Speed of degradations as ratios to the same in kornia, interleaved in one process. CSV on standard output.

    python bench/degrade.py [--rounds 5] [--side 1024] [--batch 16]

Needs kornia beside Radloupe. `ratio` is the median over rounds of kornia's time to ours; `difference` is the largest one between the two
in grey levels, at least a kernel from the border, and is checked before anything is timed. Noise is not the same numbers: there the
standard deviations are compared. kornia has no mirrored antialiased bicubic, so that step is compared without antialiasing.
"""

import argparse
import csv
import statistics
import sys
import time
from collections.abc import Callable

import kornia
import torch
from torch import Tensor

from radloupe.core import seeds
from radloupe.degradation import run
from radloupe.degradation.blur import BoxBlur, GaussianBlur
from radloupe.degradation.noise import GaussianNoise
from radloupe.degradation.resample import Resize

Method = Callable[[Tensor], Tensor]
SIGMA = 5.0
TOLERANCE = 0.01  # of a grey level: float32 sums of 0 to 255 in another order
BORDER = 8


def mean(batch: Tensor) -> Tensor:
    """Kornia's moving average."""
    return kornia.filters.box_blur(batch, (9, 9), "reflect")


def gaussian(batch: Tensor) -> Tensor:
    """Kornia's Gaussian."""
    return kornia.filters.gaussian_blur2d(batch, (5, 5), (1.1, 1.1), "reflect")


def small(batch: Tensor) -> Tensor:
    """Kornia's bicubic to a quarter."""
    return kornia.geometry.resize(batch, (batch.shape[-2] // 4, batch.shape[-1] // 4), "bicubic", antialias=False)


def noisy(batch: Tensor) -> Tensor:
    """Kornia's noise, made as its augmentation does it."""
    return kornia.augmentation.RandomGaussianNoise(0.0, SIGMA, p=1.0)(batch)


def methods(side: int) -> dict[str, tuple[Method, Method]]:
    """Ours and kornia's."""
    quarter = Resize(side // 4, side // 4, "bicubic-cv")
    steps = {"mean": BoxBlur(9), "gaussian": GaussianBlur(5, 5, 1.1, 1.1), "resize": quarter, "noise": GaussianNoise(SIGMA, 1)}
    theirs = {"mean": mean, "gaussian": gaussian, "resize": small, "noise": noisy}
    alone = {name: (step, theirs[name]) for name, step in steps.items()}
    chain = [steps["gaussian"], quarter, steps["noise"]]
    return alone | {
        "mean-resize": (lambda batch: run([steps["mean"], quarter], batch), lambda batch: small(mean(batch))),
        "gaussian-resize-noise": (lambda batch: run(chain, batch), lambda batch: noisy(small(gaussian(batch)))),
    }


def difference(name: str, ours: Tensor, theirs: Tensor, batch: Tensor) -> float:
    """The largest difference in grey levels; of the standard deviations of what was added, where that is noise."""
    if name == "noise":
        return abs(float((ours - batch).std() - (theirs - batch).std()))
    if "noise" in name:
        return 0.0  # its steps are compared on their own
    return float((ours - theirs)[..., BORDER:-BORDER, BORDER:-BORDER].abs().max())


def seconds(method: Method, batch: Tensor) -> float:
    """The time of one call."""
    begun = time.perf_counter()
    method(batch)
    return time.perf_counter() - begun


@torch.inference_mode()
def main() -> None:
    """Print a row for each step and chain."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--batch", type=int, default=16)
    asked = parser.parse_args()
    torch.set_num_threads(2)
    batch = torch.from_numpy(255 * seeds.generator(0, "bench").random((asked.batch, 1, asked.side, asked.side), "float32"))
    writer = csv.DictWriter(sys.stdout, ["step", "side", "batch", "seconds", "kornia_seconds", "ratio", "difference"])
    writer.writeheader()
    for name, (ours, theirs) in methods(asked.side).items():
        off = difference(name, ours(batch), theirs(batch), batch)
        if off > TOLERANCE:
            raise SystemExit(f"{name} differs from kornia's by {off} grey levels")
        times = [(seconds(ours, batch), seconds(theirs, batch)) for _ in range(asked.rounds)]
        row = {"step": name, "side": asked.side, "batch": asked.batch, "difference": f"{off:.1e}"}
        row["seconds"], row["kornia_seconds"] = (round(statistics.median(column), 3) for column in zip(*times, strict=True))
        row["ratio"] = round(statistics.median(k / o for o, k in times), 2)
        writer.writerow(row)


if __name__ == "__main__":
    main()
