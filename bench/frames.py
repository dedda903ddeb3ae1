"""Whether the live page should enlarge small frames: what each method costs and how near it comes to the truth. CSV.

    python bench/frames.py CT... [--engines fast exact] [--sides 512 1024] [--model xray-x4]

Methods are interleaved over six poses, after one frame of each that does not count. `ms` is the median, `ratio` the time of a frame with a
ray for every pixel by it: below 1 is slower. `psnr_db` is over the body alone, where line integrals exceed a twentieth of the window, in
shares of the window and as the mean of the poses; `gain_db` is the least and the most of any pose against bicubic enlargement of the
same low frame. Truth is what a detector sees: intensities of 4 x 4 rays a pixel (1024: 2 x 2) of the engine `fast`, quality `fine`,
averaged. Low frames have a quarter of the side: `LOWS` says how they are computed.
"""

import argparse
import csv
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from radloupe.degradation.resample import bicubic
from radloupe.formats import read
from radloupe.inference.engines import prepare
from radloupe.inference.tiles import Run
from radloupe.serve.pose import Pose
from radloupe.serve.scene import LineIntegrals, Scene
from radloupe.serve.stage import stage
from radloupe.zoo.load import load_model

Method = Callable[[Scene, Pose, int], LineIntegrals]
"""A frame of a pose, `side` pixels wide and high, in shares of the window."""
Label = tuple[str, str]
"""How a frame is computed, and what enlarges it."""
ANGLES = ((0, 0), (90, 0), (-35, 20), (25, -25), (50, 10), (180, -15))
SCALE = 4
TRUTH_SIDE = 2048
BODY = 0.05  # of the window


def averaged(image: LineIntegrals, rays: int) -> LineIntegrals:
    """Means of rays x rays values."""
    rows, columns = (size // rays for size in image.shape)
    return image.reshape(rows, rays, columns, rays).mean((1, 3))


def detected(line_integrals: LineIntegrals, rays: int) -> LineIntegrals:
    """-ln of the mean intensity of rays x rays rays: what a pixel of a detector reports."""
    return -np.log(averaged(np.exp(-line_integrals.astype(np.float64)), rays))


def shrunk(line_integrals: LineIntegrals, rays: int) -> LineIntegrals:
    """Line integrals under the antialiased bicubic kernel, which the models learned from."""
    return bicubic(line_integrals, 1 / rays)


LOWS: dict[str, tuple[int, Callable[[LineIntegrals, int], LineIntegrals]]] = {
    "1 ray": (1, averaged),
    "2 x 2 rays, line integrals averaged": (2, averaged),
    "2 x 2 rays, intensities averaged": (2, detected),
    "2 x 2 rays, bicubic kernel": (2, shrunk),
    "4 x 4 rays, intensities averaged": (4, detected),
    "4 x 4 rays, bicubic kernel": (4, shrunk),
}
"""How the pixels of low frames are computed: so many rays along a side of each, and what reduces them to one value."""


def shown(line_integrals: LineIntegrals, pose: Pose) -> LineIntegrals:
    """Line integrals as the page shows them: shares of the window, float32."""
    return np.clip((line_integrals - pose.black) / (pose.white - pose.black), 0, 1).astype(np.float32)


def full(scene: Scene, pose: Pose, side: int) -> LineIntegrals:
    """A ray for every pixel."""
    return shown(scene.line_integrals(pose, side), pose)


def rough(scene: Scene, pose: Pose, side: int) -> LineIntegrals:
    """A ray for every pixel through half the voxels: what the page draws while a pose changes."""
    return full(scene, replace(pose, rough=1), side)


def enlarged(low: str, enlarge: Run) -> Method:
    """Frames that a function makes from low ones."""
    rays, merge = LOWS[low]

    def method(scene: Scene, pose: Pose, side: int) -> LineIntegrals:
        line_integrals = merge(scene.line_integrals(pose, side // SCALE * rays), rays)
        return np.clip(enlarge(shown(line_integrals, pose)), 0, 1)

    return method


def methods(model: str) -> dict[Label, Method]:
    """Every method; the first is a ray for every pixel."""
    runs: dict[str, Run] = {"bicubic": lambda low: bicubic(low, SCALE), model: prepare(load_model(model))[0]}
    found: dict[Label, Method] = {("every ray", ""): full, ("every ray, half the voxels along each axis", ""): rough}
    return found | {(low, name): enlarged(low, run) for low in LOWS for name, run in runs.items()}


def truth(scene: Scene, pose: Pose, side: int) -> LineIntegrals:
    """What a detector of `side` pixels sees."""
    return shown(detected(scene.line_integrals(pose, TRUTH_SIDE), TRUTH_SIDE // side), pose)


def psnr(frame: LineIntegrals, target: LineIntegrals) -> float:
    """PSNR in dB over the body."""
    return float(-10 * np.log10(np.square(frame - target, dtype=np.float64)[target > BODY].mean()))


def compare(scene: Scene, targets: list[LineIntegrals], poses: list[Pose], side: int, found: dict[Label, Method]) -> list[list[str]]:
    """A row for each method."""
    took: dict[Label, list[float]] = {name: [] for name in found}
    near: dict[Label, list[float]] = {name: [] for name in found}
    for method in found.values():
        method(scene, poses[0], side)
    for pose, target in zip(poses, targets, strict=True):
        for name, method in found.items():
            begun = time.perf_counter()
            frame = method(scene, pose, side)
            took[name].append(1000 * (time.perf_counter() - begun))
            near[name].append(psnr(frame, target))
    ms = {name: statistics.median(times) for name, times in took.items()}
    whole = ms[next(iter(found))]
    return [
        [
            *name,
            f"{ms[name]:.1f}",
            f"{whole / ms[name]:.2f}",
            f"{statistics.mean(values):.2f}",
            gained(values, near.get((name[0], "bicubic"))),
        ]
        for name, values in near.items()
    ]


def gained(values: list[float], others: list[float] | None) -> str:
    """The least and the most gain in dB over others; nothing where there are none, or the same."""
    if others is None or others is values:
        return ""
    gains = [value - other for value, other in zip(values, others, strict=True)]
    return f"{min(gains):+.2f} to {max(gains):+.2f}"


def main() -> None:
    """Rows for every CT, side and engine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cts", nargs="+")
    parser.add_argument("--engines", nargs="+", default=["fast"])
    parser.add_argument("--sides", nargs="+", type=int, default=[512, 1024])
    parser.add_argument("--model", default="xray-x4")
    asked = parser.parse_args()
    table = csv.writer(sys.stdout)
    table.writerow(["ct", "engine", "side", "frame", "enlarged by", "ms", "ratio", "psnr_db", "gain_db"])
    found = methods(asked.model)
    for number, path in enumerate(asked.cts, 1):
        ct = read(path)
        finest = stage(ct, quality="fine")
        white = finest.window()[1]
        poses = [Pose(primary, secondary, sid=finest.usual, white=white) for primary, secondary in ANGLES]
        targets = {side: [truth(finest, pose, side) for pose in poses] for side in asked.sides}
        for engine in asked.engines:
            scene = stage(ct, engine)
            for side in asked.sides:
                for row in compare(scene, targets[side], poses, side, found):
                    table.writerow([number, engine, side, *row])
                sys.stdout.flush()


if __name__ == "__main__":
    main()
