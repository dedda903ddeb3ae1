"""`radloupe upscale`."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from radloupe.cli import batch, console, paths

if TYPE_CHECKING:
    from radloupe.pipelines.upscale import Options


def upscale(
    inputs: list[Path] = typer.Argument(help="DICOM files or series folders, NIfTI, MetaImage, NRRD, PNG, TIFF or JPEG."),
    output: Path = typer.Option(..., "-o", "--output", help="File, or folder for a series or many inputs."),
    model: str | None = typer.Option(None, help="A model of `radloupe models`, or a model folder. Default: by modality and scale."),
    scale: int | None = typer.Option(None, help="Enlargement in plane. Default: 4, or the largest that fits."),
    reference: Path | None = typer.Option(None, help="A sharp image for models that need one."),
    tile: str = typer.Option("auto", help="auto, off, or the side of a tile in pixels."),
    memory: str = typer.Option("2GiB", help="Most memory to be resident, all in."),
    engine: str = typer.Option("auto", help="auto, torch, openvino or onnx."),
    precision: str = typer.Option("32", help="32 or bf16."),
    device: str = typer.Option("auto", help="auto, cpu or cuda."),
    strict: bool = typer.Option(False, help="Refuse a result of low consistency or with many bounded pixels (exit code 3)."),
    force: bool = typer.Option(False, help="Enlarge what looks like a label map as intensities."),
    recursive: bool = typer.Option(False, help="Look into the folders inside folders, and keep their layout."),
    overwrite: bool = typer.Option(False, help="Replace outputs that exist."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Super-resolve images: same unit, right geometry, derived DICOM."""
    from radloupe import formats
    from radloupe.pipelines.upscale import Options
    from radloupe.zoo.load import find

    if model:
        find(model)  # an unknown name is said once, not for each input
    sharp = formats.read(reference) if reference else None
    options = Options(model, scale, tile, memory, engine, precision, device, sharp, strict, force)
    items = paths.outputs(inputs, output, recursive)
    batch.each(items, overwrite, lambda job: upscale_file(job, options, overwrite), line, as_json, [reference] if reference else [])


def upscale_file(job: paths.Job, options: "Options", overwrite: bool) -> dict[str, Any]:
    """Read, enlarge and write one image; returns its row of the report."""
    from radloupe import formats
    from radloupe.inference.memory import peak_bytes
    from radloupe.pipelines.upscale import plan_work

    image = formats.read(job.source)
    begun = time.perf_counter()
    rows = image.pixels.shape[0] * image.shape[0] * image.shape[1]
    with console.progress(job.input.name, rows) as tick:
        work = plan_work(image, options, tick=tick)
        formats.write(work.image, job.output, overwrite, work.finish(options.strict), job.form, [job.input])
    seconds = time.perf_counter() - begun
    return {
        "input": str(job.input),
        "output": str(job.output),
        "model": work.model.name,
        "scale": work.model.spec.scale,
        "shape_in": list(image.shape),
        "shape_out": list(work.image.shape),
        "seconds": round(seconds, 3),
        "megapixels_per_s": round(work.image.pixels.size / 1e6 / seconds, 3),
        "peak_memory_bytes": peak_bytes(),
        "tiles": work.tiles,
        "engine": work.engine,
        "consistency_db": round_or_none(work.consistency.psnr()),
        "bounded_pixels": work.bound.changed,
        "notes": work.notes,
    }


def round_or_none(value: float | None) -> float | None:
    """Two decimals of a number, if there is one."""
    return None if value is None else round(value, 2)


def line(row: dict[str, Any]) -> str:
    """The row of an image that is done as text."""
    shape, found = "x".join(map(str, row["shape_out"])), row["consistency_db"]
    consistency = "" if found is None else f"  consistency {found} dB"  # none where the degradation is drawn at random
    return f"{row['output']}  {shape}  {row['model']}  {row['seconds']} s{consistency}"
