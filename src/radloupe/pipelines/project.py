"""DRRs from files to files: one of a view, or a folder of a series with its manifest, in parallel, whole or not at all."""

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
LOOKED_AT = ("png", "dicom")  # formats of grey levels; the others hold numbers


@dataclass(frozen=True)
class Written:
    """A DRR that was written."""

    row: Row
    """What is reported of it."""
    entry: Row
    """What the manifest says of it."""
    projecting_s: float


@dataclass(frozen=True)
class FileProjection:
    """A projection that is ready to be written to a file, or to a folder of files."""

    projection: Projection
    output: Path
    extension: str | None
    """Of the files of a series; None for a single view."""
    overwrite: bool
    inputs: tuple[Path, ...]
    """What no output may replace."""

    def write(self, tick: Tick = lambda views: None) -> list[Written]:
        """Project and write every view; `tick` is called with 1 after each."""
        views = self.projection.views
        self.projection.projector.line_integrals(coarse(views[0]))  # compiled code is loaded before the clock starts
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

    The format decides what options leave open: PNG and DICOM hold grey levels, DICOM of 16 bits, others line integrals.

    Args:
        ct: What `formats.read` reads.
        output: A file, or the folder of a series, whose files are named `view0.png` and so on.
        options: The options of `rl.project`; `masks` replaces theirs.
        masks: An image of labels on the CT's grid.
        extension: Of the files of a series; by default `png`, or `tif` for numbers.
        modality: What the CT's file shows, for formats that cannot say.
        overwrite: Whether an output of this program may be replaced.

    Raises:
        UsageError: For an output that exists or suits no format, and whatever `prepare_projection` raises.
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
    """The options with what they leave open decided by a format's name."""
    kind = options.kind or ("display" if form in LOOKED_AT else "attenuation")
    return replace(options, kind=kind, bits=options.bits or (16 if form == "dicom" else 8))


def format_of(path: Path, ending: str | None = None) -> str:
    """The name of the format that a file's extension asks for, or the `ending` of the files in a folder; raises `UsageError`."""
    if ending is None:
        return formats.format_for(path).name
    if path.name.lower().endswith(EXTENSIONS):
        raise UsageError(f"Expected a folder for a series of views, found a file's name: {path}. Drop the extension.")
    return formats.format_for(Path(f"view.{ending}")).name


def read_ct(path: Path, modality: str | None = None) -> Image:
    """A CT, or what `modality` says is one; raises `InputError` where its header does not say how wide its pixels are."""
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
    """A view as the manifest says it: LPS mm, and the 3x4 matrix that takes LPS mm to (column, row)."""
    points = {name: getattr(view, name) for name in ("source", "direction", "origin", "u", "v")}
    numbers = {name: None if point is None else point.tolist() for name, point in points.items()}
    return {"angles": list(view.angles or ()), "shape": list(view.shape), "matrix": to_matrix(view).tolist(), **numbers}


@contextmanager
def threads() -> Iterator[Each]:
    """A map over all cores; what has not begun is dropped when something fails or the user interrupts."""
    pool = ThreadPoolExecutor(cores())
    try:
        yield lambda work, items: list(pool.map(work, items))
    finally:
        pool.shutdown(cancel_futures=True)


def mean_ms(written: Sequence[Written]) -> float:
    """Milliseconds that projecting a view took on average, by the clock of its thread."""
    return round(1000 * float(np.mean([one.projecting_s for one in written])), 3)
