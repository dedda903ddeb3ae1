"""The six default models: what each is trained on, how its low images are made, and for how long."""

from dataclasses import dataclass, field

from radloupe.intensity import Modality
from radloupe.train.supervised import Schedule


@dataclass(frozen=True)
class ZooRecipe:
    """Everything that decides a default model."""

    modality: Modality
    source: str
    """A name of `data.sources.SOURCES`."""
    degradation: str
    """A preset of `degrade`."""
    scale: int
    schedule: Schedule
    network: str = "loupe"
    arguments: dict[str, int] = field(default_factory=lambda: {"width": 48, "blocks": 10})
    begin_from: str = ""
    """A model whose weights this one begins with, except those whose shape differs."""


ZOO = {
    "xray-x2": ZooRecipe("XR", "chest-xrays", "bicubic", 2, Schedule(steps=3000, muon_lr=0.005, adam_lr=3e-4)),
    "xray-x4": ZooRecipe("XR", "chest-xrays", "bicubic", 4, Schedule(steps=1500, muon_lr=0.005, adam_lr=3e-4), begin_from="xray-x2"),
    "mri-x2": ZooRecipe("MR", "brain-mri", "kspace-centred", 2, Schedule(steps=5000, muon_lr=0.02)),
    "mri-x4": ZooRecipe("MR", "brain-mri", "kspace-centred", 4, Schedule(steps=1500), begin_from="mri-x2"),
    "ct-x2": ZooRecipe("CT", "chest-ct", "bicubic", 2, Schedule(steps=7000, restarts=(4000,))),
    "ct-x4": ZooRecipe("CT", "chest-ct", "bicubic", 4, Schedule(steps=2000), begin_from="ct-x2"),
}
