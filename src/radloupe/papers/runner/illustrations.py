"""The illustrations beside a table: one test image enlarged by every row, and what some papers show further."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from radloupe import formats
from radloupe.data import dataset_manifest
from radloupe.data.loading import unit
from radloupe.degradation.blur import GaussianBlur, MotionBlur
from radloupe.degradation.compress import JPEG
from radloupe.degradation.noise import PoissonNoise
from radloupe.degradation.plain import to_low
from radloupe.degradation.step import Chain, run
from radloupe.evaluation.paired_metrics import ImageMetrics
from radloupe.papers.aid_srgan import activation
from radloupe.papers.runner import comparison_sheet
from radloupe.papers.runner.data_plan import folder_to_test
from radloupe.papers.runner.measurement import Enlarge, Item, enlarger, items, network
from radloupe.papers.runner.paper_table import Column, PaperTable
from radloupe.reports.compare import Panel, grey_levels
from radloupe.reports.parts import ImageRow

Titles = dict[str, str]
"""Titles of illustrations by their files' names."""
BLURRED: Mapping[str, Chain] = {
    "motion blur": (MotionBlur(11, 45.0),),
    "Gaussian blur": (GaussianBlur(11, 11, 2.0, 2.0),),
    "photon noise": (PoissonNoise(0, 0),),
    "motion, Gaussian blur, noise": (MotionBlur(11, 45.0), GaussianBlur(11, 11, 2.0, 2.0), PoissonNoise(0, 0)),
}
"""The degradations of AID-SRGAN one by one and together, at its largest kernels; JPEG at quality 3 follows the last (figure 3)."""
EXAMPLES = 5
"""Columns of the micro-CT paper's figures 3 to 5."""


def draw(one: Item, enlarge: Mapping[str, Enlarge], image: ImageMetrics, column: Column, path: Path, images: bool) -> None:
    """The illustration of a test image."""
    made = {name: method(one) for name, method in enlarge.items()}
    comparison_sheet.save(comparison_sheet.compared(one.low, one.high, made, image, column.scale, images), path)


def heat_maps(table: PaperTable, column: Column, one: Item, run_folder: Path, images: bool, output: Path) -> Titles:
    """The activation of the denoising head for one image under each degradation (AID-SRGAN, figure 3)."""
    row = next(row for row in table.rows if row.name == table.heat_map_row)
    lows = single_degradations(one.high, column.scale)
    maps = activation.heats(network(row, column, run_folder), lows, images)
    low_panels = [Panel(name, grey_levels(low, 0, 1)) for name, low in lows.items()]
    map_panels = [Panel(name, grey_levels(heat, 0, 1)) for name, heat in maps.items()]
    strips = [ImageRow("Low images", low_panels), ImageRow("Where the denoising head sees damage (white: most)", map_panels)]
    comparison_sheet.save(comparison_sheet.sheet(strips if images else strips[1:]), output / "heat.png")
    return {"heat.png": "Activation of the denoising head under each degradation by itself, and all together"}


def single_degradations(high: np.ndarray, scale: int) -> dict[str, np.ndarray]:
    """Low images 0 to 1 of an image of 8 bits: shrunk, then degraded in one way each, and in all ways."""
    shrink = to_low(high.shape, scale, "bicubic")
    chains: dict[str, Chain] = {"none": (shrink,), "JPEG": (shrink, JPEG(3))}
    chains |= {name: (*steps, shrink) for name, steps in BLURRED.items()}
    *_, everything = chains
    chains[f"{everything}, JPEG"] = (*chains.pop(everything), JPEG(3))
    return {name: np.clip(run(chain, high.astype(np.float64)) / 255, 0, 1).astype(np.float32) for name, chain in chains.items()}


def translations(table: PaperTable, column: Column, folder: Path, run_folder: Path, seed: int, output: Path, name: str) -> Titles:
    """Micro-CT, its reduced form and that translated (micro-CT paper, figure 3), and clinical patches enlarged (figures 4 and 5)."""
    row = next(row for row in table.rows if row.name == column.translator)
    translator = network(row, column, run_folder, "translator")
    plain, translated = (spread(items(column, folder, seed, given, "cpu")) for given in (None, translator))
    figure_3 = [
        ImageRow("Micro-CT", [panel(one.high) for one in plain]),
        ImageRow("Reduced", [panel(one.low) for one in plain]),
        ImageRow("Translated to clinical CT", [panel(one.low) for one in translated]),
    ]
    comparison_sheet.save(comparison_sheet.sheet(figure_3), output / f"{name}-translated.png")
    clinical = sorted(clinical_patches(folder), key=lambda one: float(one.low.std()))[-EXAMPLES:]  # others show air alone
    figure_4 = [ImageRow("Clinical CT", [panel(one.low) for one in clinical])]
    for other in table.rows:
        enlarge, _ = enlarger(other, column, run_folder, "cpu")
        figure_4.append(ImageRow(other.name, [panel(enlarge(one)) for one in clinical]))
    comparison_sheet.save(comparison_sheet.sheet(figure_4), output / f"{name}-clinical.png")
    return {
        f"{name}-translated.png": "Micro-CT, its reduced form, and the translation of that to clinical CT",
        f"{name}-clinical.png": "Patches of clinical CT enlarged by every row; there is no truth to compare with",
    }


def spread(found: Sequence[Item]) -> list[Item]:
    """A few images, spread over all."""
    return [found[index] for index in np.linspace(0, len(found) - 1, min(EXAMPLES, len(found))).round().astype(int)]


def clinical_patches(folder: Path) -> list[Item]:
    """The clinical test patches of a data set, as low images without a truth."""
    tests = folder_to_test(folder)
    rows = [row for row in dataset_manifest.read(tests, "test") if row["parameters"]["domain"] == "clinical"]
    images = [formats.read(tests / row["image"]).pixels[0, 0] for row in rows]
    return [Item(row["image"], row["patient"], pixels, pixels) for row, pixels in zip(rows, images, strict=True)]


def panel(pixels: np.ndarray) -> Panel:
    """Stored values as grey levels."""
    return Panel("", grey_levels(unit(pixels), 0, 1))
