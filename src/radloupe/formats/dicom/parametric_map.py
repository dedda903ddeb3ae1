"""Half widths as Parametric Maps (PS3.3 A.75): floating-point values with their unit, in the study and on the grid of the result.

A second CT or MR series would not do: a PACS would offer half widths as Hounsfield units. Each map belongs to one file of the result, so
that no more than that file's values are in memory.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from jaxtyping import Float
from pydicom import Dataset, dcmread, uid
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from radloupe import __version__
from radloupe.formats.dicom.derive import LONG_STRING
from radloupe.formats.dicom.guard import writing
from radloupe.formats.dicom.write import take

UNITS = {"HU": Code("[hnsf'U]", "UCUM", "Hounsfield unit")}
"""UCUM codes by unit; everything else has none that a reader could know."""
SERIES_STEP = 1
"""Added to the number of the result's series."""
LABEL = "UNCERTAINTY"
Rows = Float[np.ndarray, "rows x"]


def write_parametric_maps(blocks: Iterable[Rows], result: Path, path: Path, level: float, unit: str) -> None:
    """Write a Parametric Map beside every file of a super-resolved image.

    Args:
        blocks: Rows of half widths in stored order.
        result: The file or folder that was written, whose headers say where the maps lie.
        path: The file, or the folder for files of the same names.
        level: Nominal coverage.
        unit: Of the values, a `pixel_info.Unit`.

    """
    rows, series = iter(blocks), uid.generate_uid(None)
    folder = result.is_dir()
    with writing():
        if folder:
            path.mkdir(exist_ok=True)
        for number, source in enumerate(sorted(result.glob("*.dcm")) if folder else [result], 1):
            header = dcmread(source, stop_before_pixels=True)
            frames = int(header.get("NumberOfFrames") or 1)
            values = np.stack([np.concatenate(list(take(rows, header.Rows, header.Columns))) for _ in range(frames)])
            one = parametric_map(header, values.astype(np.float32), level, unit, series, number)
            one.save_as(path / source.name if folder else path, enforce_file_format=True)


def parametric_map(header: Dataset, values: Float[np.ndarray, "frames y x"], level: float, unit: str, series: str, number: int) -> Dataset:
    """The map of the frames of one object. Raises what `formats.dicom.guard` translates where its header is not enough."""
    from highdicom.content import VOILUTTransformation  # here: half a second that nothing else need pay
    from highdicom.pm import ParametricMap, RealWorldValueMapping

    top = float(values.max()) or 1.0
    explanation = f"Half width of {level:.0%} intervals around each pixel of the super-resolved image"
    mapping = RealWorldValueMapping(
        lut_label="HALF_WIDTH",
        lut_explanation=explanation[:LONG_STRING],
        unit=UNITS.get(unit, codes.UCUM.NoUnits),
        value_range=(0.0, max(top, float(np.finfo(np.float32).tiny))),
        slope=1.0,
        intercept=0.0,
    )
    made: Dataset = ParametricMap(
        source_images=[header],
        pixel_array=values if "NumberOfFrames" in header else values[0],
        series_instance_uid=series,
        series_number=int(header.get("SeriesNumber") or 0) + SERIES_STEP,
        sop_instance_uid=uid.generate_uid(None),
        instance_number=number,
        manufacturer="Radloupe",
        manufacturer_model_name="Radloupe",
        software_versions=__version__,
        device_serial_number="none",
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[mapping],
        voi_lut_transformations=[VOILUTTransformation(window_center=top / 2, window_width=top)],
        content_label=LABEL,
        content_description=explanation[:LONG_STRING],
    )
    made.SeriesDescription, made.Laterality = series_description(header, level), header.get("Laterality") or None
    return made


def series_description(header: Dataset, level: float) -> str:
    """That of the result, with what the map is."""
    ending = f" {level:.0%} half width"
    return str(header.get("SeriesDescription") or "")[: LONG_STRING - len(ending)] + ending
