"""`radloupe measure`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import typer

from radloupe.cli import batch, console
from radloupe.errors import InputError
from radloupe.formats.contents import Aside, Found, listed, survey


def measure(
    image: Path = typer.Argument(help="An image, or a folder of images."),
    truth: Path = typer.Argument(help="The true image, or the folder of true images with the same names."),
    protocol: str = typer.Option("plain", help="How to score: plain, ttsr, xpgan, mri, uct, aid."),
    scale: int = typer.Option(4, min=1, help="Factor of super-resolution that the border of aid follows."),
    metric: list[str] = typer.Option([], help="A figure to add, such as ms_ssim, nrmse, hfen, frc_cutoff; may be repeated."),
    patch: int | None = typer.Option(None, min=1, help="Score patches of this side instead of whole slices."),
    weights: Path | None = typer.Option(None, envvar="RADLOUPE_WEIGHTS", help="Folder of the weights of LPIPS."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Score images against the truth: PSNR, SSIM, variance of Laplacian and what the protocol adds."""
    from radloupe.metrics import protocol as scoring
    from radloupe.metrics.statistics import mean_and_interval

    chosen = scoring.protocol_named(protocol)
    missing = scoring.unavailable(scoring.figures_of(chosen, metric), weights)
    settings = scoring.settings(chosen, scale) | {"patch": patch}
    score = partial(scoring.measure, protocol=protocol, scale=scale, more=metric, patch=patch, weights=weights)
    rows: list[batch.Row] = []
    aside: list[Aside] = []
    with console.notes_for_warnings():
        for item in partners(image, truth):
            found = item if isinstance(item, Aside) else batch.attempt(item.input, partial(scored, item, score))
            if isinstance(found, Aside):
                aside.append(found)
            else:
                rows.append(found)
    figures = [key for key in rows[0] if key != "name"] if rows else []
    summary = {key: mean_and_interval([row[key] for row in rows]) for key in figures}
    mean, interval = ({key: pair[place] for key, pair in summary.items()} for place in (0, 1))
    if as_json:
        whole = {"protocol": protocol, "settings": settings, "images": rows, "mean": mean, "ci95": interval, "unavailable": missing}
        console.print_json(whole | {"set_aside": [batch.row_of(item, item) for item in aside]})
    elif rows:
        typer.echo(f"protocol {protocol}: " + "; ".join(f"{key} {value}" for key, value in settings.items() if value is not None))
        console.print_table([*rows, {"name": "mean", **mean}])
        for name, why in missing.items():
            console.note(f"{name} is unavailable: it {why}.")
    if len(rows) + len(aside) > 1:
        for item in aside:
            console.note(f"{item.input}: {item.status}: {item.reason}")
    batch.finish(len(rows), aside)


@dataclass(frozen=True)
class Pair:
    """An image and its truth: files, or folders that are a series each."""

    input: Path
    truth: Path


def scored(pair: Pair, score: Callable[..., dict[str, Any]]) -> batch.Row:
    """The row of a pair."""
    from radloupe import formats

    return {"name": pair.input.name, **score(formats.read(pair.input), formats.read(pair.truth))}


def partners(image: Path, truth: Path) -> list[Pair | Aside]:
    """The pairs of two files or folders, by name, and what has no partner or is no image; raises `InputError` where there are no pairs."""
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
    """An image without a partner of its name."""
    error = InputError(f"Expected the same names in {image} and {truth}, found {path} without a partner.")
    return Aside(path, str(error), error)


def named(folder: Path, found: list[Found]) -> dict[str, Path]:
    """The image files of a folder, and the folders inside it, by name."""
    return {path.name: path for path in (*(file for item in found for file in item.files), *listed(folder)[1])}


def is_series(found: list[Found]) -> bool:
    """Whether a folder holds one DICOM series rather than images to score one by one."""
    return len(found) == 1 and bool(found[0].name)
