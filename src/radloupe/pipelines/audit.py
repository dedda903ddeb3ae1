"""Audit of a super-resolved image: where it departs from its input, from the truth and from other results."""

from pathlib import Path
from typing import Any

from radloupe import formats
from radloupe.core.errors import InputError
from radloupe.evaluation.audit import Audit, audited, brightness
from radloupe.evaluation.audit_inputs import audit_inputs
from radloupe.evaluation.audit_options import AuditOptions
from radloupe.imaging.image import Image
from radloupe.metrics.sfrc import SFRCSettings, lowest_frequency, sfrc, sfrc_settings

DEFAULTS = AuditOptions()
TRUSTED, TRUTH = "trusted", "truth"
"""Folders of the pairs that sFRC is calibrated on."""


def audit(
    image: Image,
    truth: Image | None = None,
    *,
    low: Image | None = None,
    reference: Image | None = None,
    scale: int | None = DEFAULTS.scale,
    degrade: str | None = DEFAULTS.degrade,
    patch: int = DEFAULTS.patch,
    preset: str = DEFAULTS.preset,
    frequency: float | None = DEFAULTS.frequency,
) -> dict[str, Any]:
    """Audit of a super-resolved image of any origin: rates and positions, no verdict.

    Args:
        image: The result, pixels `c z y x`.
        truth: The high-resolution original of the same shape, where it is known.
        low: The low-resolution image that the result was made from.
        reference: Another result of the same shape to compare with.
        scale: Instead of `low`, the factor by which the truth is degraded to make it.
        degrade: The preset that makes low-resolution images, one that draws nothing; by default `kspace-centred` for MR and `bicubic` for
            all others.
        patch: Side of the patches of sFRC in pixels.
        preset: `paper` or `released`: the window of sFRC, as published or as in the authors' program.
        frequency: In cycles per pixel; patches whose ring correlation falls by this frequency are labelled. `calibrated_frequency` sets it.

    Returns:
        `residual` and `beyond_range` where the low-resolution image is known, `sfrc` where the truth is, `null_space` for linear and
        k-space degradations, `difference` to everything else; None for what is not known.

    Raises:
        UsageError: For an unknown preset, a degradation drawn at random, or a scale without a truth.
        InputError: For images whose shapes do not belong together.

    >>> import numpy as np
    >>> low = Image(np.add.outer(np.arange(32.0), np.arange(32.0))[None, None])
    >>> result = Image(low.pixels.repeat(2, 2).repeat(2, 3))
    >>> found = audit(result, low=low)
    >>> found["scale"], round(found["residual"]["largest"], 2), found["sfrc"]
    (2, 0.09, None)

    """
    options = AuditOptions(scale=scale, degrade=degrade, patch=patch, preset=preset, frequency=frequency)
    return prepare_audit(image, truth, low, reference, options).record


def prepare_audit(
    image: Image, truth: Image | None = None, low: Image | None = None, reference: Image | None = None, options: AuditOptions = DEFAULTS
) -> Audit:
    """The audit itself, with its maps; raises as `audit`."""
    settings = sfrc_settings(options.preset, options.patch, options.frequency)
    return audited(audit_inputs(image, truth, low, reference, options), settings)


def calibrated_frequency(folder: Path, settings: SFRCSettings, share: float = 0.05, modality: str | None = None) -> float:
    """The frequency at which sFRC labels a share of the patches of a method that is trusted.

    Args:
        folder: With the folders `trusted` and `truth`, which hold images of the same names: a method without false structure, such as the
            truth with realistic noise, and its truth. Bicubic enlargement would not do: it is labelled in half of all patches.
        settings: Patch and window.
        share: Of the patches that show something.
        modality: `XR`, `CT` or `MR`, for formats that cannot say.

    Raises:
        InputError: For a folder without pairs, or pairs of different shapes.

    """
    results = []
    for path in sorted((folder / TRUTH).glob("*")):
        partner = folder / TRUSTED / path.name
        if not partner.exists():
            raise InputError(f"Expected an image {partner.name} in the folder {partner.parent} as in {path.parent}, found none. Add it.")
        truth, trusted = (formats.read(one, modality=modality) for one in (path, partner))
        for plane, sharp in zip(trusted.slices(), truth.slices(), strict=True):
            results.append(sfrc(plane, sharp, settings, brightness(truth)))
    if not results:
        raise InputError(f"Expected images in {folder / TRUTH} and {folder / TRUSTED}, found none. Put pairs of the same names there.")
    return lowest_frequency(results, share)
