"""Steps of a degradation, callable values with fixed parameters, and chains of steps."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Float, Real
from torch import Tensor

Pixels = TypeVar("Pixels", np.ndarray, Tensor)
Parameter = int | float | str | bool


@dataclass(frozen=True)
class Step:
    """One step of image formation: a callable whose fields are its parameters (numbers, strings, booleans).

    NumPy slices (..., y, x) of any numeric dtype give float64 slices: the reference implementation. Torch tensors (batch, 1, y, x)
    keep their device and dtype; steps without a torch implementation convert them to NumPy and back.
    """

    def __call__(self, pixels: Pixels) -> Pixels:
        """Applied to NumPy slices (..., y, x) or a torch batch (b, 1, y, x); the subclass decides the result's size."""
        return self._array(pixels) if isinstance(pixels, np.ndarray) else self._tensor(pixels)

    def _array(self, pixels: Real[np.ndarray, "... y x"]) -> Float[np.ndarray, "... y2 x2"]:
        """Applied to NumPy slices."""
        raise NotImplementedError

    def _tensor(self, pixels: Float[Tensor, "batch 1 y x"]) -> Float[Tensor, "batch 1 y2 x2"]:
        """Applied to a torch batch."""
        return torch.from_numpy(self._array(pixels.detach().cpu().numpy().astype(np.float64))).to(pixels)

    @property
    def centred(self) -> bool:
        """Whether a new pixel lies at the centre of the old pixels that it covers, rather than on the first of them."""
        return True

    @property
    def parameters(self) -> dict[str, Parameter]:
        """Parameters by name, JSON-serialisable."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={value}' for key, value in self.parameters.items())})"


Chain = Sequence[Step]


def run(chain: Chain, pixels: Pixels) -> Pixels:
    """Apply the steps one after the other."""
    for step in chain:
        pixels = step(pixels)
    return pixels


@dataclass(frozen=True)
class Compose(Step):
    """Steps applied one after the other.

    >>> from radloupe.degradation import GaussianBlur, KSpaceCrop
    >>> low = Compose((GaussianBlur(5, 5, sigma_y=1.0, sigma_x=1.0), KSpaceCrop(2)))(np.ones((8, 12)))
    >>> low.shape
    (4, 6)
    """

    steps: Chain

    def __call__(self, pixels: Pixels) -> Pixels:
        """Applied to NumPy slices (..., y, x) or a torch batch (b, 1, y, x)."""
        return run(self.steps, pixels)

    @property
    def centred(self) -> bool:
        """Whether every step is centred."""
        return all(step.centred for step in self.steps)


def nth(chain: Chain, index: int) -> Chain:
    """Chain for slice `index` of a volume: the same parameters with another noise seed."""
    return [replace(step, **{key: value + index for key, value in vars(step).items() if key == "seed"}) for step in chain]


def whole(pixels: Pixels) -> Pixels:
    """Rounded to whole grey levels, halves up.

    An offset of 1e-4 rounds halves alike in float32 and float64; means of 8-bit pixels over 40 x 40 are 6e-4 apart, so no other value is
    affected.
    """
    return (np.floor if isinstance(pixels, np.ndarray) else torch.floor)(pixels + (0.5 + 1e-4))
