"""Rules from our tensor names to those of released checkpoints."""

import re
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import nn

Rules = Sequence[tuple[str, str | Callable[[re.Match[str]], str]]]
"""Regular expressions and their replacements, in order of application."""


def rename(key: str, rules: Rules) -> str:
    """A key after all rules.

    >>> rename("body.0.weight", [(r"^body", "trunk")])
    'trunk.0.weight'
    """
    for pattern, new in rules:
        key = re.sub(pattern, new, key)
    return key


def shifted(by: int, text: str = "{}") -> Callable[[re.Match[str]], str]:
    r"""For a rule: the match's first group, a number, plus `by`, put into `text`.

    >>> rename("tail.1.bias", [(r"^tail\.(\d+)", shifted(2, "model.{}"))])
    'model.3.bias'
    """
    return lambda match: text.format(int(match[1]) + by)


def official(build: Callable[[int], nn.Module], *conventions: Rules, unused: Sequence[str] = ()) -> Callable[[int], Mapping[str, str]]:
    """For `Architecture.keys`: our key for each official one.

    Each convention covers every tensor of ours. A file follows one of them, or holds a tensor under several names. `unused` are tensors
    of the files without learned values; they map to an empty name.
    """

    def keys(scale: int) -> Mapping[str, str]:
        with torch.device("meta"):
            ours = list(build(scale).state_dict())
        return dict.fromkeys(unused, "") | {rename(key, rules): key for rules in conventions for key in ours}

    return keys
