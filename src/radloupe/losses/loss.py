"""Loss: a function of batches that returns a float32 scalar, with its properties."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from radloupe.core.errors import InputError, UsageError
from radloupe.core.tables import suggest

Batch = Float[Tensor, "batch channel y x"]
Maps = Sequence[Float[Tensor, "_ _ _ _"]]
Value = Float[Tensor, ""]
Stack = Float[Tensor, "batch *position"]
Row = TypeVar("Row")


@dataclass(frozen=True)
class Loss:
    """A row of the table of losses."""

    value: Callable[..., Any]
    """The function; its leading arguments are those of `takes`, followed by its settings as keywords."""
    takes: Literal["images", "image", "features", "maps"] = "images"
    """`images`: an image and the truth; `image`: an image alone; `features`: images and a frozen network; `maps`: two lists of maps."""
    identical: float | None = 0.0
    """Value for an image that equals the truth; None where it depends on the image."""


def in_float32(loss: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: compute a loss of half-precision inputs in float32, also under autocast; float64 is kept.

    Means of many small squares lose most of their digits in bfloat16. Raises `InputError` where shapes differ.
    """

    @wraps(loss)
    def wide(*arguments: Any, **settings: Any) -> Any:
        images = [one for one in arguments if isinstance(one, Tensor)]
        check_shapes(images)
        kind = images[0].device.type if images else "cpu"
        with torch.autocast(kind, enabled=False):
            return loss(*map(widened, arguments), **settings)

    return wide


def widened(given: Any) -> Any:
    """A tensor or a list of tensors, half precision converted to float32."""
    if isinstance(given, Tensor):
        return given.float() if given.dtype in (torch.bfloat16, torch.float16) else given
    return [widened(one) for one in given] if isinstance(given, Sequence) and not isinstance(given, str) else given


def check_lists(ones: Maps, others: Maps) -> None:
    """Raise `InputError` unless both lists hold the same number of maps with equal shapes."""
    if len(ones) != len(others) or not ones:
        raise InputError(f"Expected two lists with the same number of maps, found {len(ones)} and {len(others)}.")
    for pair in zip(ones, others, strict=True):
        check_shapes(pair)


def check_shapes(images: Sequence[Tensor]) -> None:
    """Raise `InputError` unless all shapes are equal: torch would broadcast a batch of one."""
    shapes = list(dict.fromkeys(tuple(image.shape) for image in images))
    if len(shapes) > 1:
        raise InputError(f"Expected batches of one shape to compare, found {' and '.join(map(str, shapes))}.")


def chosen(setting: str, name: str, rows: Mapping[str, Row]) -> Row:
    """The value of a setting by its name; raises `UsageError` with the most similar valid name."""
    if name not in rows:
        raise UsageError(f"Unknown {setting} {name!r} of a loss.{suggest(name, list(rows))}")
    return rows[name]


def reduced(values: Stack, reduction: str) -> Value:
    """Reduction of values: `mean` of all, or `sum`, the mean over the batch of each image's sum."""
    return values.sum() / chosen("reduction", reduction, {"mean": values.numel(), "sum": len(values)})
