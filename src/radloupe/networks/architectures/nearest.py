"""Nearest-neighbour enlargement by a whole factor, for label maps."""

from jaxtyping import Float
from torch import Tensor

from radloupe.networks.architecture import Architecture
from radloupe.networks.check import check_input
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec


class Nearest(Network):
    """Nearest-neighbour enlargement as a network: `batch channels y x` to `batch channels scale*y scale*x`."""

    def __init__(self, scale: int, channels: int = 1) -> None:
        super().__init__()
        self.spec = NetworkSpec(scale, receptive_field_radius=0, bytes_per_pixel=4 * channels * (scale**2 + scale + 1), channels=channels)

    def forward(self, low: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c sy sx"]:
        """The enlarged images, in the unit of the input. Raises `InputError` for other channels."""
        check_input(self.spec, low)
        return low.repeat_interleave(self.spec.scale, 2).repeat_interleave(self.spec.scale, 3)


ROW = Architecture(Nearest, (4, 2, 3, 8), "The definition", note="Nothing to train; any whole scale. For label maps.")
