"""A training's state on disk: weights, optimisers and the step, written whole and read back with their fingerprints checked."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from radloupe import files
from radloupe.errors import WeightsError

CHECKPOINT = "checkpoint"


@dataclass
class State:
    """What changes while training. All randomness comes from the step's number, so nothing else is needed to go on."""

    network: nn.Module
    optimisers: list[torch.optim.Optimizer]
    average: AveragedModel
    """The running mean of the weights, which is what gets published."""
    step: int = 0


def tensors(state: State) -> dict[str, Tensor]:
    """Every tensor of a state under one flat name."""
    named = {f"network.{k}": v for k, v in state.network.state_dict().items()}
    named |= {f"average.{k}": v for k, v in state.average.state_dict().items()}
    for index, optimiser in enumerate(state.optimisers):
        for number, slots in optimiser.state_dict()["state"].items():
            named |= {f"optimiser.{index}.{number}.{slot}": torch.as_tensor(value) for slot, value in slots.items()}
    return {k: v.contiguous() for k, v in named.items()}


def store(state: State, run: Path) -> None:
    """Write the checkpoint of a run in one step; the previous one stays whole until then. Raises `LimitError` on a full disk."""
    data = save(tensors(state))
    with files.atomic(run / CHECKPOINT, overwrite=True, folder=True) as folder:
        (folder / "state.safetensors").write_bytes(data)
        (folder / "state.json").write_text(json.dumps({"step": state.step, "sha256": files.sha256(data)}))


def restore(state: State, run: Path) -> bool:
    """Bring `state` to a run's checkpoint; False where there is none. Raises `WeightsError` for a damaged one."""
    folder = run / CHECKPOINT
    if not folder.exists():
        return False
    try:
        record = json.loads((folder / "state.json").read_text())
        data = (folder / "state.safetensors").read_bytes()
    except (OSError, ValueError) as error:
        raise WeightsError(f"The checkpoint {folder} cannot be read: {error}. Remove it to start again.") from error
    if files.sha256(data) != record["sha256"]:
        raise WeightsError(f"The checkpoint {folder} is damaged: its sha256 is not the recorded one. Remove it to start again.")
    fill(state, load(data))
    state.step = record["step"]
    return True


def fill(state: State, named: dict[str, Tensor]) -> None:
    """Put tensors named by `tensors` back where they came from."""

    def part(prefix: str) -> dict[str, Tensor]:
        return {k.removeprefix(prefix): v for k, v in named.items() if k.startswith(prefix)}

    state.network.load_state_dict(part("network."))
    state.average.load_state_dict(part("average."))
    for index, optimiser in enumerate(state.optimisers):
        slots: dict[int, dict[str, Tensor]] = {}
        for name, value in part(f"optimiser.{index}.").items():
            number, slot = name.split(".")
            slots.setdefault(int(number), {})[slot] = value
        optimiser.load_state_dict(optimiser.state_dict() | {"state": slots})
