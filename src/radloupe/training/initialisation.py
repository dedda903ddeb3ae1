"""Weight initialisations of the papers, layer by layer; their names are values of `NetworkConfig.initialisation`."""

from collections.abc import Callable, Mapping

from torch import nn

from radloupe.networks.architectures.cyclegan import start as normal
from radloupe.networks.layers.blocks import KEEPS_INITIALISATION

Initialisation = Callable[[nn.Module], None]
CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)


def orthogonal(module: nn.Module) -> None:
    """Orthogonal with gain 0.2, biases 0; random normalisation weights from 0.1 to 1 (KAIR, and AID-SRGAN's released options)."""
    if isinstance(module, CONVOLUTIONS):
        nn.init.orthogonal_(module.weight, 0.2)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.uniform_(module.weight, 0.1, 1.0)
    without_bias(module)


def kaiming(module: nn.Module) -> None:
    """Kaiming normal scaled by 0.1, biases 0 (ESRGAN's and SPSR's generators)."""
    if isinstance(module, CONVOLUTIONS):
        nn.init.kaiming_normal_(module.weight)
        module.weight.data *= 0.1
    without_bias(module)


def without_bias(module: nn.Module) -> None:
    """Biases of 0."""
    if isinstance(module, CONVOLUTIONS) and module.bias is not None:
        nn.init.zeros_(module.bias)


def initialise(network: nn.Module, layer: Initialisation) -> None:
    """Initialise all layers but those that set their own weights."""
    for module in network.modules():
        if not hasattr(module, KEEPS_INITIALISATION):
            layer(module)


INITIALISATIONS: Mapping[str, Initialisation] = {"orthogonal": orthogonal, "kaiming": kaiming, "normal": normal}
