"""A published model from a finished table: the best of its rows, with the table's metrics and how it was trained."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from radloupe.core import files
from radloupe.core.errors import UsageError
from radloupe.data import dataset_manifest as data_set
from radloupe.evaluation.leakage import PATIENTS, SALT
from radloupe.evaluation.model_table import by_patient, metric_values
from radloupe.evaluation.paired_metrics import ImageMetrics
from radloupe.metrics.statistics import mean_and_interval
from radloupe.networks.network import Network
from radloupe.papers.publish_run import described, validation
from radloupe.papers.published import PaperModel
from radloupe.papers.runner.jobs import run_of
from radloupe.papers.runner.measurement import items, network_enlarger, scored
from radloupe.papers.runner.paper_table import REFERENCE_GAINS, Column, PaperTable, Row
from radloupe.papers.runner.stored_table import ImagesByColumn, Record, read_table
from radloupe.papers.table_registry import TABLES
from radloupe.zoo.manifest import NAMES, PROVENANCE, Manifest
from radloupe.zoo.publish import as_read, publish

LARGEST_BYTES = 3_000_000
"""Weights above this are stored with kernels of bfloat16."""
LOOKED_AT = 3
"""Test images on which the bfloat16 loss is measured: a texture search takes many seconds on each."""
BASELINE = "Bicubic"
REFERENCE_GAIN, NEAR = "reference_gain_db", "gain_by_near"
"""Where a manifest holds the gains by a reference, and the one that decides whether a model is published."""
KEPT = ("data", "budget", "networks", "perceptual_losses", "hardware", "software", "commit", "checkpoint", "differs")
OF_DATA = ("items", "data_sha256")
"""Keys of a table's header that go into the manifest; the latter are per data set."""
Gain = dict[str, Any]


def publish_paper(paper: PaperModel, runs: Path, folder: Path, overwrite: bool = False) -> Manifest:
    """Write the model folder of a paper's best row from what `radloupe reproduce --run RUNS` left there.

    Raises `UsageError` where the table is not finished, `WeightsError` where the run is damaged.
    """
    files.check_output(folder, overwrite, [runs], NAMES)
    record, images_of = read_result(paper, runs)
    table: PaperTable = TABLES[paper.table]
    columns = {part["column"]["name"]: Column(**part["column"]) for part in record["columns"]}
    column, own = columns[paper.columns[0]], runs / table.paper
    row = best(paper, table, column, own)
    network, manifest = described(run_of(row, column, own), paper.name, True, paper.trained_on, "apache-2.0")
    kernels = torch.bfloat16 if size_bytes(network) > LARGEST_BYTES else torch.float32
    data = own / "data" / column.data
    loss = lost(table, column, own, record["header"]["seed"], network, kernels)
    made = {"table": paper.table, "row": row.name, **facts(record["header"], column.data)}
    use = use_of(paper)
    training = manifest.training | {PROVENANCE: made | use, PATIENTS: patients(data), SALT: data_set.patient_salt(data) or ""}
    found = metrics(paper, row.name, record, images_of)
    check_reference(network, found)
    complete = replace(
        manifest,
        metrics=found,
        pixel_range=pixel_range(data),
        training=training,
        engine_loss_db={} if loss is None else {"torch-bf16": loss},
    )
    return publish(network, complete, folder, kernels, overwrite, [runs], NAMES)


def use_of(paper: PaperModel) -> dict[str, Any]:
    """What users of a paper's model must know, as its manifest holds it."""
    return {"warning": paper.warning, "use": paper.use, "not_for": paper.not_for, "failures": list(paper.failures)}


def read_result(paper: PaperModel, runs: Path) -> tuple[Record, ImagesByColumn]:
    """The table's record, and every image's metrics by column."""
    try:
        return read_table(runs / "results" / paper.table.replace("/", "-"))
    except (OSError, ValueError) as error:
        text = f"Expected the finished table {paper.table} in {runs}/results, found none: {error}."
        raise UsageError(f"{text} Run `radloupe reproduce {paper.table}` to its end first.") from error


def best(paper: PaperModel, table: PaperTable, column: Column, own: Path) -> Row:
    """The row with the highest PSNR on the validation images: the test images choose nothing."""
    rows = [row for row in table.rows if row.name in paper.rows]
    return max(rows, key=lambda row: float(validation(run_of(row, column, own), best=True)["validation_psnr"]))


def pooled(names: Sequence[str], images_of: ImagesByColumn) -> list[ImageMetrics]:
    """The images of several columns."""
    return [image for name in names for image in images_of[name]]


def metrics(paper: PaperModel, row: str, record: Record, images_of: ImagesByColumn) -> dict[str, Any]:
    """The table's metrics as a manifest holds them: means over all the paper's columns, and for each column separately."""
    seed = record["header"]["seed"]
    images_of = {name: [image for image in images if image.seed == seed] for name, images in images_of.items()}
    images = pooled(paper.columns, images_of)
    psnr, ssim = (gain(images, row, name, seed) for name in ("psnr", "ssim"))
    finite = [name for name in images[0].metrics[row] if all(is_finite(images, one, name) for one in (row, BASELINE))]
    shown = (*paper.columns, *paper.beside)
    return {
        "psnr": psnr["mean"],
        "ssim": ssim["mean"],
        "bicubic_psnr": psnr["bicubic"],
        "bicubic_ssim": ssim["bicubic"],
        "gain_db": psnr["gain"],
        "gain_db_ci95": psnr["gain_ci95"],
        "images": len(images),
        "patients": len({image.patient for image in images}),
        "protocol": record["protocol"],
        **({REFERENCE_GAIN: by_reference} if (by_reference := gains_by_reference(images, row, seed)) else {}),
        "columns": {name: {metric: gain(images_of[name], row, metric, seed) for metric in finite} for name in shown},
    }


def is_finite(images: Sequence[ImageMetrics], row: str, metric: str) -> bool:
    """Whether a row has a finite value of a metric for every image."""
    return bool(np.isfinite(metric_values(images, row, metric)).all())


def gains_by_reference(images: Sequence[ImageMetrics], row: str, seed: int) -> dict[str, Gain]:
    """The gains by a reference that the table measured: means over patients with their intervals."""
    names = [metric.name for metric in REFERENCE_GAINS if metric.name in images[0].metrics[row] and is_finite(images, row, metric.name)]
    found = {name: mean_and_interval(by_patient(images, metric_values(images, row, name)).tolist(), seed) for name in names}
    return {name: {"mean": rounded(mean), "ci95": rounded(interval)} for name, (mean, interval) in found.items()}


def check_reference(network: Network, found: Mapping[str, Any]) -> None:
    """Refuse a network that takes a reference and does not use it (`UsageError`): its gain by a near view must be above zero."""
    if "reference" not in network.spec.needs:
        return
    near = found.get(REFERENCE_GAIN, {}).get(NEAR)
    if near is None or near["ci95"] is None or near["ci95"][0] <= 0:
        text = f"{near['mean']:+.3f} dB, interval {near['ci95']}" if near else "none"
        raise UsageError(
            f"Expected a significant gain of the reference-based model by a near view as its reference, found {text}. Train it longer with "
            "references that resemble the image, and make the table again."
        )


def gain(images: Sequence[ImageMetrics], name: str, metric: str, seed: int) -> Gain:
    """A metric of a row and its paired difference to bicubic enlargement, means over patients with their intervals."""
    ours, plain = (by_patient(images, metric_values(images, which, metric)) for which in (name, BASELINE))
    mean, interval = mean_and_interval(ours.tolist(), seed)
    difference, around = mean_and_interval((ours - plain).tolist(), seed)
    values = {"mean": mean, "ci95": interval, "bicubic": float(plain.mean()), "gain": difference, "gain_ci95": around}
    return {key: rounded(value) for key, value in values.items()}


def rounded(value: Any) -> Any:
    """A number, or those of an interval, to four decimals."""
    return value if value is None else [round(v, 4) for v in value] if isinstance(value, tuple) else round(value, 4)


def facts(header: dict[str, Any], data: str) -> dict[str, Any]:
    """The facts from a table's header that the card shows, with those of the training data set."""
    used = {key: {name: value for name, value in header[key].items() if name.split(",")[0] == data} for key in OF_DATA}
    return {key: header[key] for key in KEPT} | used


def patients(folder: Path) -> list[str]:
    """The keys of the training patients, with which `evaluate` checks for leakage."""
    return sorted({row["patient"] for row in data_set.read(folder, "train")})


def pixel_range(folder: Path) -> list[float]:
    """The Hounsfield units that the range of the clinical images trained on stands for, the mean over them; empty where nothing is said."""
    rows = [row["parameters"] for row in data_set.read(folder, "train")]
    ranges = [row["range"] for row in rows if row.get("domain") == "clinical" and row.get("unit", "HU") == "HU"]
    return [float(n) for n in np.mean(ranges, 0)] if ranges else []


def size_bytes(network: nn.Module) -> int:
    """Bytes of all tensors of a network."""
    return sum(tensor.nbytes for tensor in network.state_dict().values())


def lost(table: PaperTable, column: Column, own: Path, seed: int, network: Network, kernels: torch.dtype) -> float | None:
    """The PSNR in dB that kernels lose in the file, on some of the column's test images; None where they are kept in full."""
    if kernels == torch.float32:
        return None
    enlargers = {"full": network_enlarger(network, "cpu"), "stored": network_enlarger(as_read(network, kernels), "cpu")}
    some = items(column, own / "data" / column.data, seed, None, "cpu")[:LOOKED_AT]
    images = scored(table, some, enlargers, column.scale, None, lambda steps: None)
    return round(float((metric_values(images, "full", "psnr") - metric_values(images, "stored", "psnr")).mean()), 4)
