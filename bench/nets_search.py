"""TTSR's texture search: the plain form beside the streamed and the coarse one. CSV on standard output.

python bench/nets_search.py [--rounds 5] [--sides 40 64] [--channels 256] [--only FORM] [--threads 2]

A side is that of the low image: 40 places for patches of 160 pixels. Features are smooth noise, as a network's are smooth. Memory is the
growth of the resident size, in a process of its own (Linux); the plain form is left out where it would take more than 4 GiB.
"""

import argparse
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import torch

from radloupe.networks.layers.coarse_search import coarse_search
from radloupe.networks.layers.texture_search import plain_search, search

FORMS = {
    "plain": plain_search,
    "streamed": search,
    "coarse-2": partial(coarse_search, factor=2),
    "coarse-4": partial(coarse_search, factor=4),
}
PLAIN_LIMIT = 2**32


def features(side: int, channels: int, seed: int) -> torch.Tensor:
    """Smooth noise, rectified."""
    noise = torch.randn(1, channels, side + 4, side + 4, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.avg_pool2d(noise, 5, stride=1).relu_()


def growth_mib(form: str, side: int, channels: int, threads: int) -> float:
    """Memory of one call, measured by this program in a process of its own."""
    options = ["--only", form, "--sides", str(side), "--channels", str(channels), "--threads", str(threads)]
    return float(subprocess.run([sys.executable, __file__, *options], check=True, capture_output=True, text=True).stdout)  # noqa: S603


def once(form: str, side: int, channels: int) -> float:
    """Call a form once; MiB that the process has grown by, from its size with the features."""
    pair = features(side, channels, 0), features(side, channels, 1)
    Path("/proc/self/clear_refs").write_text("5")  # forget what was the largest size so far
    before = largest_mib()
    FORMS[form](*pair)
    return largest_mib() - before


def largest_mib() -> float:
    """Largest resident size of this process so far."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Interleave the forms round by round; the streamed one must find the places that the plain one finds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sides", type=int, nargs="+", default=[40, 64])
    parser.add_argument("--channels", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=FORMS)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    torch.set_grad_enabled(False)
    if asked.only:
        print(once(asked.only, asked.sides[0], asked.channels))
        return
    print("side,form,seconds,growth_mib,same_places,lost_similarity")
    for side in asked.sides:
        pair = features(side, asked.channels, 0), features(side, asked.channels, 1)
        forms = {name: form for name, form in FORMS.items() if name != "plain" or 4 * side**4 <= PLAIN_LIMIT}
        times: dict[str, list[float]] = {name: [] for name in forms}
        found = {}
        for _ in range(asked.rounds):
            for name, form in forms.items():
                begun = time.perf_counter()
                found[name] = form(*pair)
                times[name].append(time.perf_counter() - begun)
        exact = found["streamed"]
        if "plain" in found and (found["plain"].position == exact.position).double().mean() < 0.999:  # rounding may exchange near ties
            raise SystemExit("the streamed search finds other places than the plain one")
        for name, match in found.items():
            same = (match.position == exact.position).double().mean()
            lost = (exact.similarity - match.similarity).mean()
            growth = growth_mib(name, side, asked.channels, asked.threads)
            print(f"{side},{name},{statistics.median(times[name]):.4f},{growth:.0f},{same:.4f},{lost:.5f}", flush=True)


if __name__ == "__main__":
    main()
