"""The options of training, each declared once with its default, help and choices. It imports no torch: `--help` is quick."""

import math
from dataclasses import dataclass

from radloupe.core.keywords import option
from radloupe.inference.options import DEVICES, PRECISIONS

BUDGETS = ("paper", "small")


@dataclass(frozen=True)
class RunOptions:
    """Options of a run besides its recipe; on one device only `precision` changes the weights."""

    devices: int = option(1, "Processes or accelerators that share each batch.")
    device: str = option("auto", "Device of training", DEVICES)
    precision: str = option("32", "Floating-point precision of training", PRECISIONS)
    workers: int = option(0, "Processes that prepare batches ahead.")
    max_minutes: float = option(math.inf, "Minutes after which training stops cleanly; `resume` continues it.")
    resume: bool = option(False, "Continue the run, to the bit.")
    tensorboard: bool = option(False, "Write events and images for TensorBoard as well.")


@dataclass(frozen=True)
class TrainOptions(RunOptions):
    """Options of a run, and the variant of its recipe."""

    budget: str = option("paper", "The recipe's own budget, or small networks and few steps for trials", BUDGETS)
    network: str | None = option(None, "A network in place of the recipe's generator.")
