"""A trained network with what its users must know of it."""

from dataclasses import dataclass

from torch import nn

from radloupe.intensity import Modality
from radloupe.nets.spec import Spec


@dataclass(frozen=True)
class Model:
    """A network in evaluation mode, and the facts of its manifest that running it depends on."""

    name: str
    network: nn.Module
    modality: Modality
    degradation: str
    """The preset of `degrade` that made its training images."""
    sha256: str = ""
    """Of the weights' file; empty for a network that was never saved."""
    bf16_loss_db: float | None = None
    """PSNR lost with a bfloat16 body on the validation images; None where it was not measured."""
    strict: bool = False
    """Whether images of another modality are refused; others are enlarged with a warning."""

    @property
    def spec(self) -> Spec:
        """Scale, reach and sizes of the network."""
        spec: Spec = self.network.spec  # type: ignore[assignment]
        return spec
