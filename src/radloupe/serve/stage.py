"""Preparation of a CT for the live page."""

from functools import cache

import numpy as np

from radloupe.drr.physics.spectra import KVP, Spectrum
from radloupe.drr.projector import Projector
from radloupe.imaging import geometry
from radloupe.imaging.camera import View
from radloupe.imaging.image import Image
from radloupe.serve.pose import Pose
from radloupe.serve.scene import LineIntegrals, Scene


def stage(ct: Image, engine: str = "fast", quality: str = "default") -> Scene:
    """Scene of a CT with water and bone coefficients in a beam of the page's tube voltage. Raises `InputError` for other modalities.

    Preview frames always use the engine `fast`: no other keeps up with dragging.
    """
    fine = Projector(ct, engine=engine, quality=quality, spectrum=Pose.kvp)
    rough = Projector(ct, engine="fast", quality="preview", spectrum=Pose.kvp)

    def render(view: View, kvp: float, hurried: bool) -> LineIntegrals:
        return (rough if hurried else fine).line_integrals(view, beam(kvp))[0]

    centre = geometry.centre(ct.affine, ct.shape)
    radius = float(np.linalg.norm(geometry.corners(ct.affine, ct.shape) - centre, axis=1).max())
    return Scene(render, geometry.LPS_TO_RAS[:3, :3] @ centre, radius, KVP)


@cache
def beam(kvp: float) -> Spectrum:
    """Spectrum of a tube voltage in kV, cached: the page's slider has about a hundred values."""
    return Spectrum.of(kvp)
