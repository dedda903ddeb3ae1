"""From a zoo recipe to a model folder: train, measure, publish."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import nn

from radloupe.data.pairs import pairs
from radloupe.data.sources import SOURCES, Item, Part
from radloupe.evaluate.gain import score, summarise
from radloupe.evaluate.leakage import training_list
from radloupe.nets import NETWORKS
from radloupe.nets.model import Model
from radloupe.recipes.zoo import ZooRecipe
from radloupe.train.state import State
from radloupe.train.supervised import train
from radloupe.zoo.load import load_model
from radloupe.zoo.manifest import Manifest
from radloupe.zoo.publish import publish

TRAINED_ON = {
    "chest-xrays": "88 frontal chest radiographs of 88 patients from NIH ChestX-ray14 (Wang et al., CVPR 2017)",
    "brain-mri": "13 T1, T2 and FLAIR volumes of 3 patients from the longitudinal MS lesion data of the University of Ljubljana "
    "(Lesjak et al., Neuroinformatics 2016; CC BY)",
    "chest-ct": "200 slices of one chest CT, LIDC-IDRI-0314 (doi:10.7937/K9/TCIA.2015.LO9QL9SX; CC BY 3.0)",
}


def begin(recipe: ZooRecipe) -> nn.Module:
    """The network before training: seeded weights, or those of the model it begins from wherever the shapes agree."""
    torch.manual_seed(recipe.schedule.seed)
    network: nn.Module = NETWORKS[recipe.network](recipe.scale, **recipe.arguments)
    if recipe.begin_from:
        own, given = network.state_dict(), load_model(recipe.begin_from).network.state_dict()
        network.load_state_dict({key: given[key] if given[key].shape == value.shape else value for key, value in own.items()})
    return network


def images(recipe: ZooRecipe, data: Path, part: Part) -> Iterator[Item]:
    """The images of one part of the recipe's source."""
    return SOURCES[recipe.source](data, part)


def train_recipe(recipe: ZooRecipe, data: Path, run: Path, minutes: float, report: Callable[[int, float], None]) -> State:
    """Train, or go on training, for at most some minutes; the state tells how far it came."""
    pool = pairs(images(recipe, data, "train"), recipe.degradation, recipe.scale)
    return train(begin(recipe), pool, recipe.schedule, recipe.scale, run, minutes, report)


def finished(recipe: ZooRecipe, run: Path) -> bool:
    """Whether a run's checkpoint is at the end of its schedule."""
    record = run / "checkpoint" / "state.json"
    return record.exists() and json.loads(record.read_text())["step"] >= recipe.schedule.steps


def trained(recipe: ZooRecipe, state: State) -> nn.Module:
    """The network that is published: the running mean of the weights."""
    network: nn.Module = NETWORKS[recipe.network](recipe.scale, **recipe.arguments)
    network.load_state_dict(state.average.module.state_dict())
    return network.eval()


def measured(name: str, recipe: ZooRecipe, network: nn.Module, data: Path) -> tuple[dict[str, object], float]:
    """The figures on the test split, and what a bfloat16 body loses on the validation split in dB."""
    model = Model(name, network, recipe.modality, recipe.degradation, bf16_loss_db=0.0)
    figures = summarise(score(item, model) for item in images(recipe, data, "test"))
    losses = [score(item, model).psnr - score(item, model, "bf16").psnr for item in images(recipe, data, "validation")]
    return figures, round(sum(losses) / len(losses), 4)


def publish_recipe(name: str, recipe: ZooRecipe, network: nn.Module, data: Path, run: Path, folder: Path) -> Manifest:
    """Measure a trained network and write its model folder."""
    figures, bf16_loss_db = measured(name, recipe, network, data)
    reach = Model(name, network, recipe.modality, recipe.degradation).spec.reach
    manifest = Manifest(
        name=name,
        modality=recipe.modality,
        scale=recipe.scale,
        network=recipe.network,
        arguments=recipe.arguments,
        parameters=sum(p.numel() for p in network.parameters()),
        reach=reach if math.isfinite(reach) else None,
        sha256="",
        bytes=0,
        trained_on=TRAINED_ON[recipe.source],
        degradation=recipe.degradation,
        metrics=figures,
        licence="apache-2.0",
        bf16_loss_db=bf16_loss_db,
        training=asdict(recipe) | {"journal": journal_summary(run)} | training_list(images(recipe, data, "train")),
    )
    publish(network, manifest, folder)
    return manifest


def journal_summary(run: Path) -> dict[str, object]:
    """Steps and losses of a run: the first and the mean of the last ten that were written down."""
    path = run / "journal.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    if not rows:
        return {}
    last = [row["loss"] for row in rows[-10:]]
    return {"steps": rows[-1]["step"], "first_loss": rows[0]["loss"], "last_loss": round(sum(last) / len(last), 6)}


def measure_again(manifest: Manifest, recipe: ZooRecipe, data: Path) -> Manifest:
    """The manifest of a shipped model with its figures measured, and its training images listed, anew."""
    figures, bf16_loss_db = measured(manifest.name, recipe, load_model(manifest.name).network, data)
    training = manifest.training | training_list(images(recipe, data, "train"))
    return replace(manifest, metrics=figures, bf16_loss_db=bf16_loss_db, training=training)
