"""Time of one radiograph by the side of the tiles, and how much of it the system spends on memory. CSV on standard output.

python bench/tiles.py [--rounds 5] [--side 1024]
"""

import argparse
import resource
import statistics
import time

import numpy as np
import torch

from radloupe.core import seeds
from radloupe.inference.engines import torch_engine
from radloupe.inference.tile_plan import Plan
from radloupe.inference.tiles import strips
from radloupe.zoo.load import load_model

SIDES = (1024, 512, 256, 208, 171, 128)


def main() -> None:
    """Interleave the tile sizes round by round; the results are equal to the bit or the run stops."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--side", type=int, default=1024)
    asked = parser.parse_args()
    torch.set_num_threads(2)
    model = load_model("xray-x4")
    run, halo = torch_engine(model, "32", "cpu"), int(model.spec.receptive_field_radius)
    low = seeds.generator(0, "bench").random((asked.side, asked.side), dtype=np.float32)
    whole = run(low)
    times: dict[int, list[tuple[float, float]]] = {side: [] for side in SIDES}
    for _ in range(asked.rounds):
        for side in SIDES:
            system, begun = resource.getrusage(resource.RUSAGE_SELF).ru_stime, time.perf_counter()
            out = np.concatenate(list(strips(run, low, Plan(side, halo), model.spec)))
            times[side].append((time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_stime - system))
            if not np.array_equal(out, whole):
                raise SystemExit(f"tiles of {side} differ from the whole image")
    print("tile,seconds,system_seconds")
    for side, rounds in times.items():
        print(f"{side},{statistics.median(t for t, _ in rounds):.3f},{statistics.median(s for _, s in rounds):.3f}")


if __name__ == "__main__":
    main()
