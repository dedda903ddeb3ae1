"""`radloupe register`."""

from pathlib import Path
from typing import Any

import typer

from radloupe.cli import console, projection_args
from radloupe.cli.options import MODALITY, declared
from radloupe.core import files
from radloupe.drr.register_options import RegisterOptions

Row = dict[str, Any]


def register(
    ct: Path = typer.Argument(help="A CT: DICOM series folder, NIfTI, MetaImage or NRRD."),
    xrays: list[Path] = typer.Argument(help="An X-ray image of the patient, or two from different directions."),
    output: Path | None = typer.Option(None, "-o", "--output", help="File for the pose as JSON; `radloupe project --view` takes it."),
    start: list[str] | None = declared(RegisterOptions, "start"),
    sdd: float | None = declared(RegisterOptions, "sdd"),
    sid: float | None = declared(RegisterOptions, "sid"),
    pixel: float | None = declared(RegisterOptions, "pixel"),
    seed: int = declared(RegisterOptions, "seed"),
    modality: str | None = MODALITY,
    report: Path | None = typer.Option(None, help="Folder for a page with overlays before and after."),
    overwrite: bool = typer.Option(False, help="Replace outputs that exist."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Register X-ray images to a CT (2D/3D registration): the pose of the X-ray source and detector, with its expected error."""
    inputs = [ct, *xrays]
    for path in (output, report):
        if path:
            files.check_output(path, overwrite, inputs)
    starts = [projection_args.start_angles(text) for text in start or []]
    options = RegisterOptions(start=starts[0] if len(starts) == 1 else starts or None, sdd=sdd, sid=sid, pixel=pixel, seed=seed)
    with console.notes_for_warnings():
        from radloupe.pipelines.register import register_files

        found = register_files(ct, xrays, options, modality)
    if output:
        found.write(output, overwrite, inputs)
    if report:
        found.write_report(report, overwrite, inputs)
    record = found.result.record()
    if as_json:
        console.print_json(record)
        return
    for line in lines(record):
        typer.echo(line)


def lines(record: Row) -> list[str]:
    """Text of the result."""
    angles = ", ".join(f"{angle:.2f}" for angle in record["view"]["angles"])
    shift = ", ".join(f"{mm:.2f}" for mm in record["shift_mm"])
    error = record["error_estimate_mm"]
    about = "depth is not known without --sdd" if error is None else f"expected error {error} mm"
    return [
        f"angles {angles} degrees, moved by {shift} mm (right, down, away from the source)",
        f"similarity {record['similarity']}, {about}, in the image's plane {record['in_plane_error_mm']} mm  {record['seconds']} s",
        *(f"do not trust this pose: {reason}" for reason in record["reasons"]),
    ]
