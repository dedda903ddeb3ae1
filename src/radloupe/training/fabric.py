"""Devices and processes of a training run, by Lightning Fabric."""

import json
import logging
import pickle
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

from lightning_fabric import Fabric
from lightning_fabric.utilities.exceptions import MisconfigurationException
from torch import distributed
from torch.multiprocessing.spawn import ProcessRaisedException

from radloupe.core.errors import RadloupeError, UsageError
from radloupe.inference.engines import choose_device
from radloupe.training.journal import LAST

FAILURE = "failure.pickle"
PRECISIONS: Mapping[str, Literal["32-true", "bf16-mixed"]] = {"32": "32-true", "bf16": "bf16-mixed"}


def make_fabric(accelerator: str, devices: int, precision: str) -> Fabric:
    """Lightning Fabric with these devices; raises `UsageError` for unavailable ones."""
    strategy = "ddp_spawn" if devices > 1 else "auto"
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # Fabric prints its settings
    try:
        return Fabric(accelerator=choose_device(accelerator), devices=devices, strategy=strategy, precision=PRECISIONS[precision])
    except (RuntimeError, ValueError, MisconfigurationException) as error:
        raise UsageError(f"Cannot train with the `device` {accelerator} and `devices` {devices}: {error}") from error


def launch(fabric: Fabric, work: Callable[[Fabric], dict[str, Any]], run: Path) -> dict[str, Any]:
    """Run the work in several processes; an exception of one is raised here unchanged."""
    failure = run / FAILURE
    failure.unlink(missing_ok=True)
    try:
        fabric.launch(partial(guarded, work=work, failure=failure))  # arguments in a partial, where Fabric does not look into them
    except ProcessRaisedException:
        if not failure.exists():
            raise
        pickled = failure.read_bytes()
        failure.unlink()
        raise pickle.loads(pickled) from None  # noqa: S301  written by our own child a moment ago
    return dict(json.loads((run / LAST).read_text()))


def guarded(fabric: Fabric, work: Callable[[Fabric], dict[str, Any]], failure: Path) -> None:
    """The work of one process, which writes its error to a file for the parent."""
    try:
        work(fabric)
    except RadloupeError as error:
        failure.write_bytes(pickle.dumps(error))
        raise
    fabric.barrier()  # a process that exits while another still communicates would be aborted by its communication threads
    if distributed.is_initialized():
        distributed.destroy_process_group()
