"""A published model from a finished table: the best of its rows, with the table's metrics and how it was trained."""

from collections.abc import Sequence
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
from radloupe.papers.runner.paper_table import Column, PaperTable, Row
from radloupe.papers.runner.stored_table import ImagesByColumn, Record, read_table
from radloupe.papers.table_registry import TABLES
from radloupe.zoo.manifest import MADE, NAMES, Manifest
from radloupe.zoo.publish import as_read, publish

LARGEST_BYTES = 3_000_000
"""Weights above this are stored with kernels of bfloat16."""
LOOKED_AT = 3
"""Test images on which the bfloat16 loss is measured: a texture search takes many seconds on each."""
BASELINE = "Bicubic"
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
    use = {"use": paper.use, "not_for": paper.not_for, "failures": list(paper.failures)}
    training = manifest.training | {MADE: made | use, PATIENTS: patients(data), SALT: data_set.patient_salt(data) or ""}
    complete = replace(
        manifest,
        metrics=metrics(paper, row.name, record, images_of),
        training=training,
        engine_loss_db={} if loss is None else {"torch-bf16": loss},
    )
    return publish(network, complete, folder, kernels, overwrite, [runs], NAMES)


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
    finite = [name for name in images[0].metrics[row] if np.isfinite(metric_values(images, row, name)).all()]
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
        "columns": {name: {metric: gain(images_of[name], row, metric, seed) for metric in finite} for name in shown},
    }


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
