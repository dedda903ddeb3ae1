"""Synthetic related references: the true image after random rigid motion, elastic deformation, change of intensity, and noise.

A network trained with references of other patients alone learns to ignore every reference. TTSR is trained on pairs of graded similarity
(CUFED5's levels; Zhang et al., CVPR 2019, section 4.1); these references replace such pairs where no image has a similar one.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

TURN_DEGREES, ZOOM, SHIFT, BEND = 10.0, 0.1, 0.125, 0.02
"""Largest rotation, change of size, and displacements (of the whole, and of single parts) as shares of the side."""
CONTRAST, BRIGHTNESS, NOISE = 0.2, 0.05, 0.01
"""Largest change of contrast and of brightness, and standard deviation of the noise, as shares of the value range -1..1."""
KNOTS = 5
"""Control points of the elastic deformation along each side."""


def related_reference(image: Float[Tensor, "b c y x"], level: float = 1.0) -> Float[Tensor, "b c y x"]:
    """Synthetic related reference of each image, drawn by torch's global generator.

    Args:
        image: True high-resolution images in -1..1.
        level: Largest deviation, from 0 (the image itself) to 1; each image draws a deviation up to it.

    Returns:
        References of the same size, in -1..1.

    >>> image = torch.rand(1, 3, 16, 16)
    >>> bool(torch.allclose(related_reference(image, level=0.0), image, atol=1e-5))
    True

    """
    count = len(image)
    strength = level * torch.rand(count)
    angle, zoom = math.radians(TURN_DEGREES) * strength * signed(count), 1 + ZOOM * strength * signed(count)
    down, across = torch.cos(angle) / zoom, torch.sin(angle) / zoom
    shift = 2 * SHIFT * strength[:, None] * signed(count, 2)
    affine = torch.stack([down, -across, shift[:, 0], across, down, shift[:, 1]], 1).view(count, 2, 3)
    bent = F.interpolate(signed(count, 2, KNOTS, KNOTS), image.shape[2:], mode="bicubic", align_corners=True)
    grid = F.affine_grid(affine, list(image.shape), align_corners=False) + (2 * BEND * strength[:, None, None, None] * bent).movedim(1, 3)
    moved = F.grid_sample(image, grid.to(image), mode="bicubic", padding_mode="reflection", align_corners=False)
    strength = strength[:, None, None, None].to(image)
    one = (1, 1, 1)
    contrast, brightness = (signed(count, *one).to(image) for _ in range(2))
    noise = torch.randn(count, 1, *image.shape[2:]).to(image)
    values = moved * (1 + CONTRAST * strength * contrast) + 2 * strength * (BRIGHTNESS * brightness + NOISE * noise)
    return values.clamp(-1, 1)


def signed(*shape: int) -> Tensor:
    """Uniform numbers between -1 and 1."""
    return 2 * torch.rand(*shape) - 1
