"""Losses as `torch.nn.Module`s, one for each row of `LOSSES` and of `GAN_LOSSES`, derived from the functions and their settings."""

import inspect
from collections.abc import Callable
from typing import Any, ClassVar

from torch import Tensor, nn

from radloupe.core.errors import UsageError
from radloupe.core.tables import suggest
from radloupe.losses.adversarial import GANLoss
from radloupe.losses.loss import Loss
from radloupe.losses.loss_table import GAN_LOSSES, LOSSES

INPUTS = {"images": 2, "image": 1, "features": 2, "maps": 2}
"""Arguments of a loss function that are inputs of `forward`, by the value of `Loss.takes`; the others are settings."""


class LossModule(nn.Module):
    """A loss function with its settings: `module(*inputs)` is the function of the inputs and the settings.

    Raises `UsageError` for an unknown or a missing setting.
    """

    function: ClassVar[Callable[..., Tensor]]
    parameters_of: ClassVar[inspect.Signature]
    """Signature of the settings."""

    def __init__(self, *settings: Any, **named: Any) -> None:
        super().__init__()
        try:
            self.settings = self.parameters_of.bind(*settings, **named).arguments
        except TypeError as error:
            unknown = [suggest(name, list(self.parameters_of.parameters)) for name in named if name not in self.parameters_of.parameters]
            text = f"Expected the settings {self.parameters_of} of {type(self).__name__}: {error}."
            raise UsageError(text + "".join(unknown[:1] if self.parameters_of.parameters else [])) from error
        for name, value in self.settings.items():
            if isinstance(value, nn.Module):
                self.add_module(name, value)  # so that `to` and `cuda` move it with the module

    def forward(self, *inputs: Any) -> Tensor:
        """The loss as a scalar, of the inputs that the function's documentation lists."""
        return type(self).function(*inputs, **self.settings)

    def extra_repr(self) -> str:
        """The settings that were given."""
        return ", ".join(f"{name}={value!r}" for name, value in self.settings.items() if not isinstance(value, nn.Module))


class GANLossModule(nn.Module):
    """A GAN loss: `module(fake, real)` is the generator's side, `module.discriminator(fake, real)` the discriminator's.

    Both take the discriminator's scores of fake and of real images, and return a scalar.
    """

    sides: ClassVar[GANLoss]

    def forward(self, fake: Tensor, real: Tensor) -> Tensor:
        """The generator's loss."""
        loss: Tensor = self.sides.generator(fake, real)
        return loss

    def discriminator(self, fake: Tensor, real: Tensor) -> Tensor:
        """The discriminator's loss (the critic's, of a Wasserstein GAN)."""
        loss: Tensor = self.sides.discriminator(fake, real)
        return loss


def loss_module(name: str, row: str) -> type[LossModule]:
    """The module class of a row of `LOSSES`, with the documentation of its function."""
    loss: Loss = LOSSES[row]
    settings = list(inspect.signature(loss.value).parameters.values())[INPUTS[loss.takes] :]
    signature = inspect.Signature(settings)
    own = {"function": staticmethod(loss.value), "parameters_of": signature, "__doc__": loss.value.__doc__, "__module__": __name__}
    return type(name, (LossModule,), own | {"__signature__": signature})


def gan_loss_module(name: str, row: str) -> type[GANLossModule]:
    """The module class of a row of `GAN_LOSSES`."""
    sides: GANLoss = GAN_LOSSES[row]
    text = f"GAN loss with {sides.scores} as scores.\n\ngenerator: {sides.generator.__doc__}\ndiscriminator: {sides.discriminator.__doc__}"
    return type(name, (GANLossModule,), {"sides": sides, "__doc__": text, "__module__": __name__})


L1Loss = loss_module("L1Loss", "l1")
MSELoss = loss_module("MSELoss", "mse")
CharbonnierLoss = loss_module("CharbonnierLoss", "charbonnier")
FourierLoss = loss_module("FourierLoss", "frequency")
PerceptualLoss = loss_module("PerceptualLoss", "perceptual")
TextureLoss = loss_module("TextureLoss", "texture")
TotalVariationLoss = loss_module("TotalVariationLoss", "total-variation")
SSIMLoss = loss_module("SSIMLoss", "ssim")
SymmetryLoss = loss_module("SymmetryLoss", "symmetry")
EdgeLoss = loss_module("EdgeLoss", "edge")
CycleLoss = loss_module("CycleLoss", "cycle")
IdentityLoss = loss_module("IdentityLoss", "identity")

VanillaGANLoss = gan_loss_module("VanillaGANLoss", "vanilla")
LeastSquaresGANLoss = gan_loss_module("LeastSquaresGANLoss", "least-squares")
RelativisticGANLoss = gan_loss_module("RelativisticGANLoss", "relativistic")
WassersteinGANLoss = gan_loss_module("WassersteinGANLoss", "wasserstein")
XPGANLogLoss = gan_loss_module("XPGANLogLoss", "xpgan-log")
XPGANLinearLoss = gan_loss_module("XPGANLinearLoss", "xpgan-linear")
