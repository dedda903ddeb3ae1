"""Loss functions and GAN losses, computed in float32 whatever precision the network runs in.

Each is a function in `radloupe.losses.functional` and a module here; recipes name them by their rows of `LOSSES` and `GAN_LOSSES`.

>>> import torch
>>> from radloupe.losses import FourierLoss, SSIMLoss
>>> image = torch.ones(1, 1, 16, 16)
>>> FourierLoss(norm="ortho")(image, image).item(), round(SSIMLoss(window="valid")(image, image).item(), 4)
(0.0, 0.0)
"""

from typing import TYPE_CHECKING, Any

from radloupe.core.lazy import lazy_attribute
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

PUBLIC = {name: "radloupe.losses.modules" for name in __all__ if name.endswith("Loss")} | {"functional": "radloupe.losses.functional"}
"""Public names and their modules; each is imported when first used, since recipes are listed without torch."""


def __getattr__(name: str) -> Any:
    return lazy_attribute(__name__, PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(__all__)
