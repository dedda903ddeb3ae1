"""What the rest of Radloupe needs to know of a network to run it: the contract suite measures it."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class NetworkSpec:
    """Sizes are in low-resolution pixels; images are `batch channel y x` (`batch channel z y x` in three dimensions)."""

    scale: int
    receptive_field_radius: float
    """Radius of the receptive field: an output pixel depends on low pixels at most this far away; `math.inf` for global operations."""
    bytes_per_pixel: int
    """Activations alive at the peak, per low pixel, in fp32."""
    channels: int = 1
    dimensions: int = 2
    size_multiple: int = 1
    minimum_size: int = 1
    needs: tuple[str, ...] = ()
    """Inputs beside the image: `reference`, `kernel`, `noise`; passed to `forward` in this order."""
    input_range: tuple[float, float] = (0.0, 1.0)
    """What the network range 0..1 becomes before it enters, and returns from after it leaves: (0, 255) or (-1, 1) for some."""
    bytes_beside: int = 0
    """Activations of a given reference, whatever the size of the image."""

    @property
    def finite(self) -> bool:
        """True when the receptive field is bounded: tiles with a halo of its radius give the whole image's result."""
        return math.isfinite(self.receptive_field_radius)
