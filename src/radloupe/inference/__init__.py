"""Tiled inference of whole images within a memory budget, with data consistency, bounds and prediction intervals."""

from typing import TYPE_CHECKING, Any

from radloupe.core.lazy import lazy_attribute

PUBLIC = {
    "InferenceOptions": "radloupe.inference.options",
    "SuperResolution": "radloupe.inference.super_resolve",
    "TiledInferer": "radloupe.inference.tiled_inferer",
    "super_resolve": "radloupe.inference.super_resolve",
}
"""Public names and their modules; each is imported when first used."""

if TYPE_CHECKING:
    from radloupe.inference.options import InferenceOptions
    from radloupe.inference.super_resolve import SuperResolution, super_resolve
    from radloupe.inference.tiled_inferer import TiledInferer

__all__ = ["InferenceOptions", "SuperResolution", "TiledInferer", "super_resolve"]


def __getattr__(name: str) -> Any:
    return lazy_attribute(__name__, PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(__all__)
