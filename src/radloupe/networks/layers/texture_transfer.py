"""Bring the textures that a search found to where they belong (Yang et al., CVPR 2020, section 3.1, hard attention)."""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F


def plain_transfer(reference: Float[Tensor, "b c v u"], index: Int[Tensor, "b y x"], factor: int = 1) -> Float[Tensor, "b c h w"]:
    """The definition: cut the reference into overlapping patches of three positions a side, lay out the found ones, take the mean.

    A position is a block of `factor` x `factor` pixels of the reference.
    """
    patches = F.unfold(reference, 3 * factor, padding=factor, stride=factor)
    found = patches.gather(2, index.flatten(1)[:, None].expand(-1, patches.shape[1], -1))
    size = (index.shape[1] * factor, index.shape[2] * factor)
    return F.fold(found, size, 3 * factor, padding=factor, stride=factor) / 9


def transfer(reference: Float[Tensor, "b c v u"], index: Int[Tensor, "b y x"], factor: int = 1) -> Float[Tensor, "b c h w"]:
    """The same without patches: each position is the mean of the nine blocks that its neighbours' matches put there."""
    table = F.pixel_unshuffle(reference, factor)
    across = table.shape[3] + 2
    corner = (index // table.shape[3]) * across + index % table.shape[3]
    table = F.pad(table, (1, 1, 1, 1)).flatten(2).mT
    nine = contributors(corner, across) + table.shape[1] * torch.arange(len(table), device=index.device)[:, None, None]
    means = F.embedding_bag(nine.flatten(0, 1), table.flatten(0, 1), mode="mean")
    return F.pixel_shuffle(means.view(*index.shape, -1).permute(0, 3, 1, 2), factor)


def contributors(corner: Int[Tensor, "b y x"], across: int) -> Int[Tensor, "b positions 9"]:
    """For each position, which blocks of a padded reference with `across` columns its nine neighbours' patches put on it.

    `corner` is the first block of each match's patch; block 0 is a zero, and stands for the neighbours that lie beyond the border.
    """
    height, width = corner.shape[1:]
    shifts = [(y, x) for y in range(3) for x in range(3)]
    moved = (F.pad(corner + y * across + x, (1, 1, 1, 1))[:, 2 - y : 2 - y + height, 2 - x : 2 - x + width] for y, x in shifts)
    return torch.stack([positions.flatten(1) for positions in moved], 2)
