"""The metrics of every row on every test image, under the paper's protocol."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt

from radloupe import formats
from radloupe.data.dataset_manifest import ManifestRow
from radloupe.data.degraded import lowered, radiograph
from radloupe.data.loading import unit
from radloupe.degradation import centred
from radloupe.evaluation.methods import interpolated as bicubic
from radloupe.evaluation.paired_metrics import ImageMetrics
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo
from radloupe.inference.options import InferenceOptions
from radloupe.inference.reference_input import conditioned_on
from radloupe.inference.super_resolve import super_resolve
from radloupe.metrics.metric import Stack, Values, per_image
from radloupe.metrics.protocol import measure, protocol_metrics, protocol_named
from radloupe.networks.adapters import blind, on_grey
from radloupe.networks.facts import trainable
from radloupe.networks.model import Model
from radloupe.networks.network import Network
from radloupe.papers.runner.data_plan import folder_to_test, high_role, rows_to_test
from radloupe.papers.runner.jobs import run_of
from radloupe.papers.runner.paper_table import REFERENCE_GAINS, STORED, TRUTH, Column, PaperTable, Row
from radloupe.training.runs import network_of, recipe_of

GreyPixels = UInt[np.ndarray, "y x"]
Low = UInt[np.ndarray, "v u"]


@dataclass(frozen=True)
class Item:
    """A test image and its low image, in stored values."""

    name: str
    patient: str
    low: Low
    high: GreyPixels
    reference: GreyPixels | None = None
    near: GreyPixels | None = None
    """A view of the same patient from nearby."""


Enlarge = Callable[[Item], GreyPixels]
AS_PAPERS = InferenceOptions(bounded=False, consistency="off", engine="torch", precision="32", tile="off", tile_bytes=0)
"""Papers measure what networks answer: whole images by PyTorch, without bounds, and without a correction for data consistency."""
OWN = ("high_frequency_error", *(metric.name for metric in REFERENCE_GAINS))
"""Metrics of the tables that are in no protocol."""


def items(column: Column, folder: Path, seed: int, translator: Network | None, device: str) -> list[Item]:
    """The test images of a column."""
    return [item(row, number, column, folder, seed, translator, device) for number, row in enumerate(rows_to_test(folder, column))]


def item(row: ManifestRow, number: int, column: Column, folder: Path, seed: int, translator: Network | None, device: str) -> Item:
    """A test image, degraded with a seed of its own and passed through the translator where there is one."""
    name = row[high_role(row)]
    others = {role: formats.read(folder_to_test(folder) / row[role]).pixels[0, 0] for role in ("reference", "near") if role in row}
    high = formats.read(folder_to_test(folder) / name).pixels[0, 0]
    height, width = (n // column.scale * column.scale for n in high.shape)
    high = np.ascontiguousarray(high[:height, :width])
    if column.degradation == STORED:
        low = formats.read(folder_to_test(folder) / row["low"]).pixels[0, 0]
    else:
        low, _ = lowered(high, column.degradation, column.scale, seed, "test", number, settings=column.settings)
    if translator is not None:
        low = enlarged(low, as_model(translator), device)
    return Item(name, row["patient"], low, high, **others)


def network(row: Row, column: Column, run_folder: Path, name: str = "generator", number: int = 0) -> Network:
    """A network of one of a row's trainings, as it was when the validation images scored highest."""
    run_of_row = run_of(row, column, run_folder, number)
    return network_of(recipe_of(run_of_row), run_of_row, name, best=True)


def enlarger(row: Row, column: Column, run_folder: Path, device: str, number: int = 0) -> tuple[Enlarge, int | None]:
    """What enlarges a test image as one of a row's trainings does, and how many parameters that has."""
    if row.trained is None:
        return (lambda one: one.high) if row.recipe == TRUTH else (lambda one: interpolated(one, column)), None
    trained = network(row, column, run_folder, number=number)
    return network_enlarger(trained, device), trainable(trained)


def network_enlarger(trained: Network, device: str) -> Enlarge:
    """A function that enlarges a test image by a network."""
    model = as_model(trained)
    return lambda one: enlarged(one.low, with_reference_of(one, model), device)


def as_model(trained: Network) -> Model:
    """A network of a table as a model of grey images; non-blind ones are conditioned on no blur and no noise."""
    return Model("a network of the table", blind(on_grey(trained)), "other", degradation="")


def interpolated(one: Item, column: Column) -> GreyPixels:
    """A test image by bicubic enlargement, onto the grid that the column's low pixels come from."""
    grid = column.degradation == STORED or centred(column.degradation, column.scale, column.settings)
    return bicubic(radiograph(one.low), column.scale, "bicubic", grid).pixels[0, 0]


def with_reference_of(one: Item, model: Model) -> Model:
    """The model with the reference of a test image, where it takes one."""
    if "reference" not in model.spec.needs or one.reference is None:
        return model
    return conditioned_on(model, in_unit_range(one.reference))


def enlarged(low: Low, model: Model, device: str) -> GreyPixels:
    """A low image super-resolved as by `rl.upscale`, but for what `AS_PAPERS` says."""
    large = super_resolve(in_unit_range(low), model, replace(AS_PAPERS, device=device)).run(check=False)
    top = np.iinfo(low.dtype).max
    return np.rint(np.clip(large.pixels[0, 0], 0, 1).astype(np.float64) * top).astype(low.dtype)


def in_unit_range(pixels: GreyPixels) -> Image:
    """Stored values as an image of values 0 to 1: papers feed networks the stored range, and not an image's own."""
    return Image(unit(pixels)[None, None], info=PixelInfo("unit", "XR"))


def score(one: Item, made: GreyPixels, table: PaperTable, scale: int, weights: Path | None) -> dict[str, float]:
    """The table's metrics of an image."""
    known = {metric.name for metric in protocol_metrics(protocol_named(table.protocol))}
    more = [metric.name for metric in table.metrics if metric.name not in (*known, *OWN)]
    found = measure(radiograph(made), radiograph(one.high), table.protocol, scale=scale, more=more, weights=weights)
    top = np.iinfo(one.high.dtype).max
    found["high_frequency_error"] = high_frequency_error(made / top, one.high / top, scale)
    found |= {metric.name: math.nan for metric in REFERENCE_GAINS}  # `reference_gain` measures rows that take a reference
    return {metric.name: found[metric.name] for metric in table.metrics}


def scored(
    table: PaperTable,
    found: Sequence[Item],
    enlargers: Mapping[str, Enlarge],
    scale: int,
    weights: Path | None,
    tick: Callable[[int], None],
    seed: int = 0,
) -> list[ImageMetrics]:
    """The metrics of every test image, by row; `seed` is that of the rows' training runs."""
    result = []
    for one in found:
        values = {name: score(one, enlarge(one), table, scale, weights) for name, enlarge in enlargers.items()}
        result.append(ImageMetrics(one.name, one.patient, values, seed=seed))
        tick(1)
    return result


@per_image
def high_frequency_error(image: Stack, truth: Stack, scale: int) -> Values:
    """Relative norm of the error's Fourier transform above the Nyquist frequency of the low image.

    That is above 0.5 / scale cycles per pixel along either axis, relative to the truth's norm there; zero where both are zero.
    """
    down, across = (torch.fft.fftfreq(n, dtype=torch.float64).abs() for n in image.shape[-2:])
    above = (down[:, None] > 0.5 / scale) | (across[None] > 0.5 / scale)
    error, all_there = (torch.fft.fft2(one)[:, above].abs().square().sum(-1).sqrt() for one in (image - truth, truth))
    return torch.where(all_there > 0, error / all_there, error)
