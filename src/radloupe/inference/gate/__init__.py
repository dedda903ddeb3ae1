"""Input checks before super-resolution: whether an image resembles those that the models are designed for."""

from typing import TYPE_CHECKING, Any

from radloupe.core.lazy import lazy_attribute

PUBLIC = {
    "Finding": "radloupe.inference.gate.finding",
    "GateReport": "radloupe.inference.gate.finding",
    "inspect_image": "radloupe.inference.gate.inspection",
}
"""Public names and their modules; each is imported when first used."""

if TYPE_CHECKING:
    from radloupe.inference.gate.finding import Finding, GateReport
    from radloupe.inference.gate.inspection import inspect_image

__all__ = ["Finding", "GateReport", "inspect_image"]


def __getattr__(name: str) -> Any:
    return lazy_attribute(__name__, PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(__all__)
