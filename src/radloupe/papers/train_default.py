"""Training, measuring and publishing of a default model."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from radloupe.data.sources import SAME_PATIENT, SOURCES, Item, Part
from radloupe.evaluation.gain import lost, score, summarise
from radloupe.evaluation.leakage import training_list
from radloupe.evaluation.methods import Method, upscaled
from radloupe.evaluation.safety import safety_of
from radloupe.networks.model import Model
from radloupe.networks.network import Network
from radloupe.papers.default_models import ZooRecipe
from radloupe.papers.publish_run import journal
from radloupe.training.loop import train
from radloupe.training.open_data import open_sources
from radloupe.training.recorder import Report
from radloupe.training.run_options import RunOptions
from radloupe.training.runs import network_of
from radloupe.zoo.load import load_model
from radloupe.zoo.manifest import NAMES, Manifest
from radloupe.zoo.publish import publish

TRAINED_ON = {
    "chest-xrays": "88 frontal chest radiographs of 88 patients from NIH ChestX-ray14 (Wang et al., CVPR 2017)",
    "brain-mri": "13 T1, T2 and FLAIR volumes of 3 patients from the longitudinal MS lesion data of the University of Ljubljana "
    "(Lesjak et al., Neuroinformatics 2016; CC BY)",
    "chest-ct": "200 slices of one chest CT, LIDC-IDRI-0314 (doi:10.7937/K9/TCIA.2015.LO9QL9SX; CC BY 3.0)",
}


def images(recipe: ZooRecipe, data: Path, part: Part) -> Iterator[Item]:
    """The images of one part of the recipe's source."""
    return SOURCES[recipe.source](data, part)


def train_recipe(recipe: ZooRecipe, data: Path, run: Path, minutes: float, report: Report) -> dict[str, Any]:
    """Train, or resume training, for at most some minutes; returns the last record of the journal."""
    return train(
        recipe.recipe, open_sources(recipe.recipe, data), run, RunOptions(precision="bf16", max_minutes=minutes, resume=True), report
    )


def measured(name: str, recipe: ZooRecipe, network: Network, data: Path) -> tuple[dict[str, Any], dict[str, float]]:
    """The metrics on the test split, and the PSNR in dB that bfloat16 engines lose in the anatomy of the validation split.

    Metrics on other slices of a training patient stand apart, under `same_patient`; planted lesions, resolution and noise under `safety`.
    """
    model = Model(name, network, recipe.modality, recipe.degradation)
    metrics = summarise(score(item, model) for item in images(recipe, data, "test"))
    if same := SAME_PATIENT.get(recipe.source):
        metrics["same_patient"] = summarise(score(item, model) for item in same(data))
    tests = [item.image for item in images(recipe, data, "test")]
    metrics["safety"] = safety_of(Method(name, partial(upscaled, model=model)), tests, recipe.degradation, recipe.scale)
    return metrics, lost(images(recipe, data, "validation"), model)


def publish_recipe(name: str, recipe: ZooRecipe, data: Path, run: Path, folder: Path) -> Manifest:
    """Measure the network of a finished run and write the folder of the model that ships, in place of an older one."""
    network = network_of(recipe.recipe, run)
    metrics, engine_loss_db = measured(name, recipe, network, data)
    manifest = Manifest(
        name=name,
        modality=recipe.modality,
        scale=recipe.scale,
        network=recipe.net.architecture,
        arguments=dict(recipe.arguments),
        trained_on=TRAINED_ON[recipe.source],
        degradation=recipe.degradation,
        metrics=metrics,
        licence="apache-2.0",
        engine_loss_db=engine_loss_db,
        training=asdict(recipe.recipe) | {"journal": journal(run)} | training_list(images(recipe, data, "train")),
    )
    return publish(network, manifest, folder, overwrite=True, inputs=[run], names=NAMES)


def measure_again(manifest: Manifest, recipe: ZooRecipe, data: Path) -> Manifest:
    """The manifest of a shipped model with its metrics measured again; what it was trained on stays as it was written then."""
    metrics, engine_loss_db = measured(manifest.name, recipe, load_model(manifest.name).network, data)
    return replace(manifest, metrics=metrics, engine_loss_db=engine_loss_db)
