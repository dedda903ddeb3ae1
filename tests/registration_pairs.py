"""A CT of simple bodies and simulated X-ray images of it, for registration."""

from dataclasses import replace

import numpy as np

from radloupe.core import seeds
from radloupe.drr.projector import Projector
from radloupe.imaging.camera import CArm
from radloupe.imaging.geometry import shift
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo
from radloupe.imaging.rigid_motion import move_view

SHAPE, SPACING = (72, 56, 80), 4.0  # z y x, mm
ARM = CArm(sdd=1020, sid=640, size=(160, 160), pixel=1.8)  # sees 181 mm at the isocentre


def torso(spacing=SPACING):
    """A CT of a torso that goes on beyond the first and last slice: two lungs, vertebrae, slanting ribs, and spots like vessels."""
    z, y, x = (n * spacing for n in np.meshgrid(*(np.arange(n) - (n - 1) / 2 for n in SHAPE), indexing="ij"))
    hu = np.where((x / 140) ** 2 + (y / 100) ** 2 < 1, 30.0, -1000.0)
    hu[((abs(x) - 65) / 50) ** 2 + (y / 70) ** 2 + ((z - 10) / 110) ** 2 < 1] = -800
    hu[(x**2 + (y - 60) ** 2 < 18**2) & (z % 32 < 24)] = 450
    shell = abs(np.hypot(x / 125, y / 88) - 1) < 0.05
    hu[shell & ((z + 0.4 * y + 0.1 * x) % 36 < 9)] = 700
    generator = seeds.generator(0, "torso")
    for centre, radius in zip(generator.uniform(-1, 1, (40, 3)) * (90, 60, 120), generator.uniform(4, 12, 40), strict=True):
        hu[(x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2 < radius**2] = generator.choice([-50, 60, 300])
    return Image(hu[None].astype(np.int16), np.diag([spacing] * 3 + [1.0]), PixelInfo("HU", "CT"))


def cut(ct, share):
    """The middle slices of a CT."""
    kept = round(ct.shape[0] * share)
    first = (ct.shape[0] - kept) // 2
    return replace(ct, pixels=ct.pixels[:, first : first + kept], affine=shift(ct.affine, (0, 0, first)))


def xray(ct, view, gamma=1.2, inverted=False):
    """An X-ray image by another engine and another energy, with noise, a shade and a gamma."""
    plane = Projector(ct, engine="exact", spectrum=90).line_integrals(view)[0]
    rows, columns = np.mgrid[-1 : 1 : plane.shape[0] * 1j, -1 : 1 : plane.shape[1] * 1j]
    plane = plane + 0.1 * np.ptp(plane) * (0.5 * rows - columns)
    plane = plane + 0.01 * np.ptp(plane) * seeds.generator(1, "noise").standard_normal(plane.shape)
    low, high = np.percentile(plane, [0.5, 99.5])
    plane = np.clip((plane - low) / (high - low), 0, 1) ** gamma
    pixels = (1 - plane if inverted else plane).astype(np.float32)[None, None]
    return Image(pixels, info=PixelInfo("stored", "XR"))


def moved(view, ct_centre, degrees=5.0, mm=10.0):
    """A view turned about a slanting axis and shifted along another."""
    turn, shift = np.array([2.0, -1.0, 2.0]) / 3, np.array([1.0, 2.0, -2.0]) / 3
    return move_view(view, ct_centre, np.radians(degrees) * turn, mm * shift)
