"""`radloupe info`."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from radloupe.cli import console
from radloupe.cli.options import MODALITY

if TYPE_CHECKING:
    from radloupe.imaging.image import Image


def info(
    path: Path = typer.Argument(help="An image file or a DICOM series folder."),
    modality: str | None = MODALITY,
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Describe an image: format, shape, spacing, unit, range."""
    from radloupe import formats

    with console.notes_for_warnings():
        image = formats.read(path, modality=modality)
    low, high = (getattr(image.pixels, extreme)().item() for extreme in ("min", "max"))
    facts = {
        "format": formats.detect(path).name,
        "modality": image.info.modality,
        "shape": list(image.shape),
        "spacing_mm": [round(s, 6) for s in image.spacing],
        "affine": image.affine.tolist(),
        "stored_type": image.info.storage.dtype,
        "bits_stored": image.info.storage.bits,
        "meaning": image.info.unit + (", inverted" if image.info.inverted else ""),
        "range": [low, high],
    }
    if as_json:
        console.print_json(facts)
    else:
        console.print_table([{"": key, " ": value} for key, value in (facts | sizes(image)).items()])


def sizes(image: "Image") -> dict[str, str]:
    """Shape and spacing as labelled text, both in the order x, y, z."""
    z, y, x = image.shape
    spacing = " x ".join(f"{step:.6g}" for step in image.spacing)
    return {"shape": f"{x} x {y} x {z} pixels (x, y, z)", "spacing_mm": f"{spacing} (x, y, z)"}
