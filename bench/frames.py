"""Whether the live page should enlarge small frames: what each way to make a frame costs and how near it comes to the truth. CSV.

    python bench/frames.py CT... [--engines fast exact] [--sides 512 1024] [--model xray-x4]

Ways are interleaved over six poses, after one frame of each that does not count. `ms` is the median, `ratio` the time of a frame with a
ray for every pixel by it: below 1 is slower. `psnr_db` is over the body alone, where line integrals exceed a twentieth of the window, in
shares of the window and as the mean of the poses; `gain_db` is the least and the most of any pose against bicubic enlargement of the
same low frame. Truth is what a detector sees: intensities of 4 x 4 rays a pixel (1024: 2 x 2) of the engine `fast`, quality `fine`,
averaged. Low frames have a quarter of the side: of one ray a pixel, which aliases, or of 2 x 2 rays shrunk with the antialiased bicubic
kernel that the model learned from.
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
from radloupe.infer.engines import prepare
from radloupe.infer.tiles import Run
from radloupe.serve.pose import Pose
from radloupe.serve.scene import Picture, Scene
from radloupe.serve.stage import stage
from radloupe.zoo.load import load_model

Way = Callable[[Scene, Pose, int], Picture]
"""A frame of a pose, `side` pixels wide and high, in shares of the window."""
ANGLES = ((0, 0), (90, 0), (-35, 20), (25, -25), (50, 10), (180, -15))
SCALE = 4
TRUTH_SIDE = 2048
BODY = 0.05  # of the window


def shown(paths: Picture, pose: Pose) -> Picture:
    """Line integrals as the page shows them: shares of the window, float32."""
    return np.clip((paths - pose.black) / (pose.white - pose.black), 0, 1).astype(np.float32)


def full(scene: Scene, pose: Pose, side: int) -> Picture:
    """A ray for every pixel."""
    return shown(scene.paths(pose, side), pose)


def rough(scene: Scene, pose: Pose, side: int) -> Picture:
    """A ray for every pixel through half the voxels: what the page draws while a pose changes."""
    return full(scene, replace(pose, rough=1), side)


def low(scene: Scene, pose: Pose, side: int, rays: int) -> Picture:
    """A frame of a quarter of the side from rays x rays rays a pixel."""
    paths = scene.paths(pose, side // SCALE * rays)
    return shown(paths if rays == 1 else bicubic(paths, 1 / rays), pose)


def enlarged(enlarge: Run, rays: int) -> Way:
    """Frames that a function makes from low ones."""
    return lambda scene, pose, side: np.clip(enlarge(low(scene, pose, side, rays)), 0, 1)


def ways(model: str) -> dict[str, Way]:
    """Every way, bicubic enlargement before the model's."""
    run, _ = prepare(load_model(model))
    found = {"every pixel's ray": full, "half the voxels": rough}
    for rays in (1, 2):
        found[f"low frame, {rays} x {rays} rays, bicubic"] = enlarged(lambda frame: bicubic(frame, SCALE), rays)
        found[f"low frame, {rays} x {rays} rays, {model}"] = enlarged(run, rays)
    return found


def truth(scene: Scene, pose: Pose, side: int) -> Picture:
    """What a detector of `side` pixels sees: intensities averaged over each pixel."""
    rays = TRUTH_SIDE // side
    intensity = np.exp(-scene.paths(pose, TRUTH_SIDE).astype(np.float64))
    return shown(-np.log(intensity.reshape(side, rays, side, rays).mean((1, 3))), pose)


def psnr(frame: Picture, target: Picture) -> float:
    """PSNR in dB over the body."""
    return float(-10 * np.log10(np.square(frame - target, dtype=np.float64)[target > BODY].mean()))


def compare(scene: Scene, targets: list[Picture], poses: list[Pose], side: int, found: dict[str, Way]) -> list[list[str]]:
    """A row for each way."""
    took, near = {name: [] for name in found}, {name: [] for name in found}
    for way in found.values():
        way(scene, poses[0], side)
    for pose, target in zip(poses, targets, strict=True):
        for name, way in found.items():
            begun = time.perf_counter()
            frame = way(scene, pose, side)
            took[name].append(1000 * (time.perf_counter() - begun))
            near[name].append(psnr(frame, target))
    ms = {name: statistics.median(times) for name, times in took.items()}
    rows, bicubics = [], []
    for name, figures in near.items():
        bicubics = figures if name.endswith("bicubic") else bicubics
        gains = [figure - other for figure, other in zip(figures, bicubics, strict=False)]
        spread = f"{min(gains):+.2f} to {max(gains):+.2f}" if gains else ""
        rows.append([name, f"{ms[name]:.1f}", f"{next(iter(ms.values())) / ms[name]:.2f}", f"{statistics.mean(figures):.2f}", spread])
    return rows


def main() -> None:
    """Rows for every CT, side and engine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cts", nargs="+")
    parser.add_argument("--engines", nargs="+", default=["fast"])
    parser.add_argument("--sides", nargs="+", type=int, default=[512, 1024])
    parser.add_argument("--model", default="xray-x4")
    asked = parser.parse_args()
    table = csv.writer(sys.stdout)
    table.writerow(["ct", "engine", "side", "way", "ms", "ratio", "psnr_db", "gain_db"])
    found = ways(asked.model)
    for number, path in enumerate(asked.cts, 1):
        ct = read(path)
        exposed = stage(ct, quality="fine")
        white = exposed.window()[1]
        poses = [Pose(primary, secondary, sid=exposed.usual, white=white) for primary, secondary in ANGLES]
        targets = {side: [truth(exposed, pose, side) for pose in poses] for side in asked.sides}
        for engine in asked.engines:
            scene = stage(ct, engine)
            for side in asked.sides:
                for row in compare(scene, targets[side], poses, side, found):
                    table.writerow([number, engine, side, *row])
                sys.stdout.flush()


if __name__ == "__main__":
    main()
