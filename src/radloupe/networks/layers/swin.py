"""Swin transformer blocks on images, as SwinIR (Liang et al., ICCVW 2021) and the transform-domain MRI network use them.

Tokens are pixels: `batch y x channel`, both sides multiples of the window.
"""

from collections.abc import Sequence
from itertools import islice

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from radloupe.networks.layers.blocks import conv

MASKED = -100.0  # added to the attention score of two pixels that the cyclic shift made neighbours, as in the released code


def mirrored(image: Float[Tensor, "b c y x"], side: int) -> Float[Tensor, "b c sy sx"]:
    """Image padded at the right and bottom by reflection until both sides are multiples of `side`."""
    for axis in (2, 3):
        n = image.shape[axis]
        if n % side:
            index = torch.arange(-(-n // side) * side, device=image.device) % max(2 * n - 2, 1)
            image = image.index_select(axis, torch.minimum(index, 2 * n - 2 - index))
    return image


def to_windows(tokens: Float[Tensor, "b y x c"], side: int) -> Float[Tensor, "n t c"]:
    """Window partition: squares of `side` x `side` tokens, row by row."""
    batch, y, x, width = tokens.shape
    squares = tokens.reshape(batch, y // side, side, x // side, side, width)
    return squares.transpose(2, 3).reshape(-1, side * side, width)


def from_windows(windows: Float[Tensor, "n t c"], shape: Sequence[int], side: int) -> Float[Tensor, "b y x c"]:
    """Inverse of `to_windows`: tokens of `shape` (batch, y, x, channel)."""
    batch, y, x, width = shape
    squares = windows.reshape(batch, y // side, x // side, side, side, width)
    return squares.transpose(2, 3).reshape(batch, y, x, width)


def pairs(side: int) -> Int[Tensor, "t t"]:
    """Relative position index: the row of the bias table for each pair of tokens of a window."""
    index = torch.arange(side)
    apart = index[:, None] - index + side - 1
    return (apart[:, None, :, None] * (2 * side - 1) + apart[None, :, None, :]).reshape(side * side, side * side)


def shift_mask(like: Float[Tensor, "b y x c"], side: int) -> Float[Tensor, "windows 1 t t"]:
    """Attention mask of tokens shifted cyclically by half a window: tokens from opposite borders do not attend to each other."""

    def part(n: int) -> Tensor:
        index = torch.arange(n, device=like.device)
        return (index >= n - side).to(like.dtype) + (index >= n - side // 2)

    y, x = like.shape[1:3]
    parts = to_windows((3 * part(y)[:, None] + part(x))[None, ..., None], side)
    return ((parts != parts.transpose(1, 2)) * MASKED).to(like.dtype)[:, None]


def plain_attention(q: Tensor, k: Tensor, v: Tensor, bias: Tensor) -> Tensor:
    """Reference form of the attention below, with all scores in memory."""
    return torch.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5 + bias, -1) @ v


class WindowAttention(nn.Module):
    """Window attention: multi-head self-attention within each window, with a learned relative position bias."""

    pairs: Tensor

    def __init__(self, width: int, heads: int, side: int) -> None:
        super().__init__()
        self.heads = heads
        self.bias = nn.Parameter(nn.init.trunc_normal_(torch.empty((2 * side - 1) ** 2, heads), std=0.02))
        self.register_buffer("pairs", pairs(side), persistent=False)
        self.qkv, self.project = linear(width, 3 * width), linear(width, width)

    def forward(self, windows: Float[Tensor, "n t c"], mask: Float[Tensor, "m 1 t t"] | None = None) -> Float[Tensor, "n t c"]:
        """Attention output of the tokens; `mask` has a matrix for every window of an image."""
        q, k, v = self.qkv(windows).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        bias = self.bias[self.pairs].permute(2, 0, 1)[None]
        if mask is not None:
            bias = bias + mask.repeat(len(windows) // len(mask), 1, 1, 1)
        return self.project(F.scaled_dot_product_attention(q, k, v, bias).transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Swin transformer block: x + attention(norm(x)), then x + mlp(norm(x)); every second block uses windows shifted by half their side.

    `drop` is the rate of stochastic depth in training (Huang et al., ECCV 2016).
    """

    def __init__(self, width: int, heads: int, side: int, ratio: float, shifted: bool, drop: float = 0.0) -> None:
        super().__init__()
        self.side, self.shift, self.drop = side, side // 2 if shifted else 0, drop
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = WindowAttention(width, heads, side)
        self.mlp = nn.Sequential(linear(width, int(ratio * width)), nn.GELU(), linear(int(ratio * width), width))

    def forward(self, tokens: Float[Tensor, "b y x c"], mask: Float[Tensor, "m 1 t t"]) -> Float[Tensor, "b y x c"]:
        """The tokens after both steps; `mask` is `shift_mask` of them."""
        tokens = tokens + self.sometimes(self.attend(self.norm1(tokens), mask))
        return tokens + self.sometimes(self.mlp(self.norm2(tokens)))

    def attend(self, tokens: Float[Tensor, "b y x c"], mask: Float[Tensor, "m 1 t t"]) -> Float[Tensor, "b y x c"]:
        """Attention in windows, shifted or not."""
        if not self.shift:
            return from_windows(self.attention(to_windows(tokens, self.side)), tokens.shape, self.side)
        rolled = tokens.roll((-self.shift, -self.shift), (1, 2))
        mixed = from_windows(self.attention(to_windows(rolled, self.side), mask), tokens.shape, self.side)
        return mixed.roll((self.shift, self.shift), (1, 2))

    def sometimes(self, branch: Float[Tensor, "b y x c"]) -> Float[Tensor, "b y x c"]:
        """Stochastic depth: the branch, dropped for some images of a training batch and rescaled for the others."""
        return branch * F.dropout(branch.new_ones(len(branch), 1, 1, 1), self.drop) if self.training and self.drop else branch


class Group(nn.Module):
    """A residual Swin transformer block: blocks, a 3x3 convolution, and the input added."""

    def __init__(self, width: int, heads: int, side: int, ratio: float, drops: Sequence[float]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(width, heads, side, ratio, i % 2 == 1, drop) for i, drop in enumerate(drops))
        self.conv = conv(width, width)

    def forward(self, tokens: Float[Tensor, "b y x c"], mask: Float[Tensor, "m 1 t t"]) -> Float[Tensor, "b y x c"]:
        """The tokens after the group."""
        deep = tokens
        for block in self.blocks:
            deep = block(deep, mask)
        return tokens + self.conv(deep.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


class Body(nn.Module):
    """features + conv(norm(groups(norm(features)))): SwinIR's deep features. `depths` holds the number of blocks of each group."""

    def __init__(self, width: int, depths: Sequence[int], heads: int, side: int = 8, ratio: float = 2.0, drop: float = 0.1) -> None:
        super().__init__()
        self.side = side
        self.alive = 12 * width + 3 * heads * side**2 // 2  # values per pixel: tokens, queries, keys, values; biases of shifted windows
        drops = iter(drop * i / max(sum(depths) - 1, 1) for i in range(sum(depths)))  # deeper blocks are dropped more often
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.groups = nn.ModuleList(Group(width, heads, side, ratio, list(islice(drops, depth))) for depth in depths)
        self.conv = conv(width, width)

    def forward(self, features: Float[Tensor, "b c y x"]) -> Float[Tensor, "b c y x"]:
        """Deep features of an image whose sides are multiples of the window."""
        tokens = self.before(features.permute(0, 2, 3, 1))
        mask = shift_mask(tokens, self.side)
        for group in self.groups:
            tokens = group(tokens, mask)
        return features + self.conv(self.after(tokens).permute(0, 3, 1, 2))


def linear(channels_in: int, channels_out: int) -> nn.Linear:
    """Linear layer with the initialisation of the Swin transformer."""
    layer = nn.Linear(channels_in, channels_out)
    nn.init.trunc_normal_(layer.weight, std=0.02)
    nn.init.zeros_(layer.bias)
    return layer
