"""The specification of a paper's table as plain values: rows, columns, data, metrics, claims."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from radloupe.papers.recipes import RECIPES
from radloupe.training.recipe import Recipe

BICUBIC, TRUTH = "bicubic", "truth"
STORED = "stored"
"""The degradation of columns whose test items hold their low images."""


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    name: str
    """As the paper prints it."""
    recipe: str | Recipe = BICUBIC
    """A name of `RECIPES` or a recipe; `bicubic` and `truth` are not trained."""
    clean: bool = False
    """Whether training uses bicubic low images instead of those of the data set."""

    seeds: int = 1
    """Training runs with seeds of their own: three or more where the paper claims less than 0.3 dB."""
    printed_row: str = ""
    """The paper's row whose values are shown beside it; empty for the one of its name."""

    @property
    def trained(self) -> Recipe | None:
        """The paper's recipe of the row; None where nothing is trained."""
        if isinstance(self.recipe, Recipe):
            return self.recipe
        return None if self.recipe in (BICUBIC, TRUTH) else RECIPES[self.recipe]


@dataclass(frozen=True)
class Column:
    """A column of the table: the data that rows are trained on, and how the test images are degraded."""

    name: str
    data: str
    """A name of the plan's datasets."""
    scale: int
    degradation: str
    """A preset, for the test images, or `stored`."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    test_items: Mapping[str, Any] = field(default_factory=dict)
    """Parameters that select the test items; all where it is empty."""
    translator: str = ""
    """A row whose translator the low image goes through first."""
    printed_column: str = ""
    """The paper's column that is shown beside it; empty for the one of its name."""


@dataclass(frozen=True)
class DatasetSpec:
    """A data set to train and test on."""

    builder: str
    """A name of `DATASETS`, or `module:attribute` of a builder of substitute data."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    """Paths of the builder's layout, and the files (a pattern below `data`) to link there."""
    folder: str = ""
    """Where it lies below --data, for sets that are not always there: their columns are left out where the folder is missing."""
    test: "DatasetSpec | None" = None
    """A separate data set for the test items."""
    tiny: Mapping[str, Any] = field(default_factory=dict)
    """Settings for tests."""


@dataclass(frozen=True)
class DataPlan:
    """The data of a table: the paper's own, or substitute data."""

    datasets: Mapping[str, DatasetSpec]
    columns: tuple[Column, ...]
    needs: tuple[str, ...] = ()
    """Patterns below `data` that must each match a file; empty for the paper's own data, which the builders find."""
    differs: tuple[str, ...] = ()
    """Deviations from the paper, one sentence each."""


@dataclass(frozen=True)
class TableMetric:
    """A metric of the table: a result of `metrics.protocol.measure`, or `high_frequency_error`."""

    name: str
    label: str
    low_is_good: bool = False


@dataclass(frozen=True)
class Claim:
    """A relation that the paper states: one row has a better value of a metric than another.

    Where the paper prints both values for a column, their order is the claim there, even against `better`; equal ones are none.
    """

    better: str
    worse: str
    metric: str
    columns: tuple[str, ...] = ()
    """The columns that the paper says it of; all where empty."""


def relations(better: str, worse: Iterable[str], metrics: Iterable[str], columns: tuple[str, ...] = ()) -> tuple[Claim, ...]:
    """The claims that a row is better than each of some others, in each of some metrics."""
    return tuple(Claim(better, other, metric, columns) for metric, other in product(metrics, worse))


@dataclass(frozen=True)
class PaperTable:
    """A table of a paper."""

    name: str
    caption: str
    rows: tuple[Row, ...]
    paper_data: DataPlan
    """With the paper's data."""
    substitute_data: DataPlan
    """With the data in hand."""
    protocol: str
    metrics: tuple[TableMetric, ...]
    claims: tuple[Claim, ...]
    side: int = 96
    """Side of a high patch for reduced networks, equal for every row whose discriminator allows it."""
    tiny_side: int = 32
    notes: tuple[str, ...] = ()
    heat_map_row: str = ""
    """The row whose denoising head is shown as heat maps."""

    @property
    def paper(self) -> str:
        """Folder name of its runs and data, shared by the paper's tables."""
        return self.name.split("/")[0]


PSNR, SSIM = TableMetric("psnr", "PSNR (dB)"), TableMetric("ssim", "SSIM")
REFERENCE_GAINS = (
    TableMetric("gain_by_truth", "Gain by the truth as reference (dB)"),
    TableMetric("gain_by_near", "Gain by a near view (dB)"),
    TableMetric("gain_by_reference", "Gain by the data set's reference (dB)"),
)
"""Of rows that take a reference: over an even grey in its place."""
