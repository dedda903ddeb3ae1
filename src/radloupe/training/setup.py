"""A run before its first step: networks with seeded weights, optimisers, running means, frozen features."""

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
from radloupe.training.initialisation import BEGINNINGS, begin
from radloupe.training.optimisers import optimisers
from radloupe.training.recipe import Net, Recipe
from radloupe.training.state import State
from radloupe.training.training_step import Features
from radloupe.zoo.load import load_model


def start(recipe: Recipe, fabric: Fabric) -> State:
    """The state before the first step; the same weights on every process. Raises `UsageError` for rows that do not exist."""
    built = {name: build(net, recipe.seed, name) for name, net in recipe.nets.items()}
    if recipe.vgg19:
        for name in (name for name, net in recipe.nets.items() if net.begin == "vgg19"):
            start_from_vgg19(unwrapped(built[name]).extractor, read(Path(recipe.vgg19)))  # type: ignore[arg-type]
    networks = {name: fabric.to_device(network).train() for name, network in built.items()}
    made = {name: optimisers(networks[name], net.optimiser) for name, net in recipe.nets.items()}
    averages = {name: average(networks[name], net.average) for name, net in recipe.nets.items() if net.average is not None}
    return State(networks, made, averages)


def build(net: Net, seed: int, name: str = "") -> nn.Module:
    """A network of a recipe with seeded weights, or with those it begins from wherever names and shapes agree."""
    with isolated_rng(seed + sum(name.encode())):  # another discriminator begins elsewhere
        try:
            network: nn.Module = PARTS[net.row](**net.settings) if net.scale is None else NETWORKS[net.row](net.scale, **net.settings)
        except (TypeError, ValueError) as error:
            raise UsageError(f"The network {net.row!r} cannot be built with {dict(net.settings)} at scale {net.scale}: {error}.") from error
        if net.begin in BEGINNINGS:
            begin(network, BEGINNINGS[net.begin])
    if net.begin_from:
        given = load_model(net.begin_from).network.state_dict()
        own = network.state_dict()
        agreeing = {k: given[k] if k in given and given[k].shape == v.shape else v for k, v in own.items()}
        network.load_state_dict(agreeing)
    return network


def average(network: nn.Module, decay: float) -> AveragedModel:
    """The running mean of a network's weights; what is counted, such as the batches of a normalisation, is copied."""
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=False)  # type: ignore[no-untyped-call]


def features(recipe: Recipe, fabric: Fabric) -> Mapping[int, Features]:
    """Frozen VGG19 features for every layer that the recipe's perceptual aims look at; empty without weights."""
    if not recipe.vgg19:
        return {}
    aims = [aim for phase in recipe.phases for aim in phase.aims if aim.loss == "perceptual"]
    layers = {PERCEPTIONS[aim.settings.get("like", "ttsr")].layer for aim in aims}
    return {layer: fabric.to_device(vgg19(layer, recipe.vgg19, normalise=False)) for layer in layers}  # the loss normalises
