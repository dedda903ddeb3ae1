"""Joseph's sums along rays as a PyTorch autograd function: forward projection and backprojection in bounded memory."""

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

SAMPLES = {"cpu": 2**17, "cuda": 2**24}
"""Samples that are computed at once; each takes about 80 bytes temporarily."""


@dataclass(frozen=True)
class RayAxes:
    """The axes of rays, steepest first: sizes and strides in the volume padded by a voxel, and the range of slices that a ray crosses."""

    size: Int[Tensor, "n 3"]
    stride: Int[Tensor, "n 3"]
    after: Float[Tensor, " n"]
    before: Float[Tensor, " n"]

    def part(self, rays: slice) -> "RayAxes":
        """The axes of a part of the rays."""
        return RayAxes(self.size[rays], self.stride[rays], self.after[rays], self.before[rays])


@dataclass(frozen=True)
class Samples:
    """Bilinear samples where rays cross slices: nearest corner in the padded volume, weights of the far corners, and which count."""

    corner: Int[Tensor, "n slices"]
    weights: tuple[Float[Tensor, "n slices"], Float[Tensor, "n slices"]]
    inner: tuple[Bool[Tensor, "n slices"], Bool[Tensor, "n slices"]]
    reached: Bool[Tensor, "n slices"]
    strides: tuple[Int[Tensor, "n 1"], Int[Tensor, "n 1"]]

    def corners(self) -> tuple[Int[Tensor, "n slices"], ...]:
        """The four corners: near, far along the first axis, far along the second, far along both."""
        b, c = self.strides
        return self.corner, self.corner + b, self.corner + c, self.corner + b + c


def sample_rays(first: Float[Tensor, "n 2"], ratio: Float[Tensor, "n 2"], axes: RayAxes) -> Samples:
    """The samples of rays in all slices of their steepest axis."""
    number = torch.arange(int(axes.size.max()), device=first.device)
    reached = (number > axes.after[:, None]) & (number < axes.before[:, None])
    corner = (number + 1).minimum(axes.size[:, :1] + 1) * axes.stride[:, :1]
    weights, inner = [], []
    for axis in (0, 1):
        size = axes.size[:, axis + 1, None]
        where = first[:, axis, None] + ratio[:, axis, None] * number + 1
        inside = where.clamp(min=0).minimum((size + 1).to(where.dtype))
        low = inside.floor().minimum(size.to(where.dtype))
        corner = corner + low.long() * axes.stride[:, axis + 1, None]
        weights.append(inside - low)
        inner.append(inside == where)
    return Samples(corner, (weights[0], weights[1]), (inner[0], inner[1]), reached, (axes.stride[:, 1:2], axes.stride[:, 2:3]))


class JosephSums(torch.autograd.Function):
    """The sums along rays, forward and backward in chunks of rays."""

    @staticmethod
    def forward(ctx: Any, framed: Tensor, first: Tensor, ratio: Tensor, axes: RayAxes) -> Tensor:
        """Sums of the bilinear samples."""
        ctx.save_for_backward(framed, first, ratio)
        ctx.axes = axes
        total = torch.empty_like(first[:, 0])
        for rays in chunks(axes):
            at = sample_rays(first[rays], ratio[rays], axes.part(rays))
            near, b, c, both = (framed[corner] for corner in at.corners())
            low, high = torch.lerp(near, c, at.weights[1]), torch.lerp(b, both, at.weights[1])
            total[rays] = (torch.lerp(low, high, at.weights[0]) * at.reached).sum(dim=1)
        return total

    @staticmethod
    def backward(ctx: Any, *incoming: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients for the volume (the transposed sums) and for the rays' crossings with the slices."""
        framed, first, ratio = ctx.saved_tensors
        volume = torch.zeros_like(framed) if ctx.needs_input_grad[0] else None
        moved, turned = torch.zeros_like(first), torch.zeros_like(ratio)
        for rays in chunks(ctx.axes):
            at = sample_rays(first[rays], ratio[rays], ctx.axes.part(rays))
            share = incoming[0][rays, None] * at.reached
            if volume is not None:
                backproject(volume, at, share)
            if ctx.needs_input_grad[1]:
                moved[rays], turned[rays] = pose_gradients(framed, at, share)
        return volume, moved, turned, None


def backproject(volume: Float[Tensor, " voxels"], at: Samples, share: Float[Tensor, "n slices"]) -> None:
    """Backprojection: add each ray's share to the voxels that it sampled."""
    b, c = at.weights
    for corner, weight in zip(at.corners(), ((1 - b) * (1 - c), b * (1 - c), (1 - b) * c, b * c), strict=True):
        volume.index_add_(0, corner.flatten(), (share * weight).flatten())


def pose_gradients(framed: Float[Tensor, " voxels"], at: Samples, share: Float[Tensor, "n slices"]) -> tuple[Tensor, Tensor]:
    """Gradients for a ray's crossing of slice 0 and for its drift from slice to slice."""
    near, b, c, both = (framed[corner] for corner in at.corners())
    rises = torch.lerp(b - near, both - c, at.weights[1]), torch.lerp(c - near, both - b, at.weights[0])
    pulls = torch.stack([share * rise * inner for rise, inner in zip(rises, at.inner, strict=True)], dim=-1)
    number = torch.arange(pulls.shape[1], device=pulls.device, dtype=pulls.dtype)
    return pulls.sum(dim=1), (pulls * number[:, None]).sum(dim=1)


def chunks(axes: RayAxes) -> list[slice]:
    """Chunks of rays whose samples fit in memory."""
    size = max(1, SAMPLES.get(axes.size.device.type, SAMPLES["cpu"]) // int(axes.size.max()))
    return [slice(begin, begin + size) for begin in range(0, len(axes.size), size)]
