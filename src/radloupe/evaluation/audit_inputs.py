"""What an audit compares a super-resolved image with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from radloupe import degradation
from radloupe.core.errors import InputError, UsageError
from radloupe.evaluation.audit_options import AuditOptions
from radloupe.evaluation.methods import interpolated
from radloupe.evaluation.scoring import ASSUMED, cropped, enlargement
from radloupe.imaging.image import Image

DEFAULTS = AuditOptions()


@dataclass(frozen=True)
class AuditInputs:
    """What a result is compared with, slice by slice of one shape; made by `audit_inputs`."""

    image: Image
    truth: Image | None = None
    low: Image | None = None
    preset: str = ""
    scale: int = 0
    """Of the enlargement; 0 where no low-resolution image is known."""
    others: Mapping[str, Image] = field(default_factory=dict)
    """Other results by name, the bicubic one among them where a low-resolution image is known."""


def audit_inputs(
    image: Image,
    truth: Image | None = None,
    low: Image | None = None,
    reference: Image | None = None,
    options: AuditOptions = DEFAULTS,
) -> AuditInputs:
    """What is known of a result, checked: the low-resolution image as it is given, or made of the truth.

    Raises:
        UsageError: For a scale without a truth, or a degradation that is drawn at random.
        InputError: For images whose shapes do not belong together.

    """
    scale, preset = options.scale, options.degrade or ASSUMED.get(image.info.modality, "bicubic")
    if degradation.preset(preset).drawn:
        raise UsageError(f"Expected a degradation that draws nothing, found {preset!r}. Name one such as bicubic.")
    if low is None and scale:
        if truth is None:
            raise UsageError("A `scale` makes the low-resolution image of the truth, and there is none. Give the truth, or `low`.")
        truth, image = cropped(truth, scale), cropped(image, scale)
        low = degradation.degrade(truth, preset, scale)
    for name, other in (("truth", truth), ("reference", reference)):
        if other is not None and other.pixels.shape != image.pixels.shape:
            shapes = ["x".join(map(str, one.pixels.shape)) for one in (other, image)]
            raise InputError(f"Expected a {name} of the result's shape {shapes[1]} (c, z, y, x), found {shapes[0]}.")
    others = {} if reference is None else {"reference": reference}
    if low is None:
        return AuditInputs(image, truth, others=others)
    times = enlargement(low, image)
    bicubic = interpolated(low, times, "bicubic", degradation.centred(preset, times))
    return AuditInputs(image, truth, low, preset, times, {"bicubic": bicubic} | others)
