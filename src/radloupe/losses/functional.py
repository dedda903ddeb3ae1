"""Loss functions under the names of `torch.nn.functional`: they take batches (batch channel y x) and return a float32 scalar.

>>> import torch
>>> from radloupe.losses import functional as F
>>> F.total_variation(torch.ones(1, 1, 4, 4)).item()
0.0
"""

from radloupe.losses.adversarial import gradient_penalty
from radloupe.losses.cycle import cycle as cycle_loss
from radloupe.losses.cycle import identity as identity_loss
from radloupe.losses.edge import edge as edge_loss
from radloupe.losses.frequency import frequency as fourier_loss
from radloupe.losses.perceptual import perceptual as perceptual_loss
from radloupe.losses.pixel import charbonnier as charbonnier_loss
from radloupe.losses.pixel import l1 as l1_loss
from radloupe.losses.pixel import mse as mse_loss
from radloupe.losses.structure import ssim as ssim_loss
from radloupe.losses.symmetry import symmetry as symmetry_loss
from radloupe.losses.texture import texture as texture_loss
from radloupe.losses.variation import total_variation

__all__ = [
    "charbonnier_loss",
    "cycle_loss",
    "edge_loss",
    "fourier_loss",
    "gradient_penalty",
    "identity_loss",
    "l1_loss",
    "mse_loss",
    "perceptual_loss",
    "ssim_loss",
    "symmetry_loss",
    "texture_loss",
    "total_variation",
]
