"""Digitally reconstructed radiographs (DRRs): X-ray images computed from CT."""

from typing import TYPE_CHECKING, Any

from radloupe.core.lazy import lazy_attribute

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
    return lazy_attribute(__name__, PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(__all__)
