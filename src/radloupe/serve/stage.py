"""A CT made ready for the live page: its volume projected by the engines, its frames super-resolved by a shipped model."""

from functools import cache

import numpy as np

from radloupe import geometry
from radloupe.camera import View
from radloupe.drr.projector import Projector
from radloupe.drr.spectra import KVP, Spectrum, spectrum
from radloupe.image import Image
from radloupe.infer.tiles import Run
from radloupe.serve.pose import Pose
from radloupe.serve.scene import Picture, Scene

MODEL = "xray-x4"


def stage(ct: Image, engine: str = "fast", quality: str = "default") -> Scene:
    """A scene of a CT: water and bone in a beam of the page's tube voltage. Raises `InputError` for what is no CT."""
    fine, rough = (Projector(ct, engine=engine, quality=how, spectrum=Pose.kvp) for how in (quality, "preview"))

    def render(view: View, kvp: float, hurried: bool) -> Picture:
        return (rough if hurried else fine).paths(view, beam(kvp))[0]

    centre = geometry.centre(ct.affine, ct.shape)
    radius = float(np.linalg.norm(geometry.corners(ct.affine, ct.shape) - centre, axis=1).max())
    return Scene(render, geometry.LPS_TO_RAS[:3, :3] @ centre, radius, KVP, lambda low: network()(low))


@cache
def beam(kvp: float) -> Spectrum:
    """The spectrum of a voltage; the page's slider has some hundred."""
    return spectrum(kvp)


@cache
def network() -> Run:
    """The shipped model as a function of one picture between 0 and 1; loaded when first asked for, for PyTorch takes a second."""
    from radloupe.infer.engines import prepare
    from radloupe.zoo.load import load_model

    run, _ = prepare(load_model(MODEL))
    return run
