"""Radloupe makes medical images sharper and says how far to trust the result. Research software, not a medical device.

import radloupe as rl

image = rl.read("chest.dcm")
large = rl.upscale(image, model="xray-x4")
rl.write(large, "chest_x4.dcm")
"""

from typing import TYPE_CHECKING, Any

from radloupe.core.lazy import lazy_attribute

__version__ = "0.1.0"

# Public names and where they live; each is imported when first used, so that `import radloupe` costs nothing.
PUBLIC = {
    "Image": "radloupe.imaging.image",
    "Limits": "radloupe.core.limits",
    "audit": "radloupe.pipelines.audit",
    "degrade": "radloupe.degradation",
    "evaluate": "radloupe.pipelines.evaluate",
    "list_models": "radloupe.pipelines.upscale",
    "load_model": "radloupe.zoo.load",
    "measure": "radloupe.evaluation.scoring",
    "models": "radloupe.pipelines.upscale",
    "project": "radloupe.drr",
    "read": "radloupe.formats",
    "register": "radloupe.pipelines.register",
    "train": "radloupe.pipelines.train",
    "upscale": "radloupe.pipelines.upscale",
    "write": "radloupe.formats",
}

if TYPE_CHECKING:
    from radloupe.core.limits import Limits
    from radloupe.degradation import degrade
    from radloupe.drr import project
    from radloupe.evaluation.scoring import measure
    from radloupe.formats import read, write
    from radloupe.imaging.image import Image
    from radloupe.pipelines.audit import audit
    from radloupe.pipelines.evaluate import evaluate
    from radloupe.pipelines.register import register
    from radloupe.pipelines.train import train
    from radloupe.pipelines.upscale import list_models, models, upscale
    from radloupe.zoo.load import load_model

__all__ = [
    "Image",
    "Limits",
    "audit",
    "degrade",
    "evaluate",
    "list_models",
    "load_model",
    "measure",
    "models",
    "project",
    "read",
    "register",
    "train",
    "upscale",
    "write",
]


def __getattr__(name: str) -> Any:
    return lazy_attribute(__name__, PUBLIC, name)


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__"})
