"""`radloupe degrade`."""

from pathlib import Path

import typer

from radloupe.cli import batch, paths
from radloupe.cli.options import MODALITY, listing
from radloupe.core.errors import UsageError
from radloupe.degradation.presets import PRESETS


def degrade(
    inputs: list[Path] = typer.Argument(help="DICOM files or series folders, NIfTI, MetaImage, NRRD, PNG, TIFF or JPEG."),
    output: Path = typer.Option(..., "-o", "--output", help="File, or folder for a series or many inputs."),
    preset: str = typer.Option(..., help=listing("Degradation to low-resolution images", PRESETS)),
    scale: int = typer.Option(..., min=1, help="Factor by which rows and columns are reduced."),
    seed: int = typer.Option(0, help="Seed of random parameters; each further input takes the next seed."),
    settings: list[str] = typer.Option([], "--set", help="A parameter of the preset, such as k=10; can be repeated."),
    modality: str | None = MODALITY,
    recursive: bool = typer.Option(False, help="Look into the folders inside folders, and keep their layout."),
    overwrite: bool = typer.Option(False, help="Replace outputs that exist."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Make low-resolution images from high ones: same unit, right geometry, the parameters in the history."""
    from radloupe import degradation

    changes = dict(map(assignment, settings))
    side = degradation.SIDE * scale
    degradation.sample(preset, (side, side), scale, seed, changes)  # a wrong preset or setting is reported once, not for each input
    items = paths.outputs(inputs, output, recursive)
    seeds = {job.output: seed + number for number, job in enumerate(item for item in items if isinstance(item, paths.Job))}
    how = (preset, scale, changes, modality)
    batch.each(items, overwrite, lambda job: degrade_file(job, *how, seeds[job.output], overwrite), line, as_json)


def assignment(text: str, option: str = "--set") -> tuple[str, str]:
    """Name and value of an option's `name=value`; raises `UsageError` for other text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"Expected {option} name=value, found {option} {text}.")
    return name.strip(), value.strip()


def degrade_file(
    job: paths.Job, preset: str, scale: int, settings: dict[str, str], modality: str | None, seed: int, overwrite: bool
) -> batch.Row:
    """Read, degrade and write one image, and return its row of the report."""
    from radloupe import degradation, formats

    image = formats.read(job.source, modality=modality)
    low = degradation.degrade(image, preset, scale, seed, settings)
    formats.write(low, job.output, overwrite, form=job.form, inputs=[job.input])
    return {
        "input": str(job.input),
        "output": str(job.output),
        "preset": preset,
        "scale": scale,
        "seed": seed,
        "shape_in": list(image.shape),
        "shape_out": list(low.shape),
        "history": low.history[-1],
    }


def line(row: batch.Row) -> str:
    """Text of the row of a finished image."""
    return f"{row['output']}  {'x'.join(map(str, row['shape_out']))}  {row['preset']}  seed {row['seed']}"
