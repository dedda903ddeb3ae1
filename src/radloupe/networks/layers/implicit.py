"""Implicit image functions: a value at any coordinate from the four nearest latent codes (local ensemble of LIIF and LTE).

Coordinates are (y, x) with -1 and 1 at the image's outer edges; offsets and cells are counted in half pixels of the low image, so that
one low pixel is 2 wide. A code's weight is the area of the rectangle between the position and the opposite code.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

CHUNK = 1024  # positions decoded at once: a few megabytes, which fit a core's cache
EDGE = 1e-6  # offset towards the later of two equally near codes, in coordinates, as in the released code
TINY = 1e-9  # keeps weights finite at a border's codes; added to each side, because the released sum makes weights there depend on rounding


class Encoder(nn.Module):
    """Base class of encoders: images `batch channel y x` to features `batch width y x`."""

    width: int
    receptive_field_radius: float
    alive: int
    """Peak number of values alive per pixel."""


class Head(nn.Module):
    """Base class of local implicit decoders: `codes` runs once per low pixel, `hidden` and `last` per position and neighbour.

    `last` is linear, so that it acts once on the neighbours' weighted mean. `plain_codes` and `plain_values` are the published form.
    """

    last: nn.Linear
    alive: int
    """Peak number of values alive per low pixel, besides the result."""

    def codes(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b y x k"]:
        """Latent code of each low pixel."""
        raise NotImplementedError

    def hidden(
        self, codes: Float[Tensor, "*positions k"], offset: Float[Tensor, "*offsets 2"], cell: Float[Tensor, "*cells 2"]
    ) -> Float[Tensor, "*positions w"]:
        """Activations of the last hidden layer for codes and the `offset` of positions from them."""
        raise NotImplementedError

    def plain_codes(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b k y x"]:
        """Codes that the published form samples."""
        raise NotImplementedError

    def plain_values(
        self, codes: Float[Tensor, "*positions k"], offset: Float[Tensor, "*positions 2"], cell: Float[Tensor, "*positions 2"]
    ) -> Float[Tensor, "*positions v"]:
        """The published decoder."""
        raise NotImplementedError


def mlp(*widths: int) -> nn.Sequential:
    """Linear layers, each followed by ReLU."""
    return nn.Sequential(*(layer for pair in pairwise(widths) for layer in (nn.Linear(*pair), nn.ReLU(inplace=True))))


def centres(sides: Sequence[int], like: Tensor) -> Float[Tensor, "positions axes"]:
    """Centre coordinates of an image's pixels or a volume's voxels, in memory order."""
    along = [((torch.arange(n, device=like.device) * 2 + 1) / n - 1).to(like.dtype) for n in sides]
    return torch.cartesian_prod(*along)


def query(
    head: Head, codes: Float[Tensor, "b y x k"], positions: Float[Tensor, "b q 2"], cell: Float[Tensor, "b q 2"]
) -> Float[Tensor, "b q v"]:
    """Values at any positions, in chunks of bounded memory. `cell` is the size of an output pixel, in coordinates."""
    size = torch.tensor(codes.shape[1:3], device=codes.device)
    parts = zip(torch.split(positions, CHUNK, 1), torch.split(cell * size, CHUNK, 1), strict=True)
    return torch.cat([head.last(ensemble(head, codes, (position + 1) * size / 2 - 0.5, area)) for position, area in parts], 1)


def ensemble(
    head: Head, codes: Float[Tensor, "b y x k"], position: Float[Tensor, "b q 2"], cell: Float[Tensor, "b q 2"]
) -> Float[Tensor, "b q w"]:
    """Local ensemble: weighted mean of the hidden features of the four codes around each position, in low pixels."""
    size = torch.tensor(codes.shape[1:3], device=codes.device)
    first = torch.floor(position + EDGE * size / 2)
    index = [torch.minimum((first + step).clamp(min=0), size - 1) for step in (0, 1)]
    offset = [2 * (position - near) for near in index]
    share = (offset[0].abs() + TINY) / (offset[0].abs() + offset[1].abs() + 2 * TINY)
    weight = [1 - share, share]
    batch = torch.arange(len(codes), device=codes.device)[:, None]
    total = codes.new_zeros(())
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        seen = codes[batch, index[i][..., 0].long(), index[j][..., 1].long()]
        away = torch.stack([offset[i][..., 0], offset[j][..., 1]], -1)
        total = total + head.hidden(seen, away, cell) * (weight[i][..., :1] * weight[j][..., 1:])
    return total


def enlarge(head: Head, codes: Float[Tensor, "b y x k"], scale: int, cell: float) -> Float[Tensor, "b v sy sx"]:
    """The result of `query` at the pixels of an image `scale` times larger, without sampling codes by position.

    A low pixel holds scale * scale phases of positions, and each phase has the same offsets from its neighbours everywhere: codes are
    slices, and the offsets are constants. Computed in strips of bounded memory.
    """
    y, x = codes.shape[1:3]
    down, along = ([neighbours(scale, phase, line) for phase in range(scale)] for line in (codes[0, :, 0, 0], codes[0, 0, :, 0]))
    size, strips = codes.new_tensor([cell, cell]), []
    rows = y if torch.compiler.is_exporting() else max(1, CHUNK // x)  # an exported graph has no loop
    for start in [0] if torch.compiler.is_exporting() else range(0, y, rows):
        stop = min(start + rows, y)
        strip = F.pad(codes[:, max(start - 1, 0) : stop + 1], (0, 0, 1, 1, int(start == 0), int(stop == y)))
        kinds = [[(i, far, weight[start:stop]) for i, far, weight in phase] for phase in down]
        strips.append(torch.stack([head.last(blend(head, strip, rows_, columns, size)) for rows_ in kinds for columns in along], -1))
    return F.pixel_shuffle(torch.cat(strips, 1).permute(0, 3, 4, 1, 2).flatten(1, 2), scale)


Neighbours = list[tuple[int, float, Tensor]]
"""Step to a code along an axis, offset of the position from it, and its weight in each low pixel."""


def neighbours(scale: int, phase: int, line: Float[Tensor, " n"]) -> Neighbours:
    """Neighbouring codes along a line of pixels for one of `scale` phases; at the border the nearer has all the weight."""
    position = (phase + 0.5) / scale - 0.5
    if position == 0:
        return [(0, 0.0, torch.ones_like(line))]
    step = -1 if position < 0 else 1
    weight = torch.full_like(line, abs(position))
    weight[0 if step < 0 else -1] = 0
    return [(0, 2 * position, 1 - weight), (step, 2 * (position - step), weight)]


def blend(
    head: Head, strip: Float[Tensor, "b y2 x2 k"], down: Neighbours, along: Neighbours, cell: Float[Tensor, "2"]
) -> Float[Tensor, "b y x w"]:
    """Weighted mean of the neighbours for one phase; the strip has one more code on each side."""
    y, x = strip.shape[1] - 2, strip.shape[2] - 2
    total = strip.new_zeros(())
    for i, far_y, weight_y in down:
        for j, far_x, weight_x in along:
            seen = strip[:, 1 + i : 1 + i + y, 1 + j : 1 + j + x]
            hidden = head.hidden(seen, strip.new_tensor([far_y, far_x]), cell)
            total = torch.addcmul(total, hidden, (weight_y[:, None] * weight_x)[..., None])
    return total


def plain_query(
    head: Head, features: Float[Tensor, "b c y x"], positions: Float[Tensor, "b q 2"], cell: Float[Tensor, "b q 2"]
) -> Float[Tensor, "b q v"]:
    """Published form, the reference for `query` and `enlarge`: all positions at once, each code sampled by `grid_sample`."""
    y, x = features.shape[2:]
    size = torch.tensor([y, x], device=features.device)
    codes = head.plain_codes(features)
    middles = centres((y, x), features).T.reshape(1, 2, y, x).expand(len(features), -1, -1, -1)
    values, areas = [], []
    for corner in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        near = (positions + torch.tensor(corner, device=positions.device) / size + EDGE).clamp(-1 + EDGE, 1 - EDGE).flip(-1)[:, None]
        code, centre = (F.grid_sample(image, near, mode="nearest", align_corners=False)[:, :, 0].mT for image in (codes, middles))
        offset = (positions - centre) * size
        values.append(head.plain_values(code, offset, cell * size))
        areas.append((offset.abs() + TINY).prod(-1, keepdim=True))
    weights = torch.stack(areas[::-1])
    return (torch.stack(values) * weights).sum(0) / weights.sum(0)
