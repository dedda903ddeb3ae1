"""Loss functions and GAN losses, computed in float32 whatever precision the network runs in.

Each is a function in `radloupe.losses.functional` and a module here; recipes name them by their rows of `LOSSES` and `GAN_LOSSES`.

>>> import torch
>>> from radloupe.losses import FourierLoss, SSIMLoss
>>> image = torch.ones(1, 1, 16, 16)
>>> FourierLoss(norm="ortho")(image, image).item(), round(SSIMLoss(window="valid")(image, image).item(), 4)
(0.0, 0.0)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from radloupe.losses.loss_table import GAN_LOSSES, LOSSES

if TYPE_CHECKING:
    from radloupe.losses import functional
    from radloupe.losses.modules import (
        CharbonnierLoss,
        CycleLoss,
        EdgeLoss,
        FourierLoss,
        IdentityLoss,
        L1Loss,
        LeastSquaresGANLoss,
        MSELoss,
        PerceptualLoss,
        RelativisticGANLoss,
        SSIMLoss,
        SymmetryLoss,
        TextureLoss,
        TotalVariationLoss,
        VanillaGANLoss,
        WassersteinGANLoss,
        XPGANLinearLoss,
        XPGANLogLoss,
    )

__all__ = [
    "GAN_LOSSES",
    "LOSSES",
    "CharbonnierLoss",
    "CycleLoss",
    "EdgeLoss",
    "FourierLoss",
    "IdentityLoss",
    "L1Loss",
    "LeastSquaresGANLoss",
    "MSELoss",
    "PerceptualLoss",
    "RelativisticGANLoss",
    "SSIMLoss",
    "SymmetryLoss",
    "TextureLoss",
    "TotalVariationLoss",
    "VanillaGANLoss",
    "WassersteinGANLoss",
    "XPGANLinearLoss",
    "XPGANLogLoss",
    "functional",
]


def __getattr__(name: str) -> Any:
    """A public name, imported when first used: recipes are listed without torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.functional") if name == "functional" else getattr(import_module(f"{__name__}.modules"), name)


def __dir__() -> list[str]:
    return __all__
