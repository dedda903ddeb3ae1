"""Ways to integrate a volume along the rays of a view. Each prepares a volume once and then renders views."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from radloupe.camera import View
from radloupe.drr.volume import Volume
from radloupe.tables import Table

Picture = Float[np.ndarray, "rows columns"]
Render = Callable[[View], Picture]
"""A view's line integrals, float32."""
Engine = Callable[[Volume, str], Render]
"""Prepares a volume for a quality: `default` or `fine` (and `preview` where the engine has one)."""

ENGINES = Table(
    "projection engine",
    {
        "reference": "radloupe.drr.reference:prepare",
        "exact": "radloupe.drr.exact:prepare",
        "fast": "radloupe.drr.fast:prepare",
        "torch": "radloupe.drr.differentiable:prepare",
    },
)
