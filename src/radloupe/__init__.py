"""Radloupe makes medical images sharper and says how far to trust the result. Research software, not a medical device.

import radloupe as rl

image = rl.read("chest.dcm")
large = rl.upscale(image, model="xray-x4")
rl.write(large, "chest_x4.dcm")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Public names and where they live; each is imported when first used, so that `import radloupe` costs nothing.
PUBLIC = {
    "Image": "radloupe.image",
    "Limits": "radloupe.limits",
    "degrade": "radloupe.degradation",
    "load_model": "radloupe.zoo.load",
    "measure": "radloupe.evaluate.scoring",
    "models": "radloupe.api",
    "project": "radloupe.drr.pictures",
    "read": "radloupe.formats",
    "upscale": "radloupe.api",
    "write": "radloupe.formats",
}

if TYPE_CHECKING:
    from radloupe.api import models, upscale
    from radloupe.degradation import degrade
    from radloupe.drr.pictures import project
    from radloupe.evaluate.scoring import measure
    from radloupe.formats import read, write
    from radloupe.image import Image
    from radloupe.limits import Limits
    from radloupe.zoo.load import load_model

__all__ = ["Image", "Limits", "degrade", "load_model", "measure", "models", "project", "read", "upscale", "write"]


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module 'radloupe' has no attribute {name!r}")
    return getattr(import_module(PUBLIC[name]), name)
