"""The training runs of the robust default models, in their order: one network for all modalities first, then one for each from its weights.

A run goes on where it stopped, in slices of any length; the model that a finished run makes lies under `models` of the folder of runs,
where later runs find what they begin with.
"""

from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radloupe.data.slice_store import SliceStore, store_slices
from radloupe.data.sources import SOURCES, Part
from radloupe.imaging.modality import Modality
from radloupe.papers.publish_run import publish_run
from radloupe.training.batches import Source
from radloupe.training.loop import train
from radloupe.training.mixed_patches import MixedPatches
from radloupe.training.recipe import DataConfig, LearningRateSchedule, LossTerm, NetworkConfig, Optimiser, Phase, Recipe
from radloupe.training.recorder import Report
from radloupe.training.run_options import RunOptions
from radloupe.training.runs import finished

COLLECTIONS: Mapping[Modality, str] = {"XR": "radiographs", "CT": "ct-volumes", "MR": "mr-volumes"}
"""The source of each modality, a row of `data.sources.SOURCES`."""
NETWORK: Mapping[str, Any] = {"width": 64, "blocks": 8, "dilations": (1, 2, 3), "maps": True}
BATCH = 16
MIXED = "mixed"
"""What stands as the source of data in the recipes of the queue: all `COLLECTIONS` of a run's modalities."""
MODELS, STORES = "models", "stores"
"""Under the folder of runs: what finished runs published, and the slices that all of them read."""


@dataclass(frozen=True)
class QueuedRun:
    """A training run and what it is trained on."""

    recipe: Recipe
    modalities: tuple[Modality, ...]


def queued(
    name: str, modality: Modality, scale: int, steps: int, patch: int, *, after: str = "", rate: float = 1.0, bend: float = 1e-3
) -> QueuedRun:
    """A run of LoupeNet with maps on one modality, or on all of them where it is `other`.

    Args:
        name: Of the run and its model.
        modality: What it is trained on.
        scale: Enlargement.
        steps: Batches of `BATCH` patches.
        patch: Side of a patch in low pixels.
        after: The run whose weights it begins with.
        rate: Factor on the learning rates.
        bend: From squared to absolute error, in network range.
    """
    optimiser = Optimiser("muon", 1e-3 * rate, 0.01 * rate, (0.9, 0.99))
    net = NetworkConfig("loupe-maps", scale, dict(NETWORK), optimiser, ema_decay=0.999, pretrained=f"{MODELS}/{after}" if after else "")
    phase = Phase(
        steps,
        loss_terms=(LossTerm("charbonnier", settings={"epsilon": bend}),),
        schedule=LearningRateSchedule(warmup=100, cosine=bool(after) or modality != "other"),
        clip=1.0,
    )
    data = DataConfig(MIXED, "mixed-mri" if modality == "MR" else "mixed", BATCH, patch)
    recipe = Recipe(name, "Radloupe, 2026", {"generator": net}, (phase,), data, modality=modality, validate_every=2000, save_every=500)
    return QueuedRun(recipe, (modality,) if modality != "other" else tuple(COLLECTIONS))


QUEUE = {
    run.recipe.name: run
    for run in (
        queued("foundation-x4", "other", 4, 9_000, 32),
        queued("ct-x4", "CT", 4, 3_000, 32, after="foundation-x4", rate=0.5, bend=1e-2),
        queued("xray-x4", "XR", 4, 2_500, 32, after="foundation-x4", rate=0.5, bend=3e-3),
        queued("ct-x4-more", "CT", 4, 6_000, 40, after="ct-x4", rate=0.5, bend=2e-3),
        queued("mri-x4", "MR", 4, 8_000, 32, after="foundation-x4", rate=0.5, bend=2e-3),
        queued("xray-x4-more", "XR", 4, 6_000, 48, after="xray-x4", rate=0.5, bend=1e-3),
        queued("foundation-x2", "other", 2, 6_000, 40, after="foundation-x4"),
        queued("mri-x2", "MR", 2, 4_000, 48, after="foundation-x2", rate=0.5, bend=2e-3),
        queued("ct-x2", "CT", 2, 4_000, 48, after="foundation-x2", rate=0.5, bend=1e-2),
        queued("xray-x2", "XR", 2, 4_000, 48, after="foundation-x2", rate=0.5, bend=3e-3),
        queued("foundation-x4-long", "other", 4, 40_000, 40, after="foundation-x4"),
        queued("mri-x4-long", "MR", 4, 10_000, 48, after="foundation-x4-long", rate=0.5, bend=2e-3),
        queued("ct-x4-long", "CT", 4, 10_000, 48, after="foundation-x4-long", rate=0.5, bend=1e-2),
        queued("xray-x4-long", "XR", 4, 10_000, 64, after="foundation-x4-long", rate=0.5, bend=3e-3),
    )
}


def train_queued(run: QueuedRun, data: Path, runs: Path, minutes: float, report: Report) -> dict[str, Any]:
    """Train a run, or go on training it, for at most some minutes; publishes its model when it is finished. Returns the last record."""
    name = run.recipe.name
    sources = {part: patches(run, data, runs, part) for part in ("train", "validation")}
    with chdir(runs):  # where `pretrained` is looked up
        options = RunOptions(precision="bf16", max_minutes=minutes, resume=True)
        record = train(run.recipe, sources, Path(name), options, report)
        if record["finished"]:
            publish_run(Path(name), name, Path(MODELS, name), overwrite=True)
    return record


def patches(run: QueuedRun, data: Path, runs: Path, part: Part) -> Source:
    """The patches of one part of a run's data."""
    stores = [stored(COLLECTIONS[modality], data, runs, part) for modality in run.modalities]
    return MixedPatches(stores, run.recipe.data.patch, run.recipe.scale)


def stored(source: str, data: Path, runs: Path, part: Part) -> SliceStore:
    """The slices of one part of a source; those to train on at half their resolution, too."""
    return store_slices(SOURCES[source](data, part), runs / STORES / f"{source}-{part}", halves=part == "train")


def unfinished(runs: Path) -> list[str]:
    """The runs of the queue that have not come to their end, in order."""
    return [name for name in QUEUE if not finished(runs / name)]
