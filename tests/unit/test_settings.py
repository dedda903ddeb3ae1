"""Settings are checked when they are made, whoever makes them."""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, Literal

import pytest

from radloupe.core.errors import UsageError
from radloupe.core.settings import validated, within
from radloupe.degradation.xpgan import Xpgan
from radloupe.training.recipe import Optimiser


@validated
class Inner:
    width: int = 4


@validated
class Probe:
    """One field of each type that settings have; this module's classes are not type-checked by the test suite's import hook."""

    sigma: float = within(1.0, 0.0, 5.0)
    count: int = within(2, 1, 9)
    pair: tuple[float, float] = within((0.0, 1.0), 0.0, 1.0)
    scale: int | None = None
    kind: Literal["a", "b"] = "a"
    on: bool = False
    rows: tuple[Inner, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sigma": -5}, "a number from 0 to 5 for the parameter sigma, found -5"),
        ({"sigma": float("nan")}, "found nan"),
        ({"sigma": "1"}, "found '1'"),
        ({"count": 2.0}, "a whole number from 1 to 9 for the parameter count, found 2.0"),
        ({"count": True}, "found True"),
        ({"pair": (0.0,)}, "2 numbers"),
        ({"pair": (0.0, 2.0)}, "from 0 to 1 for the parameter pair"),
        ({"pair": [0.0, 1.0]}, "for the parameter pair"),
        ({"scale": "4"}, "a whole number or none for the parameter scale, found '4'"),
        ({"kind": "c"}, "one of a, b for the parameter kind, found 'c'"),
        ({"on": "true"}, "true or false"),
        ({"rows": (4,)}, "for the parameter rows"),
        ({"more": [1]}, "for the parameter more"),
    ],
)
def test_a_wrong_value_is_refused_when_it_is_made(wrong, words):
    with pytest.raises(UsageError, match=words):
        Probe(**wrong)
    with pytest.raises(UsageError, match=words):
        replace(Probe(), **wrong)


def test_right_values_are_kept_as_they_are():
    made = Probe(sigma=5, pair=(0, 1), scale=4, rows=(Inner(1),), more={"a": [1]})
    assert (made.sigma, made.pair, made.scale, made.rows, made.more) == (5, (0, 1), 4, (Inner(1),), {"a": [1]})


def test_recipes_and_degradations_are_such_settings():
    with pytest.raises(UsageError, match="from 0 to 10 for the parameter lr, found -5"):
        Optimiser(lr=-5)
    with pytest.raises(UsageError, match="from 0 to 512 for the parameter k, found 1000"):
        Xpgan(k=1000)
