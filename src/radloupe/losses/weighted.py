"""Weighted sums of losses whose parts keep their names."""

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
    """One loss of a sum."""

    name: str
    """What the journal calls it."""
    weight: float
    loss: Callable[..., Any]
    """From what a training step made to one number; every term of a sum takes the same."""


class Sum(NamedTuple):
    """What is differentiated, and what is written down."""

    total: Value
    parts: dict[str, Value]
    """Each term's value without its weight, detached."""


def weighted(terms: Iterable[Term], *made: Any) -> Sum:
    """The weighted sum of terms, each of which takes `made`; those of weight 0 are left out.

    Raises `UsageError` where none is left, or where two have one name.

    >>> from radloupe.losses.pixel import l1, mse
    >>> one = torch.ones(1, 1, 2, 2)
    >>> weighted([Term("l1", 1.0, l1), Term("mse", 0.5, mse)], 3 * one, one).total.item()
    4.0
    """
    used = [term for term in terms if term.weight]
    if not used or len({term.name for term in used}) < len(used):
        raise UsageError(f"Expected terms of different names and a weight above zero, found {[term.name for term in used]}.")
    values = {term.name: term.loss(*made) for term in used}
    total = torch.stack([term.weight * values[term.name] for term in used]).sum()
    return Sum(total, {name: value.detach() for name, value in values.items()})


def first_broken(parts: Mapping[str, Tensor]) -> str | None:
    """The name of the first part that is infinite or no number; None where all are numbers."""
    return next((name for name, value in parts.items() if not torch.isfinite(value).all()), None)


def without(terms: Iterable[Term], off: Collection[str], instead: Mapping[str, float] = NOTHING) -> tuple[Term, ...]:
    """The terms of a sum whose perceptual networks have no weights: those named in `off` go, the others weigh what `instead` says.

    One `RadloupeWarning` names the terms that are off and the weights that changed. Raises `UsageError` for a name that no term has.
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
