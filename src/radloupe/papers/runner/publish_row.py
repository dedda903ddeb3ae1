"""From a finished table to a published model: the best of its rows, with the table's figures and how it was trained."""

import csv
import json
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
from radloupe.evaluation.leakage import PATIENTS
from radloupe.evaluation.model_table import by_patient, column
from radloupe.evaluation.paired_metrics import Row
from radloupe.metrics.statistics import mean_and_interval
from radloupe.papers.publish_run import described, validation
from radloupe.papers.published import PaperModel
from radloupe.papers.runner.jobs import run_of
from radloupe.papers.runner.measurement import items, scored, way
from radloupe.papers.runner.paper_table import Entry, Study, Trial
from radloupe.papers.runner.table_report import IMAGES, RECORD
from radloupe.papers.table_registry import TABLES
from radloupe.zoo.manifest import MADE, NAMES, Manifest
from radloupe.zoo.publish import as_read, publish

LARGEST_BYTES = 3_000_000
"""Weights above this are stored with kernels of bfloat16."""
LOOKED_AT = 3
"""Test images that what bfloat16 loses is measured on: a search for textures takes many seconds on each."""
BASELINE = "Bicubic"
KEPT = ("data", "budget", "networks", "perceptual_losses", "hardware", "software", "differs")
OF_DATA = ("items", "data_sha256")
"""What of a table's header goes into the manifest; the latter are for each data set."""
Gain = dict[str, Any]


def publish_paper(paper: PaperModel, runs: Path, folder: Path, overwrite: bool = False) -> Manifest:
    """Write the model folder of a paper's best row from what `radloupe reproduce --run RUNS` left there.

    Raises `UsageError` where the table is not finished, `WeightsError` where the run is damaged.
    """
    files.check_output(folder, overwrite, [runs], NAMES)
    record, trials = read_result(paper, runs)
    study: Study = TABLES[paper.table]
    columns = {column["trial"]["name"]: Trial(**column["trial"]) for column in record["columns"]}
    trial, own = columns[paper.trials[0]], runs / study.paper
    entry = best(paper, study, trial, own)
    network, manifest = described(run_of(entry, trial, own), paper.name, False, paper.trained_on, "apache-2.0")
    kernels = torch.bfloat16 if size_bytes(network) > LARGEST_BYTES else torch.float32
    loss = lost(study, trial, own, record["header"]["seed"], network, kernels)
    made = {"table": paper.table, "row": entry.name, **facts(record["header"], trial.data)}
    told = {"use": paper.use, "not_for": paper.not_for, "failures": list(paper.failures)}
    training = manifest.training | {MADE: made | told, PATIENTS: patients(own / "data" / trial.data)}
    complete = replace(
        manifest,
        metrics=metrics(paper, entry.name, record, trials),
        training=training,
        engine_loss_db={} if loss is None else {"torch-bf16": loss},
    )
    return publish(network, complete, folder, kernels, overwrite, [runs], NAMES)


def read_result(paper: PaperModel, runs: Path) -> tuple[dict[str, Any], dict[str, list[Row]]]:
    """The table's record, and the figures of every image by trial."""
    try:
        return read_table(runs / "results" / paper.table.replace("/", "-"))
    except (OSError, ValueError) as error:
        text = f"Expected the finished table {paper.table} in {runs}/results, found none: {error}."
        raise UsageError(f"{text} Run `radloupe reproduce {paper.table}` to its end first.") from error


def read_table(folder: Path) -> tuple[dict[str, Any], dict[str, list[Row]]]:
    """The record of the table in a folder, and the figures of every image by trial; raises what reading raises."""
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    with (folder / IMAGES).open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    trials: dict[str, dict[str, Row]] = {}
    for line in lines:
        trial, image, patient, name = (line.pop(key) for key in ("trial", "image", "patient", "row"))
        row = trials.setdefault(trial, {}).setdefault(image, Row(image, patient, {}))
        row.figures[name] = {figure: float(value) for figure, value in line.items()}
    return record, {name: list(rows.values()) for name, rows in trials.items()}


def best(paper: PaperModel, study: Study, trial: Trial, own: Path) -> Entry:
    """The row with the highest PSNR on the validation images: the test images choose nothing."""
    entries = [entry for entry in study.entries if entry.name in paper.rows]
    return max(entries, key=lambda entry: float(validation(run_of(entry, trial, own), best=False)["validation_psnr"]))


def pooled(names: Sequence[str], trials: dict[str, list[Row]]) -> list[Row]:
    """The images of several trials."""
    return [row for name in names for row in trials[name]]


def metrics(paper: PaperModel, row: str, record: dict[str, Any], trials: dict[str, list[Row]]) -> dict[str, Any]:
    """The table's figures as a manifest holds them: means over all the paper's trials, and every trial's by itself."""
    seed = record["header"]["seed"]
    rows = pooled(paper.trials, trials)
    psnr, ssim = (gain(rows, row, name, seed) for name in ("psnr", "ssim"))
    figures = [name for name in rows[0].figures[row] if np.isfinite(column(rows, row, name)).all()]
    shown = (*paper.trials, *paper.beside)
    return {
        "psnr": psnr["mean"],
        "ssim": ssim["mean"],
        "bicubic_psnr": psnr["bicubic"],
        "bicubic_ssim": ssim["bicubic"],
        "gain_db": psnr["gain"],
        "gain_db_ci95": psnr["gain_ci95"],
        "images": len(rows),
        "patients": len({row.patient for row in rows}),
        "protocol": record["protocol"],
        "trials": {name: {figure: gain(trials[name], row, figure, seed) for figure in figures} for name in shown},
    }


def gain(rows: Sequence[Row], name: str, figure: str, seed: int) -> Gain:
    """A figure of a row and its paired difference to bicubic enlargement, means over patients with their intervals."""
    ours, plain = (by_patient(rows, column(rows, which, figure)) for which in (name, BASELINE))
    mean, interval = mean_and_interval(ours.tolist(), seed)
    difference, around = mean_and_interval((ours - plain).tolist(), seed)
    values = {"mean": mean, "ci95": interval, "bicubic": float(plain.mean()), "gain": difference, "gain_ci95": around}
    return {key: rounded(value) for key, value in values.items()}


def rounded(value: Any) -> Any:
    """A number, or those of an interval, to four decimals."""
    return value if value is None else [round(v, 4) for v in value] if isinstance(value, tuple) else round(value, 4)


def facts(header: dict[str, Any], data: str) -> dict[str, Any]:
    """What the card says of a table's header, and of the data set that was trained and tested on."""
    used = {key: {name: value for name, value in header[key].items() if name.split(",")[0] == data} for key in OF_DATA}
    return {key: header[key] for key in KEPT} | used


def patients(folder: Path) -> list[str]:
    """The keys of those whose images were trained on, for `evaluate` to look for."""
    return sorted({row["patient"] for row in data_set.read(folder, "train")})


def size_bytes(network: nn.Module) -> int:
    """Of all tensors of a network."""
    return sum(tensor.nbytes for tensor in network.state_dict().values())


def lost(study: Study, trial: Trial, own: Path, seed: int, network: nn.Module, kernels: torch.dtype) -> float | None:
    """The PSNR in dB that kernels lose in the file, on some of the trial's test images; None where they are kept in full."""
    if kernels == torch.float32:
        return None
    ways = {"full": way(network, "cpu"), "stored": way(as_read(network, kernels), "cpu")}
    some = items(trial, own / "data" / trial.data, seed, None, "cpu")[:LOOKED_AT]
    rows = scored(study, some, ways, trial.scale, None, lambda steps: None)
    return round(float((column(rows, "full", "psnr") - column(rows, "stored", "psnr")).mean()), 4)
