"""Tables of losses and of GAN losses."""

from radloupe.core.tables import Table

LOSSES = Table(
    "loss",
    {
        "l1": "radloupe.losses.pixel:L1",
        "mse": "radloupe.losses.pixel:MSE",
        "charbonnier": "radloupe.losses.pixel:CHARBONNIER",
        "frequency": "radloupe.losses.frequency:FREQUENCY",
        "perceptual": "radloupe.losses.perceptual:PERCEPTUAL",
        "texture": "radloupe.losses.texture:TEXTURE",
        "total-variation": "radloupe.losses.variation:TOTAL_VARIATION",
        "ssim": "radloupe.losses.structure:SSIM",
        "symmetry": "radloupe.losses.symmetry:SYMMETRY",
        "edge": "radloupe.losses.edge:EDGE",
        "cycle": "radloupe.losses.cycle:CYCLE",
        "identity": "radloupe.losses.cycle:IDENTITY",
    },
)
"""Losses by name; rows are `loss.Loss`."""

GAN_LOSSES = Table(
    "adversarial loss",
    {
        "vanilla": "radloupe.losses.adversarial:VANILLA",
        "least-squares": "radloupe.losses.adversarial:LEAST_SQUARES",
        "relativistic": "radloupe.losses.adversarial:RELATIVISTIC",
        "wasserstein": "radloupe.losses.adversarial:WASSERSTEIN",
        "xpgan-log": "radloupe.losses.adversarial:XPGAN_LOG",
        "xpgan-linear": "radloupe.losses.adversarial:XPGAN_LINEAR",
    },
)
"""GAN losses by name; rows are `adversarial.GANLoss`."""
