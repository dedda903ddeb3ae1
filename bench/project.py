"""Speed of projecting a CT as ratios to ITK-RTK's Joseph filter, interleaved in one process. CSV on standard output.

    python bench/project.py [--rounds 3] [--poses 8] [--threads 2] [--quality default] [--ct chest.nii.gz] [--large]

The volume is a head of ellipsoids with noise, 256 x 256 x 200 voxels of 1 x 1 x 1.25 mm (`--large`: 512 x 403 x 275), or the CT given.
The source is 510 mm from the middle of the volume, the detector of 512 mm 1020 mm from the source; poses are drawn uniformly. Before
anything is timed, `exact` has to equal RTK's images and `fast` those of `exact`: `rtk_db` and `psnr_db` are the smallest of all
poses. Without itk-rtk beside Radloupe its columns stay empty. `memory_mib` is what preparing and rendering added at most, the
volume itself not counted.
"""

import argparse
import csv
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from radloupe.core import seeds
from radloupe.drr.engines import exact
from radloupe.drr.engines.fast import fast_engine
from radloupe.drr.engines.warmup import warmup
from radloupe.drr.volume import Volume
from radloupe.formats import read
from radloupe.imaging.camera import View

try:
    import itk
    from itk import RTK
except ImportError:
    itk = None

WATER = 0.0206  # 1/mm at 60 keV, NIST XCOM
AIR_HU = -900
SDD, SID, WIDTH = 1020.0, 510.0, 512.0
LEAST_DB = {"preview": 30.0, "default": 60.0, "fine": 70.0}
HEAD = (  # HU, centre and half axes as shares of the volume's half: skull, brain, ventricles, sinus, petrous bones, calcification
    (1100, (0, 0, 0), (0.62, 0.78, 0.80)),
    (35, (0, 0, 0), (0.56, 0.72, 0.74)),
    (5, (-0.12, -0.05, 0.1), (0.06, 0.22, 0.16)),
    (5, (0.12, -0.05, 0.1), (0.06, 0.22, 0.16)),
    (-1000, (0, -0.6, -0.25), (0.12, 0.08, 0.12)),
    (1500, (-0.32, 0.1, -0.4), (0.14, 0.06, 0.06)),
    (1500, (0.32, 0.1, -0.4), (0.14, 0.06, 0.06)),
    (800, (0.0, 0.2, 0.05), (0.02, 0.02, 0.02)),
)


def head(shape: tuple[int, int, int]) -> np.ndarray:
    """HU z y x of a head of ellipsoids with 15 HU of noise."""
    z, y, x = (np.linspace(-1, 1, n, dtype=np.float32).reshape([-1 if a == b else 1 for b in range(3)]) for a, n in enumerate(shape))
    hu = np.full(shape, -1000, np.float32)
    for value, centre, axes in HEAD:
        hu[sum(((c - m) / h) ** 2 for c, m, h in zip((x, y, z), centre, axes, strict=True)) <= 1] = value
    return hu + 15 * seeds.generator(0, "bench").standard_normal(shape, np.float32)


def attenuation(hu: np.ndarray, to_lps: np.ndarray) -> Volume:
    """1/mm from HU, air exactly zero."""
    return Volume(np.where(hu < AIR_HU, np.float32(0), (WATER * (1 + hu / 1000)).clip(0).astype(np.float32)), to_lps)


def volume(asked: argparse.Namespace) -> Volume:
    """The volume that is asked for, its middle at the origin."""
    if asked.ct:
        image = read(asked.ct)
        hu, linear = image.pixels[0].astype(np.float32), np.diag([-1.0, -1.0, 1.0]) @ image.affine[:3, :3]
    else:
        hu = head((275, 403, 512) if asked.large else (200, 256, 256))
        linear = np.diag([0.8, 0.8, 1.0] if asked.large else [1.0, 1.0, 1.25])
    to_lps = np.eye(4)
    to_lps[:3, :3] = linear
    to_lps[:3, 3] = -linear @ ((np.array(hu.shape[::-1]) - 1) / 2)
    return attenuation(hu, to_lps)


def poses(count: int, side: int) -> list[View]:
    """Views from directions drawn uniformly."""
    generator, views = seeds.generator(7, "poses"), []
    for _ in range(count):
        turn, upper = np.linalg.qr(generator.standard_normal((3, 3)))
        turn = turn * np.sign(np.diag(upper))
        u, v, away = (turn * np.sign(np.linalg.det(turn))).T
        pitch = WIDTH / side
        origin = (SDD - SID) * away - (side - 1) / 2 * pitch * (u + v)
        views.append(View((side, side), origin, pitch * u, pitch * v, source=-SID * away))
    return views


def joseph(mu: Volume) -> Callable[[View], np.ndarray] | None:
    """RTK's filter as an engine; None where it is not installed. It gets a frame of zeros: its field ends at the outermost centres."""
    if itk is None:
        return None
    kind = itk.Image[itk.F, 3]
    image, sizes = itk.image_from_array(np.pad(mu.values, 1)), np.linalg.norm(mu.to_lps[:3, :3], axis=0)
    image.SetSpacing(sizes.tolist())
    image.SetOrigin((mu.to_lps @ [-1.0, -1.0, -1.0, 1.0])[:3].tolist())
    image.SetDirection(itk.matrix_from_array(np.ascontiguousarray(mu.to_lps[:3, :3] / sizes)))

    def render(view: View) -> np.ndarray:
        rows, columns = view.shape
        geometry = RTK.ThreeDCircularProjectionGeometry.New()
        dy, dx = view.spacing
        geometry.AddProjection(view.source.tolist(), view.origin.tolist(), (view.u / dx).tolist(), (view.v / dy).tolist())
        empty = RTK.ConstantImageSource[kind].New(Size=[columns, rows, 1], Spacing=[dx, dy, 1.0], Origin=[0.0, 0.0, 0.0], Constant=0.0)
        forward = RTK.JosephForwardProjectionImageFilter[kind, kind].New(Geometry=geometry)
        forward.SetInput(0, empty.GetOutput())
        forward.SetInput(1, image)
        forward.Update()
        return itk.array_from_image(forward.GetOutput())[0]

    return render


def psnr(ours: np.ndarray, known: np.ndarray) -> float:
    """In dB of the known image's largest value."""
    return float(10 * np.log10(known.max() ** 2 / max(np.mean((ours - known) ** 2, dtype=float), 1e-30)))


def seconds(render: Callable[[View], np.ndarray], view: View) -> float:
    """The time of one image."""
    begun = time.perf_counter()
    render(view)
    return time.perf_counter() - begun


def resident(kind: str) -> float:
    """What is resident now (VmRSS) or was at most (VmHWM), in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) / 1024


def main() -> None:
    """Print a row for each size of the detector."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--poses", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quality", choices=LEAST_DB, default="default")
    parser.add_argument("--ct", type=Path)
    parser.add_argument("--large", action="store_true")
    asked = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: asked.threads])
    if itk is not None:
        itk.MultiThreaderBase.SetGlobalDefaultNumberOfThreads(asked.threads)
    mu = volume(asked)
    warmup()
    Path("/proc/self/clear_refs").write_text("5")  # what was resident at most is counted from here
    before, begun = resident("VmRSS"), time.perf_counter()
    ours = fast_engine.prepare(mu, asked.quality)
    print(f"prepared in {time.perf_counter() - begun:.2f} s", file=sys.stderr)
    ours(poses(1, 512)[0])
    memory, truth, theirs = resident("VmHWM") - before, exact.prepare(mu), joseph(mu)
    fields = ["detector", "quality", "ms", "exact_ms", "rtk_ms", "ratio", "psnr_db", "rtk_db", "memory_mib"]
    writer = csv.DictWriter(sys.stdout, fields)
    writer.writeheader()
    for side in (128, 256, 512):
        views = poses(asked.poses, side)
        equal = [(psnr(ours(v), truth(v)), psnr(truth(v), theirs(v)) if theirs else np.inf) for v in views]
        psnr_db, rtk_db = (min(column) for column in zip(*equal, strict=True))
        if psnr_db < LEAST_DB[asked.quality] or rtk_db < 80:
            raise SystemExit(f"{side}: only {psnr_db:.1f} dB from exact, and exact {rtk_db:.1f} dB from RTK")
        engines = [ours, *([theirs] if theirs else [])]
        times = [[seconds(engine, view) for engine in engines] for _ in range(asked.rounds) for view in views]
        medians = [statistics.median(column) * 1000 for column in zip(*times, strict=True)]
        row = {"detector": side, "quality": asked.quality, "psnr_db": f"{psnr_db:.1f}", "memory_mib": f"{memory:.0f}"}
        row |= {"ms": f"{medians[0]:.2f}", "exact_ms": f"{1000 * statistics.median(seconds(truth, view) for view in views):.1f}"}
        if theirs:
            row |= {"rtk_ms": f"{medians[1]:.1f}", "ratio": f"{medians[1] / medians[0]:.1f}", "rtk_db": f"{rtk_db:.1f}"}
        writer.writerow(row)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
