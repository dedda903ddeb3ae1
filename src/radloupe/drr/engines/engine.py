"""Ways to integrate a volume along the rays of a view. Each prepares a volume once and then renders views."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from radloupe.drr.volume import Volume
from radloupe.imaging.camera import View

Picture = Float[np.ndarray, "rows columns"]
Render = Callable[[View], Picture]
"""A view's line integrals, float32."""
Engine = Callable[[Volume, str], Render]
"""Prepares a volume for a quality: `default` or `fine` (and `preview` where the engine has one)."""
