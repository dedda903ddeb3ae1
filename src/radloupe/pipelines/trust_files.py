"""Files on the trustworthiness of a result: half widths of intervals, and the trust page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from radloupe import formats
from radloupe.core import files
from radloupe.core.errors import UsageError
from radloupe.formats.detection import format_for
from radloupe.formats.table import FORMATS
from radloupe.inference.super_resolve import SuperResolution
from radloupe.reports.heat_map import heat_map
from radloupe.reports.trust_page import PAGE, RECORD, record_json, trust_page


@dataclass
class MiddleSlice:
    """Middle slice of a result, collected while its blocks are written."""

    shape: Sequence[int]
    """Shape of the result, `c z y x`."""
    rows: list[np.ndarray] = field(default_factory=list)

    def tapped(self, blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """The blocks, unchanged."""
        height, done = self.shape[-2], 0
        first = self.shape[1] // 2 * height
        for block in blocks:
            begin, end = max(first - done, 0), min(first + height - done, len(block))
            if begin < end:
                self.rows.append(block[begin:end].copy())
            done += len(block)
            yield block

    @property
    def pixels(self) -> np.ndarray:
        """The slice `y x`."""
        return np.concatenate(self.rows)


def is_dicom(path: Path) -> bool:
    """Whether an output path is that of a DICOM file or of a folder of them."""
    return not path.suffix or path.suffix.lower() in FORMATS[0].extensions


def check_half_widths_path(result: SuperResolution, path: Path, output: Path) -> None:
    """Check that half widths can be written in the format of their path; meant to run before the result is computed.

    Raises `UsageError` for a format that is not written, and for DICOM beside a result in another format.
    """
    if not is_dicom(path):
        format_for(path)
    elif result.announced.source is None or not is_dicom(output):
        raise UsageError(f"Expected a DICOM result for half widths as DICOM, found another format. Name {path.stem}.nii.gz, or .tif.")


def write_half_widths(result: SuperResolution, path: Path, written: Path, overwrite: bool, inputs: Iterable[Path]) -> None:
    """Write the half widths of a finished result in the format of their path.

    PNG becomes a heat map with a scale. DICOM becomes Parametric Maps beside the result that was `written`, in its study.

    Raises:
        UsageError: For a result without half widths, an output that exists, or a path that `check_half_widths_path` refuses.

    """
    widths = result.widths
    if widths is None:
        raise UsageError("Expected a result with half widths, found one without. Ask for `uncertainty`.")
    check_half_widths_path(result, path, written)
    image = widths.image(result.announced)
    if path.suffix.lower() == ".png":
        unit = f"half width of {float(widths.level):.0%} intervals, {unit_name(result.source.info.unit)}"
        with files.atomic(path, overwrite, inputs=inputs) as temporary:
            heat_map(middle(result), unit).save(temporary, format="PNG")
    elif is_dicom(path):
        from radloupe.formats.dicom.parametric_map import write_parametric_maps

        with files.atomic(path, overwrite, folder=written.is_dir(), inputs=inputs) as temporary:
            write_parametric_maps(widths.blocks(), written, temporary, float(widths.level), image.info.unit)
    else:
        formats.write(image, path, overwrite, widths.blocks(), inputs=inputs)


def middle(result: SuperResolution) -> np.ndarray:
    """The half widths of the middle slice `y x`."""
    assert result.widths is not None  # noqa: S101  of those that have them
    kept = MiddleSlice(result.announced.pixels.shape)
    for _ in kept.tapped(result.widths.blocks()):
        pass
    return kept.pixels


def unit_name(unit: str) -> str:
    """Readable name of a unit."""
    return {"HU": "HU", "stored": "grey levels", "arbitrary": "units of the image"}.get(unit, unit)


def write_trust_page(
    result: SuperResolution, facts: dict[str, Any], pixels: np.ndarray, folder: Path, overwrite: bool, inputs: Iterable[Path]
) -> None:
    """Write the trust page of a finished result: one self-contained HTML file, and its values as JSON.

    Args:
        result: A result whose blocks are consumed.
        facts: Reported facts, without paths.
        pixels: The middle slice of the result, `y x`.
        folder: Folder of `trust.html` and `trust.json`.
        overwrite: Whether to replace what this program wrote there.
        inputs: Paths that are never replaced.

    """
    source, info = result.source, result.source.info
    low = source.pixels[0, source.shape[0] // 2].astype(np.float64)
    half = middle(result) if result.widths else None
    record = trust_record(result, facts)
    sign = -1.0 if info.inverted else 1.0
    with files.atomic(folder, overwrite, folder=True, inputs=inputs) as temporary:
        (temporary / PAGE).write_text(trust_page(record, sign * low, sign * pixels.astype(np.float64), half), encoding="utf-8")
        (temporary / RECORD).write_text(record_json(record), encoding="utf-8")


def trust_record(result: SuperResolution, facts: dict[str, Any]) -> dict[str, Any]:
    """Values of the trust page, without patient data, paths or dates."""
    x, y, _ = result.source.spacing
    known = result.source.source is not None or (x, y) != (1.0, 1.0)  # 1 mm means "unknown" in raster formats
    model = result.model
    return {
        "model": {
            "name": model.name,
            "sha256": model.sha256,
            "modality": model.modality,
            "degradation": model.degradation,
            "scale": model.spec.scale,
        },
        "asked": {key: facts[key] for key in ("scale", "engine", "shape_in", "shape_out", "spacing_in", "spacing_out")},
        "estimated_below_mm": round(2 * max(x, y), 4) if known else None,
        "gate": result.gate.record if result.gate else None,
        "consistency": facts["consistency"],
        "bounded_pixels": facts["bounded_pixels"],
        "uncertainty": facts["uncertainty"],
        "notes": facts["notes"],
    }
