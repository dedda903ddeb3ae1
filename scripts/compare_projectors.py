"""Compare the engines with ITK-RTK and plastimatch on the phantom of bench/project.py. Writes docs/projection-accuracy.md.

    python scripts/compare_projectors.py [--side 256] [--poses 4] [--scale 1]

Needs itk-rtk beside Radloupe and the command plastimatch; what is missing is left out. `--scale 2` takes half the voxels each way.
"""

import argparse
import contextlib
import importlib.metadata
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from radloupe.drr.engines.engine import Render
from radloupe.drr.project_options import ENGINES
from radloupe.drr.volume import Volume
from radloupe.imaging.camera import View

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
from project import SDD, SID, attenuation, head, joseph, poses, psnr

PAGE = Path(__file__).parents[1] / "docs" / "projection-accuracy.md"
INTRO = """# How the projection engines compare with other software

Written by `scripts/compare_projectors.py`: {poses} poses drawn uniformly, a head of ellipsoids with noise of {shape} voxels (x y z),
source to middle {sid:g} mm, source to detector {sdd:g} mm, {side} x {side} pixels. Each row is the worst pose against `exact`: the
root of the mean square and the largest difference, as shares of the largest value, and the PSNR.

{versions}.

| projector | RMS | largest | PSNR, dB |
|---|---|---|---|
"""
END = """
`reference` is plain NumPy and defines what is computed (Joseph 1982), `exact` computes the same for any rays, `fast` gathers slices on a
grid. RTK's filter is Joseph's too. plastimatch's `exact` is Siddon's: voxels are boxes of one value there, so it differs by what
interpolation between voxels changes, mostly at edges and in noise; it takes values in 1/cm, which is undone here. On average it agrees
with `exact` to {bias:.1e} of the largest value.
"""


def small_head(scale: int) -> Volume:
    """The benchmark's phantom, its middle at the origin."""
    shape = (200 // scale, 256 // scale, 256 // scale)
    to_lps = np.diag([float(scale), float(scale), 1.25 * scale, 1.0])
    to_lps[:3, 3] = -np.diag(to_lps)[:3] * (np.array(shape[::-1]) - 1) / 2
    return attenuation(head(shape), to_lps)


def plastimatch(volume: Volume) -> Render:
    """The drr command of plastimatch as an engine: one process an image."""

    def render(view: View) -> np.ndarray:
        with tempfile.TemporaryDirectory() as folder:
            temporary = Path(folder)
            write_mha(temporary / "volume.mha", volume)
            rows, columns = view.shape
            dy, dx = view.spacing
            towards = view.source / np.linalg.norm(view.source)  # the middle of the volume is the origin and on the central ray
            options = {
                "-A": "cpu", "-i": "exact", "-r": f"{rows} {columns}", "-z": f"{rows * dy} {columns * dx}", "--sad": SID, "--sid": SDD,
                "--nrm": " ".join(map(str, towards)), "--vup": " ".join(map(str, -view.v / dy)), "-t": "raw", "-P": "none", "-o": "0 0 0",
                "-O": str(temporary / "drr"), "-I": str(temporary / "volume.mha"),
            }  # fmt: skip
            command = ["plastimatch", "drr", *(str(word) for option in options.items() for word in option)]
            done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603
            written = sorted(temporary.glob("drr*.raw"))
            if not written:
                raise SystemExit(done.stdout + done.stderr)
            return np.fromfile(written[0], np.float32).reshape(rows, columns) * 10  # it takes values in 1/cm

    return render


def write_mha(path: Path, volume: Volume) -> None:
    """The volume in a format that plastimatch reads."""
    z, y, x = volume.values.shape
    sizes, origin = np.diag(volume.to_lps)[:3], volume.to_lps[:3, 3]
    lines = [
        "ObjectType = Image", "NDims = 3", "BinaryData = True", "BinaryDataByteOrderMSB = False", "CompressedData = False",
        "TransformMatrix = 1 0 0 0 1 0 0 0 1",
        f"Offset = {origin[0]} {origin[1]} {origin[2]}",
        f"ElementSpacing = {sizes[0]} {sizes[1]} {sizes[2]}", f"DimSize = {x} {y} {z}", "ElementType = MET_FLOAT",
        "ElementDataFile = LOCAL",
    ]  # fmt: skip
    path.write_bytes(("\n".join(lines) + "\n").encode() + volume.values.astype("<f4").tobytes())


def others(volume: Volume) -> dict[str, Render]:
    """Everything that is compared with `exact`."""
    found = {f"`{name}`": ENGINES[name](volume, "default") for name in ("reference", "torch")}
    found |= {f"`fast`, {quality}": ENGINES["fast"](volume, quality) for quality in ("preview", "default", "fine")}
    if theirs := joseph(volume):
        found["ITK-RTK, Joseph"] = theirs
    if shutil.which("plastimatch"):
        found["plastimatch, exact"] = plastimatch(volume)
    return found


def versions() -> str:
    """What is installed."""
    known = [f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "numba", "torch")]
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        known.append(f"itk-rtk {importlib.metadata.version('itk-rtk')}")
    if shutil.which("plastimatch"):
        line = subprocess.run(["plastimatch", "--version"], capture_output=True, text=True).stdout  # noqa: S607
        known.append(" ".join(line.split()[:3]))
    return ", ".join(known)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--poses", type=int, default=4)
    parser.add_argument("--scale", type=int, default=1)
    asked = parser.parse_args()
    volume, views = small_head(asked.scale), poses(asked.poses, asked.side)
    exact = ENGINES["exact"](volume, "default")
    truth, rows, bias = [exact(view) for view in views], "", 0.0
    for name, render in others(volume).items():
        pairs = [(render(view), known) for view, known in zip(views, truth, strict=True)]
        rms = max(float(np.sqrt(np.mean((a - b) ** 2, dtype=float)) / b.max()) for a, b in pairs)
        most = max(float(np.abs(a - b).max() / b.max()) for a, b in pairs)
        rows += f"| {name} | {rms:.1e} | {most:.1e} | {min(psnr(a, b) for a, b in pairs):.1f} |\n"
        bias = max(abs(float((a - b).mean() / b.max())) for a, b in pairs)
        print(name, f"{rms:.1e} {most:.1e}", flush=True)
    shape = " x ".join(map(str, volume.values.shape[::-1]))
    head_ = INTRO.format(poses=asked.poses, shape=shape, sid=SID, sdd=SDD, side=asked.side, versions=versions())
    PAGE.write_text(head_ + rows + END.format(bias=bias))


if __name__ == "__main__":
    main()
