"""`radloupe upscale`."""

import time
from pathlib import Path

import typer

from radloupe.cli import batch, console, paths
from radloupe.cli.options import MODALITY, declared
from radloupe.cli.own_network import NETWORK, register
from radloupe.cli.projection_args import numbers, rows_columns
from radloupe.core import files
from radloupe.inference.options import UpscaleOptions


def upscale(
    inputs: list[Path] = typer.Argument(help="DICOM files or series folders, NIfTI, MetaImage, NRRD, PNG, TIFF or JPEG."),
    output: Path = typer.Option(..., "-o", "--output", help="File, or folder for a series or many inputs."),
    model: str | None = declared(UpscaleOptions, "model"),
    scale: float | None = declared(UpscaleOptions, "scale"),
    size: str | None = declared(UpscaleOptions, "size"),
    spacing: str | None = declared(UpscaleOptions, "spacing"),
    reference: Path | None = declared(UpscaleOptions, "reference"),
    tile: str = declared(UpscaleOptions, "tile"),
    memory: str = declared(UpscaleOptions, "memory"),
    quality: str = declared(UpscaleOptions, "quality"),
    engine: str = declared(UpscaleOptions, "engine"),
    precision: str = declared(UpscaleOptions, "precision"),
    device: str = declared(UpscaleOptions, "device"),
    consistency: str = declared(UpscaleOptions, "consistency"),
    denoise: str = declared(UpscaleOptions, "denoise"),
    sharpness: str = declared(UpscaleOptions, "sharpness"),
    uncertainty: Path | None = typer.Option(None, help="File, or folder, for the half widths of intervals around every pixel."),
    level: str = declared(UpscaleOptions, "level"),
    report_to: Path | None = typer.Option(None, "--report", help="Folder for a page on how far to trust the result, and its JSON."),
    strict: bool = declared(UpscaleOptions, "strict"),
    force: bool = declared(UpscaleOptions, "force"),
    modality: str | None = MODALITY,
    network: str | None = typer.Option(None, help=f"Network of the model folder. {NETWORK}"),
    recursive: bool = typer.Option(False, help="Look into the folders inside folders, and keep their layout."),
    overwrite: bool = typer.Option(False, help="Replace outputs that exist."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Super-resolve images: same unit, right geometry, derived DICOM."""
    from radloupe import formats
    from radloupe.zoo.load import find

    register(network)
    if model:
        find(model)  # an unknown name is reported once, not for each input
    sharp = formats.read(reference, modality=modality) if reference else None
    options = UpscaleOptions(
        model=model,
        scale=scale,
        size=rows_columns(size) if size else None,
        spacing=numbers(spacing, "--spacing X or X,Y in mm", (1, 2)) if spacing else None,
        reference=sharp,
        tile=tile,
        memory=memory,
        quality=quality,
        engine=engine,
        precision=precision,
        device=device,
        consistency=consistency,
        denoise=denoise,
        sharpness=sharpness,
        uncertainty=uncertainty is not None,
        level=level,
        strict=strict,
        force=force,
    )
    items = paths.outputs(inputs, output, recursive)
    several = len(items) > 1
    for beside in (uncertainty, report_to):
        if beside and not several:
            files.check_output(beside, overwrite, [*inputs, output])

    def work(job: paths.Job) -> batch.Row:
        further = [path and (path / paths.below(job.output, output) if several else path) for path in (uncertainty, report_to)]
        return upscale_file(job, options, overwrite, modality, *further)

    batch.each(items, overwrite, work, line, as_json, [reference] if reference else [])


def upscale_file(
    job: paths.Job, options: UpscaleOptions, overwrite: bool, modality: str | None, uncertainty: Path | None, report_to: Path | None
) -> batch.Row:
    """Read, super-resolve and write one image with its further outputs, and return its row of the report."""
    from radloupe import formats
    from radloupe.pipelines.trust_files import MiddleSlice, check_half_widths_path, write_half_widths, write_trust_page
    from radloupe.pipelines.upscale import prepare_upscale, report

    image = formats.read(job.source, modality=modality)
    begun = time.perf_counter()
    rows = image.pixels.shape[0] * image.shape[0] * image.shape[1]
    with console.progress(job.input.name, rows) as advance:
        result = prepare_upscale(image, options, on_rows=advance)
        if uncertainty:
            check_half_widths_path(result, uncertainty, job.output)
        kept = MiddleSlice(result.announced.pixels.shape)
        blocks = kept.tapped(result.checked_blocks()) if report_to else result.checked_blocks()
        formats.write(result.announced, job.output, overwrite, blocks, job.form, [job.input])
    apart = [job.input, job.output]
    if uncertainty:
        write_half_widths(result, uncertainty, job.output, overwrite, apart)
    row = report(result, begun)
    if report_to:
        write_trust_page(result, row, kept.pixels, report_to, overwrite, apart)
    return {"input": str(job.input), "output": str(job.output)} | row


def line(row: batch.Row) -> str:
    """Text of the row of a finished image."""
    shape = "x".join(map(str, row["shape_out"]))
    return f"{row['output']}  {shape}  {row['model']}  {row['engine']}  {row['seconds']} s{consistency_text(row['consistency'])}"


def consistency_text(found: dict[str, float | None]) -> str:
    """Text of the data consistency with its ceiling and caveat; empty for a random degradation."""
    if found["db"] is None:
        return ""
    ceiling = "" if found["ceiling_db"] is None else f"ceiling {found['ceiling_db']} dB; "
    return f"  consistency {found['db']} dB ({ceiling}necessary, not sufficient)"
