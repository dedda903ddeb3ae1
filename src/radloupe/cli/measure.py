"""`radloupe measure`."""

from functools import partial
from pathlib import Path
from typing import Any

import typer

from radloupe.cli import console
from radloupe.errors import InputError


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
    from radloupe import formats
    from radloupe.metrics import protocol as scoring
    from radloupe.metrics.statistics import mean_and_interval

    chosen = scoring.protocol_named(protocol)
    missing = scoring.unavailable(scoring.figures_of(chosen, metric), weights)
    settings = scoring.settings(chosen, scale) | {"patch": patch}
    score = partial(scoring.measure, protocol=protocol, scale=scale, more=metric, patch=patch, weights=weights)
    rows: list[dict[str, Any]] = []
    with console.notes_for_warnings():
        for name, one, other in partners(image, truth):
            rows.append({"name": name, **score(formats.read(one), formats.read(other))})
    figures = [key for key in rows[0] if key != "name"]
    summary = {key: mean_and_interval([row[key] for row in rows]) for key in figures}
    mean, interval = ({key: pair[place] for key, pair in summary.items()} for place in (0, 1))
    if as_json:
        whole = {"protocol": protocol, "settings": settings, "images": rows, "mean": mean, "ci95": interval, "unavailable": missing}
        console.print_json(whole)
        return
    typer.echo(f"protocol {protocol}: " + "; ".join(f"{key} {value}" for key, value in settings.items() if value is not None))
    console.print_table([*rows, {"name": "mean", **mean}])
    for name, why in missing.items():
        console.note(f"{name} is unavailable: it {why}.")


def partners(image: Path, truth: Path) -> list[tuple[str, Path, Path]]:
    """Names and paths of the pairs; raises `InputError` for a missing partner or an empty folder."""
    for path in (image, truth):
        if not path.exists():
            raise InputError(f"There is no file or folder {path}.")
    if image.is_dir() != truth.is_dir():
        raise InputError(f"Expected two files or two folders, found one of each: {image} and {truth}.")
    if not image.is_dir() or is_series(image):
        return [(image.name, image, truth)]
    ours, theirs = ({p.name: p for p in sorted(folder.iterdir()) if not p.name.startswith(".")} for folder in (image, truth))
    if lonely := sorted(ours.keys() ^ theirs.keys()):
        raise InputError(f"Expected the same names in {image} and {truth}; without partner: {', '.join(lonely[:5])}.")
    if not ours:
        raise InputError(f"Expected images in {image}, found none.")
    return [(name, ours[name], theirs[name]) for name in ours]


def is_series(folder: Path) -> bool:
    """Whether a folder holds DICOM files of one series rather than images to score one by one."""
    from radloupe.formats import detect

    files = [p for p in folder.iterdir() if p.is_file()]
    return bool(files) and all(detect(p).name == "dicom" for p in files)
