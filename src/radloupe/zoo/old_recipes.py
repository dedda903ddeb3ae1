"""Recipes written by earlier versions, under today's names: the one reader of old `config.json` and of old manifests' `training`."""

import re
from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]
NETWORK = {
    "row": "architecture",
    "average": "ema_decay",
    "begin": "initialisation",
    "begin_from": "pretrained",
}
OPTIMISER = {"slower": "lr_multipliers"}
PHASE = {"aims": "loss_terms", "duels": "adversarial_terms", "rate": "schedule"}
LOSS_TERM = {"of": "inputs"}
ADVERSARIAL_TERM = {"critic": "discriminator", "game": "gan_loss", "made": "fake", "penalty": "gradient_penalty", "pool": "image_pool"}
DATA = {"values": "value_range"}
PATHS = {"nets": "networks", **NETWORK, **OPTIMISER, **PHASE, **LOSS_TERM, **ADVERSARIAL_TERM, **DATA}
PROCEDURES = {"known": "non-blind"}
TENSORS = {"made_": "fake_", "back_": "reconstructed_", "same_": "identity_"}
WASSERSTEIN = "wasserstein"
"""The GAN loss whose discriminators are called critics."""


def current_recipe(record: Record) -> dict[str, Any]:
    """A recipe's record under today's names; one that has them already, or is no recipe's, is returned as it is."""
    if "nets" not in record:
        return dict(record)
    names = network_names(record)
    return renamed(record, {"nets": "networks"}) | {
        "networks": {names[name]: current_network(net) for name, net in record["nets"].items()},
        "phases": [current_phase(phase, names) for phase in record["phases"]],
        "data": renamed(record["data"], DATA),
    }


def network_names(record: Record) -> dict[str, str]:
    """Today's name of every network: a critic is one of a Wasserstein GAN, the others are discriminators."""
    critics = {duel["critic"] for phase in record["phases"] for duel in phase["duels"] if duel["game"] == WASSERSTEIN}
    return {name: name if name in critics else discriminator_name(name) for name in record["nets"]}


def discriminator_name(name: str) -> str:
    """The name of a network that was called a critic.

    >>> discriminator_name("clinical-critic")
    'clinical-discriminator'
    """
    return re.sub(r"\bcritic$", "discriminator", name)


def current_network(record: Record) -> dict[str, Any]:
    """A network's record."""
    network = renamed(record, NETWORK) | {"optimiser": renamed(record["optimiser"], OPTIMISER)}
    return network | {"initialisation": "default" if record["begin"] == "own" else record["begin"]}


def current_phase(record: Record, names: Mapping[str, str]) -> dict[str, Any]:
    """A phase's record."""
    losses = [renamed(aim, LOSS_TERM) | {"inputs": [tensor_name(name) for name in aim["of"]]} for aim in record["aims"]]
    adversarial = [
        renamed(duel, ADVERSARIAL_TERM) | {"discriminator": names[duel["critic"]], "fake": tensor_name(duel["made"])}
        for duel in record["duels"]
    ]
    procedure = PROCEDURES.get(record["procedure"], record["procedure"])
    return renamed(record, PHASE) | {"loss_terms": losses, "adversarial_terms": adversarial, "procedure": procedure}


def tensor_name(name: str) -> str:
    """Today's name of a tensor of a training step.

    >>> tensor_name("made_clinical")
    'fake_clinical'
    """
    return next((new + name.removeprefix(old) for old, new in TENSORS.items() if name.startswith(old)), name)


def renamed(record: Record, names: Mapping[str, str]) -> dict[str, Any]:
    """A record with some of its keys replaced."""
    return {names.get(key, key): value for key, value in record.items()}


def current_path(path: str) -> str:
    """A dotted path into a recipe under today's names; the keys inside `settings` are the network's or the loss's own.

    >>> current_path("nets.generator.begin_from")
    'networks.generator.pretrained'
    """
    own, settings, rest = path.partition(".settings.")
    return ".".join(PATHS.get(word, word) for word in own.split(".")) + settings + rest
