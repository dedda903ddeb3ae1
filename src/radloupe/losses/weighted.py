"""Weighted sums of named losses: the training objective."""

import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from radloupe.core.errors import RadloupeWarning, UsageError
from radloupe.losses.loss import Value

NOTHING: Mapping[str, float] = {}


@dataclass(frozen=True)
class Term:
    """Loss term: a loss with its name and weight in the objective."""

    name: str
    """Name in the training journal."""
    weight: float
    loss: Callable[..., Any]
    """Function of the tensors of a training step that returns a scalar; all terms of an objective take the same tensors."""
    adversarial: bool = False
    """Whether it is an adversarial term; those do not rank checkpoints."""


class Sum(NamedTuple):
    """Value of the objective and of its terms."""

    total: Value
    parts: dict[str, Value]
    """Unweighted values of the terms, detached."""


def weighted(terms: Iterable[Term], *tensors: Any) -> Sum:
    """Weighted sum of loss terms of the same tensors; terms of weight 0 are left out.

    Raises `UsageError` where no term is left, or where two have the same name.

    >>> from radloupe.losses.pixel import l1, mse
    >>> one = torch.ones(1, 1, 2, 2)
    >>> weighted([Term("l1", 1.0, l1), Term("mse", 0.5, mse)], 3 * one, one).total.item()
    4.0
    """
    used = [term for term in terms if term.weight]
    if not used or len({term.name for term in used}) < len(used):
        raise UsageError(f"Expected terms of different names and a weight above zero, found {[term.name for term in used]}.")
    values = {term.name: term.loss(*tensors) for term in used}
    total = torch.stack([term.weight * values[term.name] for term in used]).sum()
    return Sum(total, {name: value.detach() for name, value in values.items()})


def first_not_finite(values: Mapping[str, Tensor]) -> str | None:
    """Name of the first value that is infinite or NaN; None where all are finite. Synchronises once with the device."""
    finite = torch.stack([value.isfinite().all() for value in values.values()]).tolist()
    return next((name for name, good in zip(values, finite, strict=True) if not good), None)


def without(terms: Iterable[Term], off: Collection[str], instead: Mapping[str, float] = NOTHING) -> tuple[Term, ...]:
    """The terms that remain without those named in `off`, whose perceptual networks have no weights; `instead` holds new weights by name.

    One `RadloupeWarning` lists the terms that are off and the weights that changed. Raises `UsageError` for an unknown term.
    """
    given = {term.name: term for term in terms}
    for name in (*off, *instead):
        if name not in given:
            raise UsageError(f"Expected one of the terms {', '.join(given)}, found {name!r}.")
    kept = tuple(replace(term, weight=instead.get(name, term.weight)) for name, term in given.items() if name not in off)
    if len(kept) < len(given):
        changes = [f"{t.name} weighs {t.weight:g}, not {given[t.name].weight:g}" for t in kept if t.weight != given[t.name].weight]
        change = f"; {', '.join(changes)}" if changes else ""
        text = f"The loss is trained without {' and '.join(sorted(off))}: no weights were given for its network{change}."
        warnings.warn(f"{text} Give the path of the weights for the paper's own sum.", RadloupeWarning, stacklevel=2)
    return kept
