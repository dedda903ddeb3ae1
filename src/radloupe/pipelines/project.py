"""Projection from files to files: the DRR of a view, or a folder of a series with its manifest, in parallel and atomically."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from radloupe import formats
from radloupe.core import files
from radloupe.core.errors import UsageError
from radloupe.data import dataset_manifest
from radloupe.drr.engines.jit import cores
from radloupe.drr.interop import to_matrix
from radloupe.drr.project_options import ProjectOptions
from radloupe.drr.projection import Projection, coarse, is_single, prepare_projection
from radloupe.formats.dicom.drr_objects import KINDS as DICOM_KINDS
from radloupe.formats.dicom.frames import check_spaced
from radloupe.formats.table import EXTENSIONS
from radloupe.imaging.camera import View
from radloupe.imaging.image import Image

Row = dict[str, Any]
Tick = Callable[[int], None]
Each = Callable[[Callable[[int], "Written"], Sequence[int]], list["Written"]]
LOOKED_AT = ("png", "dicom")  # formats of grey levels; the others hold real numbers


@dataclass(frozen=True)
class Written:
    """A DRR that was written."""

    row: Row
    """Row of the report."""
    entry: Row
    """Row of the manifest."""
    projecting_s: float


@dataclass(frozen=True)
class FileProjection:
    """Prepared projection with its output: a file, or a folder of files."""

    projection: Projection
    output: Path
    extension: str | None
    """Extension of a series' files; None for a single view."""
    overwrite: bool
    inputs: tuple[Path, ...]
    """Input paths, which no output may replace."""

    def write(self, tick: Tick = lambda views: None) -> list[Written]:
        """Project and write every view; `tick` is called with 1 after each."""
        views = self.projection.views
        self.projection.projector.line_integrals(coarse(views[0]))  # loads compiled code before timing starts
        if self.extension is None:
            return [write_view(self.projection, 0, self.output, self.overwrite, self.inputs)]
        digits = len(str(len(views) - 1))
        whole = files.atomic(self.output, self.overwrite, folder=True, inputs=self.inputs)
        with whole as temporary, threads() as each:

            def work(item: int) -> Written:
                written = write_view(self.projection, item, temporary / f"view{item:0{digits}d}.{self.extension}")
                tick(1)
                return written

            series = each(work, range(len(views)))
            dataset_manifest.write(temporary, [one.entry for one in series])
        return [replace(one, row={**one.row, "output": str(self.output / one.entry["file"])}) for one in series]


def prepare_files(
    ct: Path,
    output: Path,
    options: ProjectOptions,
    *,
    masks: Path | None = None,
    extension: str | None = None,
    modality: str | None = None,
    overwrite: bool = False,
) -> FileProjection:
    """Read a CT (and `masks` on its grid) and prepare its projection to a file, or to a folder for a series of views.

    The format determines the default options: PNG and DICOM hold grey levels (DICOM with 16 bits), others line integrals.

    Args:
        ct: A path that `formats.read` accepts.
        output: A file, or the folder of a series, whose files are named `view0.png` and so on.
        options: The options of `rl.project`; `masks` replaces theirs.
        masks: An image of labels on the CT's grid.
        extension: Extension of a series' files; by default `png`, or `tif` for line integrals and counts.
        modality: Modality of the CT's file, for formats that do not store it.
        overwrite: Whether an output of this program may be replaced.

    Raises:
        UsageError: For an output that exists or has no known format, and as `prepare_projection`.
    """
    table = Path(options.lut) if isinstance(options.lut, str | Path) else None
    inputs = tuple(path for path in (ct, masks, table) if path and path.exists())
    files.check_output(output, overwrite, inputs)
    if options.dicom is not None:
        DICOM_KINDS[options.dicom]
    ending = None if is_single(options) else extension or ("png" if options.kind in (None, "display") else "tif")
    options = suited(options, format_of(output, ending))
    image = read_ct(ct, modality)
    if masks:
        options = replace(options, masks=formats.read(masks))
    return FileProjection(prepare_projection(image, options), output, ending, overwrite, inputs)


def suited(options: ProjectOptions, form: str) -> ProjectOptions:
    """Options with the defaults of a format."""
    kind = options.kind or ("display" if form in LOOKED_AT else "attenuation")
    return replace(options, kind=kind, bits=options.bits or (16 if form == "dicom" else 8))


def format_of(path: Path, ending: str | None = None) -> str:
    """Name of the format of a file's extension, or of the `ending` of a folder's files; raises `UsageError`."""
    if ending is None:
        return formats.format_for(path).name
    if path.name.lower().endswith(EXTENSIONS):
        raise UsageError(f"Expected a folder for a series of views, found a file's name: {path}. Drop the extension.")
    return formats.format_for(Path(f"view.{ending}")).name


def read_ct(path: Path, modality: str | None = None) -> Image:
    """A CT, by its header or by `modality`; raises `InputError` for a file without pixel spacing."""
    image = formats.read(path, modality=modality)
    check_spaced(image.source or ())
    return image


def write_view(projection: Projection, item: int, path: Path, overwrite: bool = False, inputs: Sequence[Path] = ()) -> Written:
    """Project and write the `item`-th view; none of the `inputs` is ever replaced."""
    view, options, begun = projection.views[item], projection.options, time.perf_counter()
    drr = projection.projector.render(view)
    projecting_s = time.perf_counter() - begun
    formats.write(projection.finish(drr, item), path, overwrite, inputs=inputs)
    row = {"output": str(path), "angles": list(view.angles or ()), "seconds": round(time.perf_counter() - begun, 4)}
    how = {"kind": options.kind, "window": options.window, "seed": options.seed, "item": item}
    return Written(row, {"file": path.name, **coordinates(view), **how, "sha256": files.sha256(path)}, projecting_s)


def coordinates(view: View) -> Row:
    """Manifest's record of a view: LPS mm, and the 3x4 projection matrix from LPS mm to (column, row)."""
    points = {name: getattr(view, name) for name in ("source", "direction", "origin", "u", "v")}
    numbers = {name: None if point is None else point.tolist() for name, point in points.items()}
    return {"angles": list(view.angles or ()), "shape": list(view.shape), "matrix": to_matrix(view).tolist(), **numbers}


@contextmanager
def threads() -> Iterator[Each]:
    """Context of a map over all cores; pending work is cancelled after an error or interrupt."""
    pool = ThreadPoolExecutor(cores())
    try:
        yield lambda work, items: list(pool.map(work, items))
    finally:
        pool.shutdown(cancel_futures=True)


def mean_ms(written: Sequence[Written]) -> float:
    """Mean projection time of a view in milliseconds, by the clock of its thread."""
    return round(1000 * float(np.mean([one.projecting_s for one in written])), 3)
