"""`radloupe models`."""

from dataclasses import asdict
from typing import Any

import typer

from radloupe.cli import console

SHOWN = ("name", "modality", "scale", "parameters", "reach", "sha256", "trained_on", "degradation", "metrics", "licence", "bytes")


def models(as_json: bool = typer.Option(False, "--json", help="Print one JSON list.")) -> None:
    """List the models that ship, with their measured figures."""
    from radloupe.zoo.load import manifests

    rows = [asdict(manifest) for manifest in manifests()]
    if as_json:
        console.print_json([{key: row[key] for key in SHOWN} for row in rows])
        return
    console.print_table([summary(row) for row in rows])
    typer.echo("PSNR in dB on the test split, mean over images; the gain over bicubic enlargement with its 95 % interval.")


def summary(row: dict[str, Any]) -> dict[str, object]:
    """One line of the table."""
    metrics = row["metrics"]
    low, high = metrics["gain_db_ci95"]
    return {
        "name": row["name"],
        "modality": row["modality"],
        "scale": row["scale"],
        "parameters": row["parameters"],
        "reach": row["reach"],
        "degradation": row["degradation"],
        "PSNR": f"{metrics['psnr']:.2f}",
        "bicubic": f"{metrics['bicubic_psnr']:.2f}",
        "gain": f"{metrics['gain_db']:+.2f} [{low:+.2f}, {high:+.2f}]",
        "SSIM": f"{metrics['ssim']:.4f}",
        "licence": row["licence"],
    }
