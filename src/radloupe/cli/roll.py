"""A series of `radloupe project`: many pictures and their manifest, in parallel, whole or not at all."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from radloupe.cli import console
from radloupe.cli.shots import Finish, Made, write_shot
from radloupe.core import files
from radloupe.data import dataset_manifest
from radloupe.drr.detector.display import window_of
from radloupe.drr.engines.jit import cores
from radloupe.drr.projector import Projector
from radloupe.imaging.camera import View

COARSE = 4  # a series' window comes from a sixteenth of the pixels: percentiles need no more

Each = Callable[[Callable[[int], Made], Sequence[int]], list[Made]]


def write_series(
    camera: Projector, views: Sequence[View], finish: Finish, folder: Path, extension: str, overwrite: bool, inputs: Sequence[Path] = ()
) -> list[Made]:
    """Write a picture for each view and `manifest.jsonl` into a folder, which holds none of the `inputs`, all with one window."""
    digits = len(str(len(views) - 1))
    whole = files.atomic(folder, overwrite, folder=True, inputs=inputs)
    with whole as temporary, console.progress(folder.name, len(views)) as tick, threads() as each:
        if finish.kind == "display" and finish.window is None:
            finish = replace(finish, window=window_of([camera.line_integrals(coarse(view)) for view in views]))

        def work(item: int) -> Made:
            made = write_shot(camera, views[item], item, finish, temporary / f"view{item:0{digits}d}.{extension}")
            tick(1)
            return made

        series = each(work, range(len(views)))
        dataset_manifest.write(temporary, [made.entry for made in series])
    return [replace(made, row={**made.row, "output": str(folder / made.entry["file"])}) for made in series]


def coarse(view: View) -> View:
    """The view on a detector with every fourth row and column, each in the middle of those it stands for."""
    rows, columns = (max(n // COARSE, 1) for n in view.shape)
    origin = view.origin + (COARSE - 1) / 2 * (view.u + view.v)
    return replace(view, shape=(rows, columns), origin=origin, u=COARSE * view.u, v=COARSE * view.v)


@contextmanager
def threads() -> Iterator[Each]:
    """A map over all cores; what has not begun is dropped when something fails or the user interrupts."""
    pool = ThreadPoolExecutor(cores())
    try:
        yield lambda work, items: list(pool.map(work, items))
    finally:
        pool.shutdown(cancel_futures=True)


def mean_ms(made: Sequence[Made]) -> float:
    """Milliseconds that projecting a view took on average, by the clock of its thread."""
    return round(1000 * float(np.mean([one.projecting_s for one in made])), 3)
