"""How good the networks are on images that they are not trained on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from radloupe.losses.weighted import Term, weighted
from radloupe.training.batches import Source, middle
from radloupe.training.recipe import Phase
from radloupe.training.state import State
from radloupe.training.training_step import Tools, make, verdict_name

MOST = 32  # items: enough to rank checkpoints, few enough to look often


@torch.no_grad()
def score(state: State, phase: Phase, terms: Sequence[Term], source: Source, tools: Tools) -> tuple[dict[str, float], Mapping[str, Tensor]]:
    """Figures over validation items, and the first item's images in 0..1; of the phase's `terms` the critics' are left out.

    `validation` is what checkpoints are ranked by, higher is better: PSNR in dB over the network range where the phase compares `sr` with
    `high`, and minus the sum of its aims otherwise. Running means of weights are used where there are any.
    """
    looked = replace(state, networks={name: state.published(name).eval() for name in state.networks})
    critics = {verdict_name(duel) for duel in phase.duels}
    aims = [term for term in terms if term.name not in critics]
    low, high = tools.data.values
    totals, errors = [], []
    pictures: Mapping[str, Tensor] = {}
    for batch in middle(source, tools.data, MOST):
        made = make(looked, phase, {name: tools.fabric.to_device(value) for name, value in batch.items()}, tools)
        totals.append(weighted(aims, made).total.item())
        if "sr" in made and "high" in made:
            errors.append(((made["sr"].float() - made["high"]) / (high - low)).square().mean().item())
            pictures = pictures or {name: (made[name].float() - low) / (high - low) for name in ("sr", "high")}
    for network in state.networks.values():
        network.train()
    compared = errors and any(set(aim.of) == {"sr", "high"} for aim in phase.aims)
    psnr = sum(-10 * math.log10(max(error, 1e-12)) for error in errors) / len(errors) if errors else math.nan
    loss = sum(totals) / len(totals)
    figures = {"validation": psnr if compared else -loss, "validation_loss": loss}
    return (figures | {"validation_psnr": psnr} if errors else figures), pictures
