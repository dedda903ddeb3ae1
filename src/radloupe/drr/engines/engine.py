"""The interface of projection engines: each prepares a volume once and then renders the line integrals of views."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from radloupe.drr.volume import Volume
from radloupe.imaging.camera import View

LineIntegrals = Float[np.ndarray, "rows columns"]
Render = Callable[[View], LineIntegrals]
"""A view's line integrals, float32."""
Engine = Callable[[Volume, str], Render]
"""Prepares a volume for a quality: `default` or `fine` (and `preview` where the engine has one)."""
