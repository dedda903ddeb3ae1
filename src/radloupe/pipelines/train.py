"""Training of a recipe on a folder of data: look up and change the recipe, open its data, start or resume the run."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from radloupe.core import files
from radloupe.core.errors import UsageError
from radloupe.papers.small_budget import chosen
from radloupe.training.open_data import open_sources
from radloupe.training.run_options import RunOptions, TrainOptions

Row = dict[str, Any]
DEFAULTS = TrainOptions()


def train(
    recipe: str,
    data: str | Path,
    run: str | Path,
    *,
    settings: Mapping[str, str] | None = None,
    budget: str = DEFAULTS.budget,
    network: str | None = None,
    devices: int = DEFAULTS.devices,
    device: str = DEFAULTS.device,
    precision: str = DEFAULTS.precision,
    workers: int = DEFAULTS.workers,
    max_minutes: float = DEFAULTS.max_minutes,
    resume: bool = False,
    tensorboard: bool = False,
    report: Callable[[Row], None] | None = None,
) -> Row:
    """Training of a recipe into a run folder with `config.json`, `journal.jsonl` and `checkpoints/` (extra `train`).

    Args:
        recipe: A name of `radloupe recipes`.
        data: A folder of `radloupe dataset`, or of images where the recipe takes pairs.
        run: The folder of the run.
        settings: Values by their dotted path in the recipe, such as `{"data.batch": "8"}`.
        budget: `paper`, or `small` for small networks and few steps.
        network: A registered architecture in place of the recipe's generator (`radloupe.networks.register_network`).
        devices: Processes or accelerators that share each batch.
        device: `auto`, `cpu` or `cuda`.
        precision: `32` or `bf16`.
        workers: Processes that prepare batches ahead.
        max_minutes: Time after which training stops cleanly.
        resume: Whether to continue the run, to the bit.
        tensorboard: Whether to write events for TensorBoard.
        report: Callback for each row of the journal.

    Returns:
        The last record: `step`, `steps`, `finished` and `best`.

    Raises:
        UsageError: For an unknown recipe or setting, a run that exists, or without the extra `train`.
        InputError: For data that do not suit the recipe.
        RadloupeError: For a loss that is not finite.

    >>> train("nothing", "data", "run")
    Traceback (most recent call last):
    radloupe.core.errors.UsageError: Unknown recipe 'nothing'...

    """
    data, run = Path(data), Path(run)
    files.check_working_folder(run, [data])
    try:
        from radloupe.training.loop import train as run_recipe
        from radloupe.training.recorder import quiet
    except ModuleNotFoundError as error:
        raise UsageError(f"Training needs the extra [train] ({error.name} is missing). Run: pip install 'radloupe[train]'.") from error
    plan = chosen(recipe, budget, settings or {}, network)
    options = RunOptions(devices, device, precision, workers, max_minutes, resume, tensorboard)
    return run_recipe(plan, open_sources(plan, data), run, options, report or quiet)
