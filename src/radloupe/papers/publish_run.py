"""Publishing a training run as a model folder."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from radloupe.core import files
from radloupe.networks.network import Network
from radloupe.training.journal import rows
from radloupe.training.runs import network_of, recipe_of
from radloupe.zoo.form_table import FORMS
from radloupe.zoo.manifest import Manifest
from radloupe.zoo.publish import publish


def publish_run(
    run: Path,
    name: str,
    folder: Path,
    best: bool = False,
    trained_on: str = "",
    licence: str = "unstated",
    overwrite: bool = False,
    form: str = "folder",
) -> Manifest:
    """Write the published network of a run with its manifest and card, in a form of `FORMS`. Raises `UsageError`, `WeightsError`."""
    FORMS[form]
    files.check_output(folder, overwrite, [run])
    return publish(*described(run, name, best, trained_on, licence), folder, overwrite=overwrite, inputs=[run], form=form)


def described(run: Path, name: str, best: bool, trained_on: str, licence: str) -> tuple[Network, Manifest]:
    """The network of a run and its manifest, with the metrics on the validation split."""
    recipe = recipe_of(run)
    net = recipe.networks["generator"]
    return network_of(recipe, run, best=best), Manifest(
        name=name,
        modality=recipe.modality,
        scale=recipe.scale,
        network=net.architecture,
        arguments=dict(net.settings),
        trained_on=trained_on or "not stated",
        degradation=recipe.data.degradation,
        metrics=validation(run, best),
        licence=licence,
        engine_loss_db={},
        training=json.loads(json.dumps(asdict(recipe))) | {"journal": journal(run)},
    )


def validation(run: Path, best: bool) -> dict[str, Any]:
    """The metrics of the validation split that belong to the published checkpoint: the newest, or the best of the last phase."""
    found = [row for row in rows(run) if "validation" in row]
    if not found:
        return {}
    last = [row for row in found if row.get("phase") == found[-1].get("phase")]
    row = max(last, key=lambda row: row["validation"]) if best else found[-1]
    return {name: row[name] for name in ("step", "validation_psnr", "validation_loss") if name in row} | {"split": "validation"}


def journal(run: Path) -> dict[str, object]:
    """Steps and losses of a run: the first and the mean of the last ten that were written down."""
    found = [row for row in rows(run) if "total" in row]
    if not found:
        return {}
    last = [row["total"] for row in found[-10:]]
    return {"steps": found[-1]["step"], "first_loss": found[0]["total"], "last_loss": round(sum(last) / len(last), 6)}
