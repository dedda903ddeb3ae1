"""Dictionary transforms for MONAI (extra `monai`, imported on first use)."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from radloupe.core.errors import UsageError

if TYPE_CHECKING:
    from radloupe.transforms.dictionary import Degraded, LoadImaged, Upscaled, from_image, to_image

__all__ = ["Degraded", "LoadImaged", "Upscaled", "from_image", "to_image"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module("radloupe.transforms.dictionary"), name)
    except ModuleNotFoundError as error:
        raise UsageError(f"Transforms need the extra monai ({error.name} is missing). Run: pip install 'radloupe[monai]'.") from error


def __dir__() -> list[str]:
    return sorted(__all__)
