"""Ahead-of-time compilation of the engines."""

import numpy as np

from radloupe.drr.engines import exact
from radloupe.drr.engines.fast import fast_engine
from radloupe.drr.volume import Volume
from radloupe.imaging.camera import View


def warmup() -> None:
    """Compile the engines `exact` and `fast`, which takes a few seconds, or load their code from an earlier process's cache."""
    volume = Volume(np.ones((3, 3, 3), np.float32), np.eye(4))
    view = View((8, 8), np.array([-1.0, -1.0, 9.0]), np.array([0.5, 0, 0]), np.array([0, 0.5, 0]), direction=np.array([0, 0, 1.0]))
    for engine in (exact, fast_engine):
        engine.prepare(volume, "default")(view)
