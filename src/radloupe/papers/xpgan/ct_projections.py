"""Patches of projections of CT volumes with XPGAN's degradation: the application to CT that the paper announces (section 5)."""

from collections.abc import Iterator
from pathlib import Path

from radloupe.core import seeds
from radloupe.core.settings import validated, within
from radloupe.data.builder import Builder, Piece
from radloupe.data.collections import by_part, patient_of, volumes
from radloupe.data.degraded import lowered
from radloupe.data.patients import split
from radloupe.drr.view_series import grid
from radloupe.papers.ttsr_fd.synxray import LAYOUT, Synxray, camera, crop

SHARES = {"train": 8, "validation": 1, "test": 1}


@validated
class CtProjections:
    """What can be chosen."""

    views: int = within(40, 1, 10**4)
    """Of each CT, drawn from a grid of angles."""
    patches: int = within(4, 1, 1000)
    """Of each view."""
    step: float = within(15.0, 1.0, 180.0)
    """Degrees between the grid's views, about both axes."""
    side: int = within(256, 16, 4096)
    size: int = within(512, 16, 4096)
    """Rows and columns of a projection."""
    k: int = within(0, 0, 512)
    """Side of the moving average; 0 draws it from 1 to 40."""


def make(source: Path, settings: CtProjections, seed: int) -> Iterator[Piece]:
    """Random views of every CT, split by patient, and random patches of them with their low images."""
    found = volumes(source, LAYOUT)
    patients = {path: patient_of(path, source) for path in found}
    views = grid(settings.step)
    for part, paths in by_part(found, split(patients.values(), SHARES, seed), patients).items():
        for number, path in enumerate(paths):
            rng = seeds.generator(seed, "projections", part, number)
            shot = camera(path, Synxray(size=settings.size))
            for n in rng.permutation(len(views))[: settings.views]:
                view = views[int(n)]
                projection = shot(view)
                for patch in range(settings.patches):
                    corner, high = crop(projection, settings.side, rng)
                    low, drawn = lowered(high, "xpgan", 4, seed, part, number, int(n), patch, settings={"k": settings.k})
                    yield Piece(patients[path], part, {"high": high, "low": low}, {"angles": view[:2], "corner": corner, **drawn})


CT_PROJECTIONS = Builder(make, CtProjections(), LAYOUT, "XPGAN, section 5: projections of CT")
