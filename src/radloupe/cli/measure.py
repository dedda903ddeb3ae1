"""`radloupe measure`."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from radloupe.cli import batch, console
from radloupe.cli.options import MODALITY, PATIENTS, WEIGHTS, declared, listing
from radloupe.core.errors import InputError
from radloupe.evaluation.evaluate_options import EvaluateOptions
from radloupe.formats.contents import listed, survey
from radloupe.formats.found import Aside, Found
from radloupe.metrics import METRICS

if TYPE_CHECKING:
    from radloupe.evaluation.patient_table import PatientTable


def measure(
    image: Path = typer.Argument(help="An image, or a folder of images."),
    truth: Path = typer.Argument(help="The true image, or the folder of true images with the same names."),
    protocol: str = declared(EvaluateOptions, "protocol"),
    scale: int | None = typer.Option(
        None, min=1, help="Factor of the enlargement, for gains over bicubic; 4 for aid's border if not given."
    ),
    low: Path | None = typer.Option(None, help="The image that was enlarged, or the folder of them, for gains over bicubic."),
    patients: Path | None = PATIENTS,
    metric: list[str] = typer.Option([], help=listing("A metric to add; can be repeated", METRICS)),
    patch: int | None = typer.Option(None, min=1, help="Score patches of this side instead of whole slices."),
    modality: str | None = MODALITY,
    weights: Path | None = WEIGHTS,
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Score images against the truth, in the anatomy first: PSNR, SSIM, gains over bicubic, and the protocol's metrics."""
    from radloupe.evaluation.patient_table import PatientTable, read_table
    from radloupe.evaluation.scoring import flat_metrics, summary
    from radloupe.metrics import protocol as scoring
    from radloupe.metrics.anatomy_mask import WHOLE
    from radloupe.metrics.inside import nested
    from radloupe.metrics.protocol_settings import SCALE

    chosen = scoring.protocol_named(protocol)
    missing = scoring.unavailable(scoring.protocol_metrics(chosen, metric), weights)
    settings = scoring.settings(chosen, scale or SCALE) | {"patch": patch}
    table = read_table(patients) if patients else PatientTable()
    score = partial(flat_metrics, protocol=protocol, scale=scale, more=metric, patch=patch, weights=weights)
    find_low = partial(low_of, image=image, low=low)
    rows: list[batch.Row] = []
    aside: list[Aside] = []
    with console.notes_for_warnings():
        for item in partners(image, truth):
            found = item if isinstance(item, Aside) else batch.attempt(item.input, partial(scored, item, score, find_low, table, modality))
            if isinstance(found, Aside):
                aside.append(found)
            else:
                rows.append(found)
    found_patients = [row.pop("patient") for row in rows]
    all_rows = summary([{key: value for key, value in row.items() if key != "name"} for row in rows], found_patients)
    if as_json:
        whole = {"protocol": protocol, "settings": settings, "images": [{"name": row["name"], **nested(row)} for row in rows]}
        means = {"mean": nested(all_rows.mean), "ci95": nested(all_rows.ci95), "patients": all_rows.patients}
        odd = {"without_anatomy": all_rows.without_anatomy, "unavailable": missing}
        console.print_json(whole | means | odd | {"set_aside": [batch.row_of(item, item) for item in aside]})
    elif rows:
        typer.echo(f"protocol {protocol}: " + "; ".join(f"{key} {value}" for key, value in settings.items() if value is not None))
        console.print_table(shown(rows, all_rows.mean))
        if all_rows.without_anatomy:
            console.note(f"{WHOLE} in {all_rows.without_anatomy} of {len(rows)} images: its metrics cover all pixels but the rim there.")
        for name, why in missing.items():
            console.note(f"{name} is unavailable: it {why}.")
    if len(rows) + len(aside) > 1:
        for item in aside:
            console.note(f"{item.input}: {item.status}: {item.reason}")
    batch.finish(len(rows), aside)


def shown(rows: Sequence[batch.Row], mean: Mapping[str, float]) -> list[batch.Row]:
    """Lines for a terminal, with the means last; without metrics that no image has."""
    lines = [*rows, {"name": "mean", **mean}]
    metrics = [name for name in mean if any(not math.isnan(line.get(name, math.nan)) for line in lines)]
    return [{"name": line["name"]} | {name: known_or_none(line.get(name, math.nan)) for name in metrics} for line in lines]


def known_or_none(value: float) -> float | str:
    """A metric as a cell: `none` where it is NaN."""
    return "none" if math.isnan(value) else value


@dataclass(frozen=True)
class Pair:
    """An image and its truth: files, or folders of one series each."""

    input: Path
    truth: Path


def scored(
    pair: Pair,
    score: Callable[..., dict[str, Any]],
    find_low: Callable[[Pair], Path | None],
    table: "PatientTable",
    modality: str | None = None,
) -> batch.Row:
    """Row of a pair, with the key of its patient, empty for an unknown one."""
    from radloupe import formats

    read = partial(formats.read, modality=modality)
    truth, low = read(pair.truth), find_low(pair)
    found = score(read(pair.input), truth, low=read(low) if low else None)
    patient = table.stated_patient(pair.truth.name, truth)
    return {"name": pair.input.name, "patient": patient.key if patient else "", **found}


def low_of(pair: Pair, image: Path, low: Path | None) -> Path | None:
    """Low image of a pair: the named file, or the file of the same name in a folder; raises `InputError` for none."""
    path = low if low is None or pair.input == image else low / pair.input.name
    if path and not path.exists():
        raise InputError(f"Expected the low image of {pair.input.name} at {path}, found none. Name it as the enlarged one, or drop --low.")
    return path


def partners(image: Path, truth: Path) -> list[Pair | Aside]:
    """Pairs of two files or folders by name, and inputs set aside (no partner, no image); raises `InputError` without pairs."""
    for path in (image, truth):
        if not path.exists():
            raise InputError(f"There is no file or folder {path}.")
    if image.is_dir() != truth.is_dir():
        raise InputError(f"Expected two files or two folders, found one of each: {image} and {truth}.")
    if not image.is_dir():
        return [Pair(image, truth)]
    ours, theirs = survey(image), survey(truth)
    if is_series(ours[0]):
        return [Pair(image, truth), *ours[1], *theirs[1]]
    one, other = named(image, ours[0]), named(truth, theirs[0])
    pairs = [Pair(one[name], other[name]) for name in sorted(one.keys() & other.keys())]
    aside = {item.input.name: item for item in (*ours[1], *theirs[1])}
    lonely = [alone(path, image, truth) for path in (one | other).values() if path.name not in (one.keys() & other.keys()) | aside.keys()]
    if not (pairs or aside or lonely):
        raise InputError(f"Expected images in {image}, found none.")
    return [*pairs, *sorted((*aside.values(), *lonely), key=lambda item: item.input.name)]


def alone(path: Path, image: Path, truth: Path) -> Aside:
    """An image set aside for lack of a partner of its name."""
    error = InputError(f"Expected the same names in {image} and {truth}, found {path} without a partner.")
    return Aside(path, str(error), error)


def named(folder: Path, found: list[Found]) -> dict[str, Path]:
    """Image files and subfolders of a folder by name."""
    return {path.name: path for path in (*(file for item in found for file in item.files), *listed(folder)[1])}


def is_series(found: list[Found]) -> bool:
    """Whether a folder holds one DICOM series rather than images to score one by one."""
    return len(found) == 1 and bool(found[0].name)
