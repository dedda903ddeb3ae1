"""Time of PSNR and SSIM together beside scikit-image's SSIM with the same settings, on two threads. CSV on standard output.

python bench/metrics.py [--rounds 7] [--side 2048]
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from skimage.metrics import structural_similarity

from radloupe.core import seeds
from radloupe.metrics.fidelity import psnr
from radloupe.metrics.structural_similarity import ssim

GAUSSIAN = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What came out, and the seconds it took."""
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def main() -> None:
    """Interleave both round by round; the values are equal within 1e-6 or the run stops."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--side", type=int, default=2048)
    asked = parser.parse_args()
    torch.set_num_threads(2)
    random = seeds.generator(0, "bench")
    truth = random.random((asked.side, asked.side))
    image = truth + random.normal(0, 0.05, truth.shape)
    print("window,peer_seconds,seconds,ratio,difference")
    for window, settings in (("gaussian", GAUSSIAN), ("uniform", {})):
        rounds = []
        for _ in range(asked.rounds):
            theirs, peer = timed(lambda: structural_similarity(truth, image, data_range=1.0, **settings))  # noqa: B023
            (_, ours), seconds = timed(lambda: (psnr(image, truth, 1.0), ssim(image, truth, 1.0, window)))  # noqa: B023
            if not abs(ours - theirs) <= 1e-6:
                raise SystemExit(f"{window}: {ours} differs from {theirs}")
            rounds.append((peer, seconds, peer / seconds))
        peer, seconds, ratio = (statistics.median(column) for column in zip(*rounds, strict=True))
        print(f"{window},{peer:.3f},{seconds:.3f},{ratio:.1f},{abs(ours - theirs):.1e}")


if __name__ == "__main__":
    main()
