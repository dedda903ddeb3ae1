"""Specification of a network for inference. The contract tests measure it."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class NetworkSpec:
    """Specification of a network. Sizes are in low-resolution pixels; images are `batch channel y x` (`batch channel z y x` in 3D)."""

    scale: int
    receptive_field_radius: float
    """Radius of the receptive field: an output pixel depends on low pixels at most this far away; `math.inf` for global operations."""
    bytes_per_pixel: int
    """Peak memory of activations in bytes per low pixel, in float32."""
    channels: int = 1
    dimensions: int = 2
    size_multiple: int = 1
    minimum_size: int = 1
    needs: tuple[str, ...] = ()
    """Inputs beside the image: `reference`, `kernel`, `noise`; passed to `forward` in this order."""
    maps: tuple[str, ...] = ()
    """Optional maps that follow the image as further channels: `noise`, `blur`. Missing maps are zero."""
    input_range: tuple[float, float] = (0.0, 1.0)
    """Range of input and output values that corresponds to 0..1: (0, 255) or (-1, 1) for some."""
    bytes_beside: int = 0
    """Memory of activations of a given reference in bytes, whatever the size of the image."""

    @property
    def input_channels(self) -> int:
        """Channels of an input with all its maps."""
        return self.channels + len(self.maps)

    @property
    def finite(self) -> bool:
        """True when the receptive field is bounded: tiles with a halo of its radius give the whole image's result."""
        return math.isfinite(self.receptive_field_radius)
