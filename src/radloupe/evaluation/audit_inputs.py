"""Inputs of an audit: a super-resolved image and the images that it is compared with."""

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
    """A result and its comparison images, checked by `audit_inputs` to have matching shapes."""

    image: Image
    truth: Image | None = None
    low: Image | None = None
    preset: str = ""
    scale: int = 0
    """Enlargement factor; 0 without a low-resolution image."""
    others: Mapping[str, Image] = field(default_factory=dict)
    """Other results by name, including the bicubic one where there is a low-resolution image."""


def audit_inputs(
    image: Image,
    truth: Image | None = None,
    low: Image | None = None,
    reference: Image | None = None,
    options: AuditOptions = DEFAULTS,
) -> AuditInputs:
    """Checked inputs of an audit; the low-resolution image is the given one, or the degraded truth.

    Raises:
        UsageError: For a scale without a truth, or a random degradation.
        InputError: For images whose shapes do not match.

    """
    scale, preset = options.scale, options.degrade or ASSUMED.get(image.info.modality, "bicubic")
    if degradation.preset(preset).drawn:
        raise UsageError(f"Expected a deterministic degradation, found {preset!r}. Name one such as bicubic.")
    if low is None and scale:
        if truth is None:
            raise UsageError("Expected a truth, which `scale` degrades to the low-resolution image, found none. Give the truth, or `low`.")
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
