"""Recipes of the default models: source, degradation, network and schedule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from radloupe.imaging.modality import Modality
from radloupe.papers.training_queue import COLLECTIONS, MIXED
from radloupe.training.recipe import DataConfig, LearningRateSchedule, LossTerm, NetworkConfig, Optimiser, Phase, Recipe

WIDTH, BLOCKS = 48, 10
SUBJECTS = {"XR": "chest-xrays", "MR": "brain-mri", "CT": "chest-ct"}
"""The source of each modality, a row of `data.sources.SOURCES`."""


NOMINAL: Mapping[Modality, str] = {"XR": "bicubic", "MR": "kspace-centred", "CT": "bicubic"}
"""The degradation that models of a modality are measured with, and that data consistency repeats."""


@dataclass(frozen=True)
class ZooRecipe:
    """A training recipe with its model's modality and source."""

    modality: Modality
    recipe: Recipe

    @property
    def source(self) -> str:
        """A name of `data.sources.SOURCES`."""
        return (COLLECTIONS if self.mixed else SUBJECTS)[self.modality]

    @property
    def mixed(self) -> bool:
        """Whether it is trained on a mixture of degradations."""
        return self.recipe.data.source == MIXED

    @property
    def scale(self) -> int:
        """Scale factor."""
        return self.net.scale or 1

    @property
    def net(self) -> NetworkConfig:
        """The network that is published."""
        return self.recipe.networks["generator"]

    @property
    def degradation(self) -> str:
        """The preset that makes the low images; of a mixture, that of its clean images."""
        return NOMINAL[self.modality] if self.mixed else self.recipe.data.degradation

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The network's settings, without its scale."""
        return self.net.settings


def row(
    name: str, modality: Modality, scale: int, steps: int, optimiser: Optimiser, restarts: tuple[int, ...] = (), pretrained: str = ""
) -> ZooRecipe:
    """A default model: LoupeNet on small patches with Muon, Charbonnier error, half cosines and an EMA of the weights."""
    net = NetworkConfig("loupe", scale, {"width": WIDTH, "blocks": BLOCKS}, optimiser, ema_decay=0.99, pretrained=pretrained)
    term = LossTerm("charbonnier", settings={"epsilon": 1e-2})  # Charbonnier epsilon: a hundredth of the network range
    phase = Phase(steps, loss_terms=(term,), schedule=LearningRateSchedule(warmup=100, cosine=True, restarts=restarts))
    data = DataConfig(SUBJECTS[modality], NOMINAL[modality])
    return ZooRecipe(modality, Recipe(name, "Radloupe, 2026", {"generator": net}, (phase,), data, modality=modality))


def muon(lr: float, adam_lr: float = 1e-3) -> Optimiser:
    """Muon for the kernels between feature maps at `lr`, Adam (0.9, 0.99) for the others."""
    return Optimiser("muon", adam_lr, lr, (0.9, 0.99))


ZOO = {
    model.recipe.name: model
    for model in (
        row("xray-x2", "XR", 2, 3000, muon(0.005, 3e-4)),
        row("xray-x4", "XR", 4, 1500, muon(0.005, 3e-4), pretrained="xray-x2"),
        row("mri-x2", "MR", 2, 5000, muon(0.02)),
        row("mri-x4", "MR", 4, 5000, muon(0.01), pretrained="mri-x2"),
        row("ct-x2", "CT", 2, 7000, muon(0.01), restarts=(4000,)),
        row("ct-x4", "CT", 4, 2000, muon(0.01), pretrained="ct-x2"),
    )
}
