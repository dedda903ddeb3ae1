"""Validation: scores of the networks on images outside the training set."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from radloupe.losses.weighted import Term, weighted
from radloupe.training.batches import Source, middle
from radloupe.training.recipe import Phase
from radloupe.training.state import State
from radloupe.training.training_step import StepContext, forward

MOST = 32  # items: enough to rank checkpoints, few enough to validate often


@torch.no_grad()
def score(
    state: State, phase: Phase, terms: Sequence[Term], source: Source, context: StepContext
) -> tuple[dict[str, float], Mapping[str, Tensor]]:
    """Metrics over validation items, and the first item's images in 0..1; adversarial terms are left out.

    `validation` ranks checkpoints, higher is better: PSNR in dB over the network range where the phase compares `sr` with `high`, and minus
    the sum of its loss terms otherwise. Averaged weights are used where there are any.
    """
    scored = replace(state, networks={name: state.published(name).eval() for name in state.networks})
    terms = [term for term in terms if not term.adversarial]
    low, high = context.data.value_range
    totals, errors = [], []
    images: Mapping[str, Tensor] = {}
    for batch in middle(source, context.data, MOST):
        tensors = forward(scored, phase, {name: context.fabric.to_device(value) for name, value in batch.items()}, context)
        totals.append(weighted(terms, tensors).total.item())
        if "sr" in tensors and "high" in tensors:
            errors.append(((tensors["sr"].float() - tensors["high"]) / (high - low)).square().mean().item())
            images = images or {name: (tensors[name].float() - low) / (high - low) for name in ("sr", "high")}
    for network in state.networks.values():
        network.train()
    compared = errors and any(set(term.inputs) == {"sr", "high"} for term in phase.loss_terms)
    psnr = sum(-10 * math.log10(max(error, 1e-12)) for error in errors) / len(errors) if errors else math.nan
    loss = sum(totals) / len(totals)
    metrics = {"validation": psnr if compared else -loss, "validation_loss": loss}
    return (metrics | {"validation_psnr": psnr} if errors else metrics), images
