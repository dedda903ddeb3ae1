"""Training, measuring and publishing of a default model."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from radloupe.data.sources import SAME_PATIENT, SOURCES, Item, Part
from radloupe.evaluation.gain import lost, score, summarise
from radloupe.evaluation.leakage import training_list
from radloupe.evaluation.methods import Method, upscaled
from radloupe.evaluation.robustness import robustness, thinned
from radloupe.evaluation.safety import safety_of
from radloupe.networks.model import Model
from radloupe.networks.network import Network
from radloupe.papers.default_models import ZooRecipe
from radloupe.papers.publish_run import journal
from radloupe.papers.training_queue import MODELS
from radloupe.zoo.load import load_model
from radloupe.zoo.manifest import NAMES, Manifest
from radloupe.zoo.publish import as_read, publish

TRAINED_ON = {
    "chest-xrays": "88 frontal chest radiographs of 88 patients from NIH ChestX-ray14 (Wang et al., CVPR 2017)",
    "brain-mri": "13 T1, T2 and FLAIR volumes of 3 patients from the longitudinal MS lesion data of the University of Ljubljana "
    "(Lesjak et al., Neuroinformatics 2016; CC BY)",
    "radiographs": "118 frontal chest radiographs of 118 patients from NIH ChestX-ray14 (Wang et al., CVPR 2017)",
    "ct-volumes": "270 slices of two chests and a head phantom: LIDC-IDRI-0314 (doi:10.7937/K9/TCIA.2015.LO9QL9SX; CC BY 3.0), "
    "RIDER-1129164940 (doi:10.7937/k9/tcia.2015.u1x8a5nr; CC BY 4.0), and a Philips scan with a soft and a sharp kernel (dcm_qa_ct; BSD)",
    "mr-volumes": "15 volumes: T1, T2 and FLAIR of 3 patients of the longitudinal MS lesion data of the University of Ljubljana (Lesjak et "
    "al., Neuroinformatics 2016; CC BY), a brain (studyforrest; Hanke et al., Sci Data 2014) and a breast (Breast-MRI-NACT-Pilot, "
    "doi:10.7937/K9/TCIA.2016.QHsyhJKy; CC BY 3.0)",
    "chest-ct": "200 slices of one chest CT, LIDC-IDRI-0314 (doi:10.7937/K9/TCIA.2015.LO9QL9SX; CC BY 3.0)",
}


STORED = torch.float16
"""Of kernels in files: 11 bits of mantissa, half the size."""


def images(recipe: ZooRecipe, data: Path, part: Part) -> Iterator[Item]:
    """The images of one part of the recipe's source."""
    return SOURCES[recipe.source](data, part)


def measured(name: str, recipe: ZooRecipe, network: Network, data: Path) -> tuple[dict[str, Any], dict[str, float]]:
    """The metrics on the test split, and the PSNR in dB that bfloat16 engines lose in the anatomy of the validation split.

    Metrics on other slices of a training patient stand apart, under `same_patient`; planted lesions, resolution and noise under `safety`.
    """
    model = Model(name, network, recipe.modality, recipe.degradation)
    metrics = summarise(score(item, model) for item in images(recipe, data, "test"))
    if same := SAME_PATIENT.get(recipe.source):
        metrics["same_patient"] = summarise(score(item, model) for item in same(data))
    tests = [item.image for item in images(recipe, data, "test")]
    metrics["robustness"] = robustness(thinned(images(recipe, data, "test")), model)
    metrics["safety"] = safety_of(Method(name, partial(upscaled, model=model)), tests, recipe.degradation, recipe.scale)
    return metrics, lost(images(recipe, data, "validation"), model)


def publish_recipe(name: str, recipe: ZooRecipe, data: Path, runs: Path, folder: Path) -> Manifest:
    """Measure the model of a finished run of the queue and write the folder that ships, in place of an older one; kernels in float16."""
    run = runs / recipe.recipe.name
    network = as_read(load_model(str(runs / MODELS / recipe.recipe.name)).network, STORED)
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
        training=asdict(replace(recipe.recipe, data=replace(recipe.recipe.data, source=recipe.source)))
        | {"journal": journal(run)}
        | training_list(images(recipe, data, "train")),
    )
    return publish(network, manifest, folder, STORED, overwrite=True, inputs=[run], names=NAMES)


def measure_again(manifest: Manifest, recipe: ZooRecipe, data: Path) -> Manifest:
    """The manifest of a shipped model with its metrics measured again; what it was trained on stays as it was written then."""
    metrics, engine_loss_db = measured(manifest.name, recipe, load_model(manifest.name).network, data)
    return replace(manifest, metrics=metrics, engine_loss_db=engine_loss_db)
