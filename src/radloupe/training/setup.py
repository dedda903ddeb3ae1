"""Initial state of a run: networks with seeded weights, optimisers, averages, frozen features."""

from collections.abc import Mapping
from pathlib import Path

from lightning_fabric import Fabric
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from radloupe.core.errors import UsageError
from radloupe.losses.perceptual import PERCEPTIONS
from radloupe.networks.checkpoints.foreign import read
from radloupe.networks.layers.texture_extractor import start_from_vgg19
from radloupe.networks.layers.vgg import vgg19
from radloupe.networks.network import unwrapped
from radloupe.networks.registry import NETWORKS, PARTS
from radloupe.networks.rng import isolated_rng
from radloupe.training.initialisation import INITIALISATIONS, initialise
from radloupe.training.optimisers import optimisers
from radloupe.training.recipe import NetworkConfig, Recipe
from radloupe.training.state import State
from radloupe.training.training_step import Features
from radloupe.zoo.load import load_model


def start(recipe: Recipe, fabric: Fabric) -> State:
    """The state before the first step; the same weights on every process. Raises `UsageError` for rows that do not exist."""
    built = {name: build(net, recipe.seed, name) for name, net in recipe.networks.items()}
    if recipe.vgg19:
        for name in (name for name, net in recipe.networks.items() if net.initialisation == "vgg19"):
            start_from_vgg19(unwrapped(built[name]).extractor, read(Path(recipe.vgg19)))  # type: ignore[arg-type]
    networks = {name: fabric.to_device(network).train() for name, network in built.items()}
    updaters = {name: optimisers(networks[name], net.optimiser) for name, net in recipe.networks.items()}
    averages = {name: average(networks[name], net.ema_decay) for name, net in recipe.networks.items() if net.ema_decay is not None}
    return State(networks, updaters, averages)


def build(net: NetworkConfig, seed: int, name: str = "") -> nn.Module:
    """Network of a recipe with seeded weights, or pretrained ones where names and shapes agree."""
    with isolated_rng(seed + sum(name.encode())):  # each network of a recipe has its own initial weights
        try:
            table, scale = (PARTS, ()) if net.scale is None else (NETWORKS, (net.scale,))
            network: nn.Module = table[net.architecture](*scale, **net.settings)
        except (TypeError, ValueError) as error:
            text = f"The network {net.architecture!r} cannot be built with {dict(net.settings)} at scale {net.scale}: {error}."
            raise UsageError(text) from error
        if net.initialisation in INITIALISATIONS:
            initialise(network, INITIALISATIONS[net.initialisation])
    if net.pretrained:
        given = load_model(net.pretrained).network.state_dict()
        own = network.state_dict()
        agreeing = {k: given[k] if k in given and given[k].shape == v.shape else v for k, v in own.items()}
        network.load_state_dict(agreeing)
    return network


def average(network: nn.Module, decay: float) -> AveragedModel:
    """The exponential moving average of a network's weights; buffers, such as the counts of a normalisation, are copied."""
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=False)  # type: ignore[no-untyped-call]


def features(recipe: Recipe, fabric: Fabric) -> Mapping[int, Features]:
    """Frozen VGG19 features of every layer that the recipe's perceptual terms compare; empty without weights."""
    if not recipe.vgg19:
        return {}
    terms = [term for phase in recipe.phases for term in phase.loss_terms if term.loss == "perceptual"]
    layers = {PERCEPTIONS[term.settings.get("like", "ttsr")].layer for term in terms}
    return {layer: fabric.to_device(vgg19(layer, recipe.vgg19, normalise=False)) for layer in layers}  # the loss normalises
