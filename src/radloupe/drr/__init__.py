"""Digitally reconstructed radiographs (DRRs): X-ray images computed from CT."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Public names and where they live; each is imported when first used, for the engines bring a compiler and the last one brings PyTorch.
PUBLIC = {
    "CArm": "radloupe.imaging.camera",
    "Detector": "radloupe.drr.detector.flat_panel",
    "ProjectOptions": "radloupe.drr.project_options",
    "Projector": "radloupe.drr.projector",
    "Spectrum": "radloupe.drr.physics.spectra",
    "View": "radloupe.imaging.camera",
    "project": "radloupe.drr.projection",
    "project_batch": "radloupe.drr.engines.torch_joseph",
}

if TYPE_CHECKING:
    from radloupe.drr.detector.flat_panel import Detector
    from radloupe.drr.engines.torch_joseph import project_batch
    from radloupe.drr.physics.spectra import Spectrum
    from radloupe.drr.project_options import ProjectOptions
    from radloupe.drr.projection import project
    from radloupe.drr.projector import Projector
    from radloupe.imaging.camera import CArm, View

__all__ = ["CArm", "Detector", "ProjectOptions", "Projector", "Spectrum", "View", "project", "project_batch"]


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module 'radloupe.drr' has no attribute {name!r}")
    return getattr(import_module(PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
