"""`radloupe convert`."""

import json
from pathlib import Path
from typing import get_args

import typer

from radloupe.cli import console
from radloupe.cli.degrade import assignment
from radloupe.cli.options import listing
from radloupe.degradation.presets import PRESETS
from radloupe.imaging.modality import Modality


def convert(
    weights: Path = typer.Argument(help="A released checkpoint: .pth, .pt or .safetensors."),
    network: str = typer.Option(..., help="Architecture: a row of `radloupe networks` without its scale, such as rcan."),
    scale: int = typer.Option(..., min=1, help="Scale factor."),
    output: Path = typer.Option(..., "-o", "--output", help="Model folder to write."),
    name: str | None = typer.Option(None, help="Name of the model. Default: the folder's name."),
    modality: Modality = typer.Option("other", help=listing("Modality of the model", get_args(Modality))),
    degradation: str = typer.Option("bicubic", help=listing("Degradation of its training images", PRESETS)),
    licence: str = typer.Option("unstated", help="Licence of the weights, an SPDX name."),
    settings: list[str] = typer.Option([], "--set", help="A setting of the network, such as channels=1; can be repeated."),
    overwrite: bool = typer.Option(False, help="Replace a model that exists."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Convert released weights to a model folder, without running code in them."""
    from radloupe.degradation import preset
    from radloupe.zoo.convert import convert as convert_file

    preset(degradation)
    given = {path: value_of(text) for path, text in map(assignment, settings)}
    manifest = convert_file(weights, name or output.name, network, scale, output, modality, degradation, licence, overwrite, given)
    facts = {"name": manifest.name, "output": str(output), "parameters": manifest.parameters, "sha256": manifest.sha256} | {
        "converted_sha256": manifest.training["converted_sha256"]
    }
    if as_json:
        console.print_json(facts)
    else:
        console.print_table([{"": key, " ": value} for key, value in facts.items()])


def value_of(text: str) -> object:
    """A setting parsed as JSON (number, list, Boolean), or else the text itself.

    >>> [value_of("1"), value_of("true"), value_of("shuffle")]
    [1, True, 'shuffle']
    """
    try:
        return json.loads(text)
    except ValueError:
        return text
