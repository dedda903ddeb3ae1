"""Checkpoints: weights, optimisers, averages, image pools and the step, written atomically and verified on reading."""

import json
import warnings
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from radloupe.core import files
from radloupe.core.errors import RadloupeWarning, WeightsError
from radloupe.zoo.old_recipes import discriminator_name, tensor_name

CHECKPOINTS, BEST = "checkpoints", "best"
NAMES = TENSORS, FACTS = "state.safetensors", "state.json"
"""Names of a checkpoint's files, which may be overwritten whatever their content: a damaged one is written again."""
KEPT = 2  # checkpoints besides the best: one may be damaged while the other is written


@dataclass
class State:
    """Training state. Random numbers depend on the step's number alone, so nothing else is needed to resume."""

    networks: dict[str, nn.Module]
    optimisers: dict[str, list[torch.optim.Optimizer]]
    averages: dict[str, AveragedModel] = field(default_factory=dict)
    """EMAs of the weights, for the networks that have one, which are measured and published."""
    pools: dict[str, Tensor] = field(default_factory=dict)
    """Stored fakes of the image pools."""
    step: int = 0
    best: float | None = None
    """Highest validation score so far."""

    def published(self, name: str) -> nn.Module:
        """The network that is measured: its EMA where it has one."""
        return self.averages[name].module if name in self.averages else self.networks[name]


def tensors(state: State) -> dict[str, Tensor]:
    """All tensors of a state by flat names."""
    named = {f"network/{name}/{k}": v for name, net in state.networks.items() for k, v in net.state_dict().items()}
    named |= {f"average/{name}/{k}": v for name, mean in state.averages.items() for k, v in mean.state_dict().items()}
    named |= {f"pool/{name}": images for name, images in state.pools.items()}
    for name, several in state.optimisers.items():
        for index, optimiser in enumerate(several):
            for number, slots in optimiser.state_dict()["state"].items():
                named |= {f"optimiser/{name}/{index}/{number}/{slot}": torch.as_tensor(value) for slot, value in slots.items()}
    return {k: v.detach().cpu().contiguous().clone() for k, v in named.items()}  # safetensors refuses tensors that share memory


def store(state: State, run: Path, best: bool = False) -> None:
    """Write a checkpoint in one step and drop the oldest; the previous ones stay whole until then.

    Raises `LimitError` on a full disk, with the bytes that were needed.
    """
    data = save(tensors(state))
    target = run / CHECKPOINTS / (BEST if best else f"{state.step:08d}")
    with files.atomic(target, overwrite=True, folder=True, needed_bytes=len(data), names=NAMES) as folder:
        (folder / TENSORS).write_bytes(data)
        (folder / FACTS).write_text(json.dumps({"step": state.step, "best": state.best, "sha256": files.sha256(data)}))
    for old in numbered(run)[:-KEPT]:
        files.remove_names(old, NAMES)


def numbered(run: Path) -> list[Path]:
    """The checkpoints of a run but for the best, oldest first."""
    return sorted(path for path in (run / CHECKPOINTS).glob("*") if path.name.isdigit())


def newest(run: Path) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """Record and tensors of the newest complete checkpoint, None where there is none; damaged ones are skipped with a `RadloupeWarning`.

    Raises `WeightsError` when all are damaged.
    """
    problems = []
    for folder in reversed(numbered(run)):
        try:
            found = read(folder)
        except WeightsError as error:
            problems.append(str(error))
            continue
        for problem in problems:
            warnings.warn(f"{problem} The one before it is used.", RadloupeWarning, stacklevel=2)
        return found
    if problems:
        raise WeightsError(f"{problems[0]} Remove {run / CHECKPOINTS} to start again.")
    return None


def read(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The record and the tensors of one checkpoint; raises `WeightsError` for a damaged one."""
    try:
        record = json.loads((folder / FACTS).read_text())
        data = (folder / TENSORS).read_bytes()
    except (OSError, ValueError) as error:
        raise WeightsError(f"The checkpoint {folder} cannot be read: {error}.") from error
    if files.sha256(data) != record["sha256"]:
        raise WeightsError(f"The checkpoint {folder} is damaged: its sha256 is not the recorded one.")
    return record, load(data)


def restore(state: State, run: Path) -> bool:
    """Load a run's newest checkpoint into `state`; False where there is none. Raises `WeightsError` for one of another recipe."""
    found = newest(run)
    if found is None:
        return False
    record, named = found
    try:
        fill(state, named)
    except (RuntimeError, KeyError, ValueError) as error:
        raise WeightsError(f"The checkpoint in {run} is of another recipe: {error}. Choose another `run`.") from error
    state.step, state.best = record["step"], record["best"]
    return True


def fill(state: State, named: dict[str, Tensor]) -> None:
    """Load tensors named by `tensors` into a state."""

    def part(prefix: str) -> dict[str, Tensor]:
        return {k.removeprefix(prefix): v for k, v in named.items() if k.startswith(prefix)}

    named = current_names(named, state.networks)
    for name, network in state.networks.items():
        network.load_state_dict(part(f"network/{name}/"))
    for name, average in state.averages.items():
        average.load_state_dict(part(f"average/{name}/"))
    for name, several in state.optimisers.items():
        for index, optimiser in enumerate(several):
            slots: dict[int, dict[str, Tensor]] = {}
            for key, value in part(f"optimiser/{name}/{index}/").items():
                number, slot = key.split("/")
                slots.setdefault(int(number), {})[slot] = value
            optimiser.load_state_dict(optimiser.state_dict() | {"state": slots})
    state.pools = part("pool/")


def current_names(named: dict[str, Tensor], networks: Collection[str]) -> dict[str, Tensor]:
    """The tensors of a checkpoint under the names of a recipe's networks; earlier versions called every discriminator a critic."""
    found = {}
    for key, value in named.items():
        kind, name, *rest = key.split("/")
        if name not in networks:
            name, rest = discriminator_name(name), [tensor_name(one) if kind == "pool" else one for one in rest]
        found["/".join((kind, name, *rest))] = value
    return found
