"""Tiled inference on torch tensors, with the call signature of `monai.inferers.SlidingWindowInferer`."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from radloupe.core.errors import UsageError
from radloupe.inference.tile_plan import BLENDED, LARGEST, Piece, Plan, pieces, round_up
from radloupe.inference.tiles import scaled
from radloupe.networks.spec import NetworkSpec


@dataclass(frozen=True)
class TiledInferer:
    """Inferer that runs a super-resolution network tile by tile: `inferer(inputs, network, *args, **kwargs)`.

    A network with a finite receptive field gets tiles with a halo of its radius, and the result equals that on the whole image up to
    rounding of the convolutions. Other networks get tiles that overlap by half and are blended with a Hann window. Unlike
    `SlidingWindowInferer` with its fixed overlap, it needs no `roi_size` or `overlap` for networks of this package.

    Args:
        tile: Side of a tile in input pixels; by default one that suits the processor's caches.
        receptive_field_radius: Radius in input pixels; by default that of `network.spec`, and infinite for networks without a spec.

    >>> import torch
    >>> from radloupe.networks import create_network
    >>> network, low = create_network("nearest", 2), torch.rand(1, 1, 70, 90)
    >>> torch.equal(TiledInferer(tile=32)(low, network), network(low))
    True

    """

    tile: int | None = None
    receptive_field_radius: float | None = None

    def __call__(self, inputs: Tensor, network: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
        """The network's output for the whole images.

        Args:
            inputs: Images `b c y x`, on any device.
            network: A module or function from `b c y x` to `b c2 scale*y scale*x`.
            args: Further inputs of the network, passed with every tile.
            kwargs: The same by name.

        Returns:
            The output `b c2 scale*y scale*x`, on the device and in the type of the network's output.

        Raises:
            UsageError: For inputs of other than four axes, or a network whose output is no whole multiple of its input.

        """
        if inputs.ndim != 4:
            raise UsageError(f"Expected images b c y x, found {inputs.ndim} axes: {tuple(inputs.shape)}.")

        def run(region: Tensor) -> Tensor:
            return network(region, *args, **kwargs)

        spec = self.spec_of(inputs, network, run)
        plan = self.plan(spec)
        height, width = inputs.shape[-2:]
        down, across = pieces(0, height, plan, spec), pieces(0, width, plan, spec)
        output = None
        for row in down:
            for column in across:
                part = kept(fitted(run, inputs[..., row.start : row.stop, column.start : column.stop], spec), row, column, spec.scale)
                if output is None:
                    output = part.new_zeros(*part.shape[:2], height * spec.scale, width * spec.scale)
                weights = (output.new_tensor(one.weights) for one in (row, column))
                output[..., scaled(row.keep, spec.scale), scaled(column.keep, spec.scale)] += part * next(weights)[:, None] * next(weights)
        assert output is not None  # noqa: S101  an image has at least one tile
        return output

    def spec_of(self, inputs: Tensor, network: Callable[..., Tensor], run: Callable[[Tensor], Tensor]) -> NetworkSpec:
        """The network's spec; for a network without one, its scale is measured on the first tile."""
        spec = getattr(network, "spec", None)
        if not isinstance(spec, NetworkSpec):
            side = self.tile or BLENDED
            first = inputs[..., :side, :side]
            (height, width), large = first.shape[-2:], run(first).shape[-2:]
            if large[0] % height or large != (height * (large[0] // height), width * (large[0] // height)):
                raise UsageError(f"Expected an output of a whole multiple of {height}x{width} pixels, found {large[0]}x{large[1]}.")
            spec = NetworkSpec(large[0] // height, math.inf, bytes_per_pixel=0)
        radius = spec.receptive_field_radius if self.receptive_field_radius is None else self.receptive_field_radius
        return NetworkSpec(spec.scale, radius, spec.bytes_per_pixel, size_multiple=spec.size_multiple, minimum_size=spec.minimum_size)

    def plan(self, spec: NetworkSpec) -> Plan:
        """Tiles with a halo for a finite receptive field, and overlapping ones otherwise."""
        side = round_up(self.tile or (LARGEST if spec.finite else BLENDED), spec.size_multiple)
        halo = round_up(math.ceil(spec.receptive_field_radius), spec.size_multiple) if spec.finite else 0
        return Plan(side, halo, blend=not spec.finite)


def fitted(run: Callable[[Tensor], Tensor], region: Tensor, spec: NetworkSpec) -> Tensor:
    """The output for a region whose edge is replicated below and to the right until its size suits the network; the excess is cropped."""
    height, width = region.shape[-2:]
    below, right = (round_up(max(n, spec.minimum_size), spec.size_multiple) - n for n in (height, width))
    padded = F.pad(region, (0, right, 0, below), mode="replicate") if below or right else region
    return run(padded)[..., : height * spec.scale, : width * spec.scale]


def kept(tile: Tensor, row: Piece, column: Piece, scale: int) -> Tensor:
    """Part of a tile's output that is used."""
    return tile[..., scaled(row.keep, scale, row.start), scaled(column.keep, scale, column.start)]
