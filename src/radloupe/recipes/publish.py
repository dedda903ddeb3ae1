"""From any run to a model folder."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from radloupe import files
from radloupe.nets.spec import Spec
from radloupe.nets.survey import trainable
from radloupe.train.journal import rows
from radloupe.train.publish import network_of, recipe_of
from radloupe.zoo.manifest import Manifest
from radloupe.zoo.publish import publish


def publish_run(
    run: Path, name: str, folder: Path, best: bool = False, trained_on: str = "", licence: str = "unstated", overwrite: bool = False
) -> Manifest:
    """Write the published network of a run with its manifest and card. Raises `UsageError`, `WeightsError`."""
    files.check_output(folder, overwrite)
    recipe = recipe_of(run)
    network = network_of(recipe, run, best=best)
    spec: Spec = network.spec  # type: ignore[assignment]
    net = recipe.nets["generator"]
    manifest = Manifest(
        name=name,
        modality=recipe.modality,
        scale=recipe.scale,
        network=net.row,
        arguments=dict(net.settings),
        parameters=trainable(network),
        reach=spec.reach if math.isfinite(spec.reach) else None,
        sha256="",
        bytes=0,
        trained_on=trained_on or "not stated",
        degradation=recipe.data.degradation,
        metrics=validation(run, best),
        licence=licence,
        bf16_loss_db=None,
        training=json.loads(json.dumps(asdict(recipe))) | {"journal": journal(run)},
    )
    return publish(network, manifest, folder)


def validation(run: Path, best: bool) -> dict[str, Any]:
    """The figures of the validation split that belong to the published checkpoint."""
    found = [row for row in rows(run) if "validation" in row]
    if not found:
        return {}
    row = max(found, key=lambda one: float(one["validation"])) if best else found[-1]
    return {name: row[name] for name in ("step", "validation_psnr", "validation_loss") if name in row} | {"split": "validation"}


def journal(run: Path) -> dict[str, object]:
    """Steps and losses of a run: the first and the mean of the last ten that were written down."""
    found = [row for row in rows(run) if "total" in row]
    if not found:
        return {}
    last = [row["total"] for row in found[-10:]]
    return {"steps": found[-1]["step"], "first_loss": found[0]["total"], "last_loss": round(sum(last) / len(last), 6)}
