"""Success of 2D/3D registration on simulated pairs of a CT. CSV on standard output, a row for each start, and a summary.

    python bench/register.py --ct chest.nii.gz [--geometry carm|chest] [--starts 24] [--keep 0.6] [--thickness 5] [--sdd-error 0.02] [--two]

The X-ray image is projected from the whole CT by another beam (90 kV, water and bone), with scatter, noise, blur, the heel effect, a random
linear shade, a gamma, the other polarity in every second image, and a crop. The pose is drawn within 12 degrees, 10 mm in the image's plane
and 30 mm in depth; the start is 3 to 10 degrees and 6 to 20 mm from it. The CT that registration gets may be cut to a share of its slices
(`--keep`) or averaged to thicker ones. CTs less than 150 mm high are collimated to what they show. Nothing moves, breathes or is foreign:
real pairs are harder.
"""

import argparse
import csv
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from radloupe.core import seeds
from radloupe.drr.detector.flat_panel import Detector, expose
from radloupe.drr.projector import Projector
from radloupe.drr.registration.pose_error import pose_error
from radloupe.drr.registration.session import RegistrationSession
from radloupe.formats import read
from radloupe.imaging import geometry
from radloupe.imaging.camera import CArm, View
from radloupe.imaging.image import Image
from radloupe.imaging.rigid_motion import camera_axes, move_view

GEOMETRIES = {"carm": (1020.0, 640.0, 300.0), "chest": (1800.0, 1500.0, 260.0)}  # sdd, sid, side of the detector in mm
PIXELS, LOW_MM, KVP = 256, 150.0, 90.0
TUBE = Detector(photons=2e4, scatter=0.8, heel=0.15, distance=True, blur_mm=0.2, electronic=5)


def crop(plane: np.ndarray, view: View, rows: tuple[int, int], columns: tuple[int, int]) -> tuple[np.ndarray, View]:
    """Part of an image, with its view."""
    part = plane[slice(*rows), slice(*columns)]
    return part, replace(view, shape=part.shape, origin=view.origin + rows[0] * view.v + columns[0] * view.u)


def true_view(ct: Image, shape: str, number: int, tilt: float, side: float) -> View:
    """Where an X-ray image is taken from, turned by `side` degrees from the front."""
    generator, (sdd, sid, width) = seeds.generator(11, shape, number), GEOMETRIES[shape]
    angles = generator.uniform(-12, 12, 3) * (1, tilt, tilt) + (side, 0, 0)
    view = CArm(sdd=sdd, sid=sid, size=(PIXELS, PIXELS), pixel=width / PIXELS).view(tuple(angles), ct)
    shift = np.array([*generator.uniform(-10, 10, 2), generator.uniform(-30, 30)])
    return move_view(view, view.isocentre, np.zeros(3), camera_axes(view).T @ shift)


def exposed(projector: Projector, session: RegistrationSession, view: View, number: int, low: bool) -> tuple[np.ndarray, View]:
    """An X-ray image as a stranger's viewer shows it, 0 to 1."""
    generator, plane = seeds.generator(12, number), projector.line_integrals(view)[0]
    if low:
        edge = PIXELS // 8
        seen = np.flatnonzero((session.renders.beyond(view)[:, edge:-edge] < 1).all(axis=1))
        plane, view = crop(plane, view, (seen[0], seen[-1] + 1), (edge, PIXELS - edge))
    plane = -np.log(np.maximum(expose(plane, view, TUBE, number), 0.5) / TUBE.photons)
    rows, columns = np.mgrid[-1 : 1 : plane.shape[0] * 1j, -1 : 1 : plane.shape[1] * 1j]
    angle = generator.uniform(0, 2 * np.pi)
    plane = plane + 0.05 * np.ptp(plane) * (np.sin(angle) * rows + np.cos(angle) * columns)
    dark, bright = np.percentile(plane, (0.5, 99.5))
    plane = np.clip((plane - dark) / (bright - dark), 0, 1) ** generator.uniform(0.7, 1.4)
    top, bottom, left, right = (generator.uniform(0, 0.12, 4) * PIXELS * (not low)).astype(int)
    plane, view = crop(plane, view, (top, plane.shape[0] - bottom), (left, plane.shape[1] - right))
    return (1 - plane if number % 2 else plane).astype(np.float32)[None, None], view


def prepared(ct: Image, keep: float, thickness: float | None) -> Image:
    """The CT that registration gets."""
    count = ct.shape[0]
    first = round(count * (1 - keep) / 2)
    part = ct.pixels[:, first : count - first]
    affine = geometry.shift(ct.affine, (0, 0, first))
    merged = max(1, round(thickness / ct.spacing[2])) if thickness else 1
    whole = part[0, : part.shape[1] // merged * merged].reshape(-1, merged, *part.shape[2:])
    return replace(ct, pixels=np.rint(whole.mean(axis=1)).astype(np.int16)[None], affine=geometry.resample(affine, (1, 1, 1 / merged)))


def starts(views: list[View], centre: np.ndarray, sdd_error: float, number: int) -> list[View]:
    """Where registration begins: the views moved together, and perhaps a wrong distance to the source."""
    generator = seeds.generator(13, number)
    turn, shift = (vector / np.linalg.norm(vector) for vector in generator.normal(size=(2, 3)))
    turn, shift = np.radians(generator.uniform(3, 10)) * turn, generator.uniform(6, 20) * shift
    moved = [move_view(view, centre, turn, shift) for view in views]
    return [replace(v, source=v.source - sdd_error * ((v.origin - v.source) @ v.normal) * v.normal) for v in moved]


def main() -> None:
    """Print a row for each start, and a summary on standard error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ct", type=Path, required=True)
    parser.add_argument("--geometry", choices=GEOMETRIES, default="carm")
    parser.add_argument("--starts", type=int, default=24)
    parser.add_argument("--keep", type=float, default=1.0)
    parser.add_argument("--thickness", type=float)
    parser.add_argument("--sdd-error", type=float, default=0.0)
    parser.add_argument("--two", action="store_true", help="Two views, 80 degrees apart.")
    asked = parser.parse_args()
    ct = read(asked.ct, modality="CT")
    projector, complete = Projector(ct, spectrum=KVP), RegistrationSession(ct)
    session = RegistrationSession(prepared(ct, asked.keep, asked.thickness))
    low, rows = ct.shape[0] * ct.spacing[2] < LOW_MM, []
    for number in range(asked.starts):
        poses = [true_view(ct, asked.geometry, number, 0.3 if low else 1.0, side) for side in ((0, 80) if asked.two else (0,))]
        images, true = zip(*(exposed(projector, complete, view, number, low) for view in poses), strict=True)
        begun = time.process_time()
        found = session.register(images, starts(list(true), complete.centre, asked.sdd_error, number))
        cpu, error = time.process_time() - begun, pose_error(found.view, true[0], complete.centre)
        row = {"start": number, **{name: round(value, 3) for name, value in error._asdict().items()}, "cpu_s": round(cpu, 2)}
        kept = ("similarity", "used", "error_estimate_mm", "in_plane_error_mm", "flagged", "starts", "seconds")
        row |= {name: value for name, value in found.record().items() if name in kept}
        row["starts_tried"] = row.pop("starts")
        writer = csv.DictWriter(sys.stdout, row)
        writer.writeheader() if not rows else None
        writer.writerow(row)
        sys.stdout.flush()
        rows.append(row)
    print(summary(rows), file=sys.stderr)


def summary(rows: list[dict[str, float]]) -> str:
    """Rates of success and medians."""
    column = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    missed = column["projected"] > 2
    return (
        f"pd <= 1 mm: {np.mean(column['projected'] <= 1):.0%}, mTRE <= 2 mm: {np.mean(column['target'] <= 2):.0%}, in the image's plane "
        f"<= 1 mm: {np.mean(column['in_plane'] <= 1):.0%}; medians: pd {np.median(column['projected']):.2f}, mTRE "
        f"{np.median(column['target']):.2f}, in plane {np.median(column['in_plane']):.2f}, depth {np.median(column['depth']):.2f} mm, "
        f"{np.median(column['cpu_s']):.2f} s of one core; pd > 2 mm: {missed.sum()}, not flagged: {(missed & ~column['flagged']).sum()}; "
        f"flagged in all: {column['flagged'].sum()} of {len(rows)}"
    )


if __name__ == "__main__":
    main()
