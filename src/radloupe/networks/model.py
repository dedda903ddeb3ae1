"""Trained model: a network with the facts of its manifest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from radloupe.imaging.modality import Modality
from radloupe.networks.int8 import Ranges
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec


@dataclass(frozen=True)
class Model:
    """Model: a network in evaluation mode, with the facts of its manifest that inference depends on."""

    name: str
    network: Network
    modality: Modality
    degradation: str
    """Preset of the degradation of its training images."""
    sha256: str = ""
    """SHA-256 of the weights' file; empty for a network that was never saved."""
    engine_loss_db: Mapping[str, float] = field(default_factory=dict)
    """PSNR in dB lost against eager float32 in the anatomy of the validation images, by engine and precision (`torch-bf16`)."""
    int8_ranges: Ranges = field(default_factory=dict)
    """Ranges of the inputs of its body's convolutions (`networks.int8`); empty for a model without an int8 form."""
    strict: bool = False
    """Whether images of another modality are refused; others are enlarged with a warning."""
    uncertainty: Mapping[str, Any] = field(default_factory=dict)
    """The calibration of its intervals (`inference.uncertainty.calibration`); empty for a model without."""
    pixel_range: tuple[float, float] | None = None
    """Hounsfield units of the network values 0 and 1 in training; None for those of `imaging.pixel_info`."""

    @property
    def spec(self) -> NetworkSpec:
        """Scale, receptive field and sizes of the network."""
        return self.network.spec
