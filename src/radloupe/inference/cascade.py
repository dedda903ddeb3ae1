"""Cascade: two models in sequence as one model of the product of their scales."""

import math
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from radloupe import degradation
from radloupe.core.errors import UsageError
from radloupe.inference.tile_plan import LARGEST, plan_tiles
from radloupe.inference.tiles import Run, strips
from radloupe.networks.model import Model
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec

UNLIMITED = 2**62
"""Memory budget in bytes of the second model's tiles; `CascadeNetwork.spec` accounts for it."""


class CascadeNetwork(Network):
    """Two networks in sequence."""

    def __init__(self, first: Network, second: Network) -> None:
        super().__init__()
        self.first, self.second = first, second
        one, two = first.spec, second.spec
        scale = one.scale * two.scale
        radius = one.receptive_field_radius + two.receptive_field_radius / one.scale
        tile = LARGEST + 2 * (two.receptive_field_radius if two.finite else 0)
        self.spec = NetworkSpec(
            scale,
            math.ceil(radius) if math.isfinite(radius) else radius,
            bytes_per_pixel=one.bytes_per_pixel + 4 * (one.scale**2 + 2 * scale**2),
            size_multiple=math.lcm(one.size_multiple, two.size_multiple),
            minimum_size=max(one.minimum_size, two.minimum_size),
            maps=one.maps,
            bytes_beside=int(tile**2 * two.bytes_per_pixel),
        )

    def forward(self, low: Tensor) -> Tensor:
        """The images enlarged twice."""
        enlarged: Tensor = self.second(self.first(low))
        return enlarged


@dataclass(frozen=True, kw_only=True)
class Cascade(Model):
    """Model composed of two others."""

    stages: tuple[Model, Model]


def cascade(first: Model, second: Model) -> Cascade:
    """Two models of one modality as one; raises `UsageError` unless both have the same alignment of low and high grids."""
    if degradation.centred(first.degradation, first.spec.scale) != degradation.centred(second.degradation, second.spec.scale):
        named = " and ".join(f"{model.name} ({model.degradation})" for model in (first, second))
        raise UsageError(
            f"Expected models with the same alignment of grids, found {named}. Choose a `scale` of at most {first.spec.scale}."
        )
    return Cascade(
        name=f"{first.name}+{second.name}",
        network=CascadeNetwork(first.network, second.network).eval(),
        modality=first.modality,
        degradation=first.degradation,
        sha256=f"{first.sha256}+{second.sha256}",
        strict=first.strict or second.strict,
        stages=(first, second),
    )


def run_both(model: Cascade, first: Run, second: Run) -> Run:
    """Engines of both stages as one; the second has its own tiles, because its input is larger than its fastest size."""
    spec = model.stages[1].spec

    def run(low: np.ndarray) -> np.ndarray:
        middle = first(low)
        return np.concatenate(list(strips(second, middle, plan_tiles(middle.shape, spec, UNLIMITED), spec)))

    return run
