"""`radloupe audit`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from radloupe.cli import console
from radloupe.cli.options import MODALITY, declared
from radloupe.core import files
from radloupe.evaluation.audit_options import AuditOptions

if TYPE_CHECKING:
    from radloupe.evaluation.audit import Audit


def audit(
    image: Path = typer.Argument(help="A super-resolved image of any origin."),
    truth: Path | None = typer.Argument(None, help="The high-resolution original, if available."),
    low: Path | None = typer.Option(None, help="The image that was enlarged."),
    scale: int | None = declared(AuditOptions, "scale", min=2),
    degrade: str | None = declared(AuditOptions, "degrade"),
    reference: Path | None = typer.Option(None, help="Another result to compare with."),
    patch: int = declared(AuditOptions, "patch"),
    preset: str = declared(AuditOptions, "preset"),
    frequency: float | None = declared(AuditOptions, "frequency", min=0),
    calibrate: Path | None = typer.Option(
        None, help="Folder with the folders trusted and truth: their sFRC sets --frequency so that 5 % of the patches are labelled."
    ),
    modality: str | None = MODALITY,
    report: Path | None = typer.Option(None, help="Folder for a page with the maps."),
    overwrite: bool = typer.Option(False, help="Replace outputs that exist."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Report disagreement of a super-resolved image with its input and the truth: rates and positions, no verdicts."""
    inputs = [path for path in (image, truth, low, reference, calibrate) if path]
    if report:
        files.check_output(report, overwrite, inputs)
    from radloupe import formats
    from radloupe.metrics.sfrc import sfrc_settings
    from radloupe.pipelines.audit import calibrated_frequency, prepare_audit

    options = AuditOptions(scale=scale, degrade=degrade, patch=patch, preset=preset, frequency=frequency)
    with console.notes_for_warnings():
        if calibrate:
            found_frequency = calibrated_frequency(calibrate, sfrc_settings(preset, patch), modality=modality)
            options = replace(options, frequency=found_frequency)
        sharp, shrunk, other = (formats.read(path, modality=modality) if path else None for path in (truth, low, reference))
        found = prepare_audit(formats.read(image, modality=modality), sharp, shrunk, other, options)
        if report:
            write_page(found, report, image.name, overwrite, inputs)
    if as_json:
        console.print_json(found.record)
        return
    for line in lines(found):
        typer.echo(line)


def write_page(found: "Audit", report: Path, name: str, overwrite: bool, inputs: list[Path]) -> None:
    """Write the HTML page of an audit."""
    from radloupe.evaluation.audit_page import audit_page

    with files.atomic(report, overwrite, folder=True, inputs=inputs) as folder:
        (folder / "index.html").write_text(audit_page(found, f"Audit of {name}"), encoding="utf-8")


def lines(found: "Audit") -> list[str]:
    """The record as text, one group per line, with its caveat."""
    from radloupe.evaluation.audit_page import flattened

    texts = []
    for key, value in found.record.items():
        if isinstance(value, dict):
            texts.append(f"{key.replace('_', ' ')}: " + "; ".join(f"{name} {text}" for name, text in flattened(value)))
    return [*texts, "These are rates, not verdicts. Agreement with the input is necessary, not sufficient."]
