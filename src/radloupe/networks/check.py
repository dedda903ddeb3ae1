"""Checks of network inputs, called by every `forward`."""

import torch
from torch import Tensor

from radloupe.core.errors import InputError
from radloupe.networks.spec import NetworkSpec


def check_input(spec: NetworkSpec, low: Tensor, **others: Tensor | None) -> None:
    """Raise `InputError` unless `low` (`batch channel y x`, or `batch channel z y x`) and the inputs of `spec.needs` are given and valid.

    `others` are the further inputs by the names of `spec.needs`; None for a missing one. A reference has the channels and dimensions of
    the image and may have another size. Annotations of a `forward` should have no fixed numbers, so that this check raises first.
    """
    if torch.jit.is_tracing():  # type: ignore[attr-defined,no-untyped-call]
        return  # sizes are symbolic, and the example image is valid
    check_image(spec, "low image", low)
    for name in spec.needs:
        other = others.get(name)
        if other is None:
            raise InputError(f"The network expects a {name} beside the image, found none. Pass it as `{name}`.")
        if len(other) not in (1, len(low)):
            raise InputError(f"The network expects a {name} for each of {len(low)} images or one for all, found {len(other)}.")
        if name == "reference":
            check_image(spec, name, other)


def check_image(spec: NetworkSpec, name: str, image: Tensor) -> None:
    """Raise `InputError` unless the image has the channels, dimensions and sizes that the network takes."""
    axes = "batch channel z y x" if spec.dimensions == 3 else "batch channel y x"
    channels = {spec.channels, spec.input_channels}
    if image.ndim != spec.dimensions + 2 or image.shape[1] not in channels:
        counts = " or ".join(map(str, sorted(channels)))
        raise InputError(f"The network expects a {name} of shape ({axes}) with channel = {counts}, found {tuple(image.shape)}.")
    if not image.is_floating_point():
        raise InputError(f"The network expects a {name} of floating-point numbers, found {image.dtype}. Convert it first.")
    sides = image.shape[2:]
    if any(side < spec.minimum_size for side in sides):
        raise InputError(f"The network expects a {name} of at least {spec.minimum_size} pixels a side, found {tuple(sides)}.")
    if any(side % spec.size_multiple for side in sides):
        raise InputError(f"The network expects a {name} with sides in steps of {spec.size_multiple} pixels, found {tuple(sides)}.")


def check_patch(image: Tensor, channels: int, side: int | None = None) -> None:
    """Raise `InputError` unless the image, `batch channel y x`, has the channels and the size that a discriminator takes."""
    sides = "y x" if side is None else f"{side} {side}"
    if image.ndim != 4 or image.shape[1] != channels or (side is not None and tuple(image.shape[2:]) != (side, side)):
        raise InputError(f"The discriminator expects images of shape (batch {channels} {sides}), found {tuple(image.shape)}.")
