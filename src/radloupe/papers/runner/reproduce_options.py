"""The options of `radloupe reproduce`, each declared once with its default, help and choices. It imports no torch: `--help` is quick."""

# ruff: noqa: RUF009  calls that make fields, not values that instances share

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from radloupe.core.keywords import check_choices, option
from radloupe.inference.options import DEVICES, PRECISIONS

Networks = Literal["tiny", "small", "paper"]
NETWORK_SIZES: tuple[Networks, ...] = ("tiny", "small", "paper")


@dataclass(frozen=True, kw_only=True)
class ReproduceOptions:
    """How a table is made. The defaults are those of every caller. Raises `UsageError` for a value that is not among the choices."""

    minutes: float = option(math.inf, "Minutes to train now, all rows together; the same command again continues.")
    steps: int | None = option(None, "Steps of every row. Default: what the minutes leave room for.")
    networks: Networks | None = option(None, "Size of the networks; by default paper on a GPU and small without one", NETWORK_SIZES)
    seed: int = option(0, "Of data sets, weights, degradations and intervals.")
    seeds: int | None = option(None, "Training runs of each row. Default: one, three or five, as the claims ask for.")
    device: str = option("auto", "Where PyTorch trains and runs the networks", DEVICES)
    precision: str = option("32", "Floating-point precision of training", PRECISIONS)
    vgg19: Path | None = option(None, "File with VGG19's weights for perceptual losses; off without it.")
    weights: Path | None = option(None, "Folder of the weights of LPIPS.")
    images: bool = option(True, "Show test images beside the table, or spectra and heat maps alone.")

    def __post_init__(self) -> None:
        check_choices(self)
