"""Super-resolution of one image by one model: the composition that Python, the command line, evaluation and servers share."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from radloupe import __version__
from radloupe.core.errors import InputError, RadloupeWarning
from radloupe.core.limits import LIMITS, Limits, parse_bytes
from radloupe.imaging.image import Image
from radloupe.inference.bound import Bound
from radloupe.inference.checks import check_result
from radloupe.inference.conditioning import NO_MAPS, Conditioning, conditioning_for
from radloupe.inference.consistency import Consistency
from radloupe.inference.data_consistency.choice import correction_for
from radloupe.inference.data_consistency.correction import Correction
from radloupe.inference.engines import prepare
from radloupe.inference.enlarge import announce, assemble, bound_for, enlarge
from radloupe.inference.gate.finding import GateReport
from radloupe.inference.memory import resident_bytes
from radloupe.inference.options import InferenceOptions
from radloupe.inference.output_grid import OutputGrid
from radloupe.inference.self_ensemble import self_ensemble
from radloupe.inference.tile_plan import count_tiles, plan_tiles
from radloupe.inference.uncertainty.half_widths import HalfWidths, half_widths_for
from radloupe.networks.model import Model

DEFAULTS = InferenceOptions()


@dataclass(frozen=True)
class SuperResolution:
    """Prepared super-resolution: the announced image, its pixels as blocks, and the facts of its computation.

    `consistency`, `bound`, `correction`, `notes` and `facts` are complete once the blocks are consumed.
    """

    source: Image
    announced: Image
    """The result with placeholder pixels: its shape, geometry and history."""
    blocks: Iterator[np.ndarray]
    """2-D blocks of whole rows in stored order, in the image's unit and dtype; an iterator that can be consumed once."""
    model: Model
    engine: str
    """Engine and precision of the network, such as `torch-fp32`."""
    tiles: int
    consistency: Consistency
    bound: Bound
    correction: Correction
    strict: bool = False
    grid: OutputGrid | None = None
    """Output grid, where it is not the network's own."""
    maps: Conditioning | None = None
    """Conditioning on the image's noise and blur, for networks that take maps."""
    quality: str = "default"
    gate: GateReport | None = None
    """Report of the input checks, where they were made."""
    widths: HalfWidths | None = None
    """Half widths of intervals around the pixels, where requested."""

    @property
    def notes(self) -> list[str]:
        """One sentence for each failed check of `inference.checks`."""
        return check_result(self.model.name, self.consistency, self.bound)

    @property
    def facts(self) -> dict[str, Any]:
        """Facts of the result, under the JSON keys of `radloupe upscale`."""
        consistency = self.consistency_facts
        return {
            "model": self.model.name,
            "scale": self.grid.scale if self.grid else self.model.spec.scale,
            "model_scale": self.model.spec.scale,
            "shape_in": list(self.source.shape),
            "shape_out": list(self.announced.shape),
            "spacing_in": list(self.source.spacing),
            "spacing_out": list(self.announced.spacing),
            "tiles": self.tiles,
            "engine": self.engine,
            "quality": self.quality,
            "consistency_db": consistency["db"],
            "consistency": consistency,
            "bounded_pixels": self.bound.changed,
            **(self.maps.record if self.maps else NO_MAPS),
            "gate": self.gate.rows if self.gate else [],
            "uncertainty": self.widths.facts(self.gate, self.source.info.unit) if self.widths else None,
            "notes": self.notes,
        }

    @property
    def consistency_facts(self) -> dict[str, float | None]:
        """Data consistency and the effect of the correction: agreement is necessary for a right result, not sufficient."""
        found, ceiling = self.consistency.psnr(), self.consistency.ceiling()
        return {
            "db": None if found is None else round(found, 2),
            "ceiling_db": None if ceiling is None else round(ceiling, 2),
            "weight": round(self.correction.weight, 3),
            "largest_change": float(f"{self.correction.largest_change:.4g}"),
        }

    def checked_blocks(self) -> Iterator[np.ndarray]:
        """The blocks, followed by `notes` as warnings; with `strict`, notes raise an `InputError` instead."""
        yield from self.blocks
        if self.strict and self.notes:
            raise InputError(f"{' '.join(self.notes)} Nothing was written; leave out `strict` to look at the result.")
        for note in self.notes:
            warnings.warn(note, RadloupeWarning, stacklevel=2)

    def run(self, check: bool = True) -> Image:
        """The super-resolved image in memory, with `facts`; without `check`, notes have no effect.

        Raises `LimitError` where the pixels do not fit into memory, `InputError` where strict checks fail.
        """
        image = assemble(self.announced, self.checked_blocks() if check else self.blocks)
        return replace(image, facts=self.facts, uncertainty=self.uncertainty)

    @property
    def uncertainty(self) -> Image | None:
        """Half widths in memory, once the blocks are consumed; None unless requested."""
        return assemble(self.widths.image(self.announced), self.widths.blocks()) if self.widths else None


def super_resolve(
    image: Image,
    model: Model,
    options: InferenceOptions = DEFAULTS,
    limits: Limits = LIMITS,
    on_rows: Callable[[int], None] = lambda rows: None,
    grid: OutputGrid | None = None,
) -> SuperResolution:
    """Prepare the super-resolution of an image by a model; computation starts when blocks are consumed.

    Args:
        image: Pixels `c z y x`; slices are enlarged one by one in plane.
        model: Any two-dimensional model of grey images.
        options: Tiles, memory, engine, precision and device.
        limits: Bounds on the size of the output.
        on_rows: Progress callback, called with the number of finished input rows.
        grid: The grid of the result, no finer than the network's; by default the network's own.

    Raises:
        UsageError: For unknown options, a model without all its inputs, or a `consistency` that it does not support.
        InputError: For a three-dimensional model or sheared geometry.
        LimitError: For an output over the limits, or tiles that do not fit into memory.

    """
    announced = announce(image, model, __version__, limits, grid)
    run, engine = prepare(model, options.engine, options.allowed_precision, options.device, image.pixels.size)
    maps = conditioning_for(image, model, options)
    run = maps.applied(run) if maps else run
    if options.quality == "best":
        run = self_ensemble(run, model)
    memory = parse_bytes(options.memory)
    correction = correction_for(image, model, options.consistency, memory)
    budget = memory - correction.buffer_bytes - resident_bytes() if options.tile_bytes is None else options.tile_bytes
    plan = plan_tiles(image.shape, model.spec, budget, options.tile)
    tiles = count_tiles(image.shape, plan, model.spec) * image.pixels.shape[0] * image.pixels.shape[1]
    consistency, bound = Consistency(model.degradation, model.spec.scale), bound_for(image, model, grid, options.bounded)
    widths = half_widths_for(image, model, options, grid)
    blocks = enlarge(image, model, run, plan, consistency, on_rows, bound, grid, correction, widths)
    return SuperResolution(
        image,
        announced,
        blocks,
        model,
        engine,
        tiles,
        consistency,
        bound,
        correction,
        options.strict,
        grid,
        maps=maps,
        quality=options.quality,
        widths=widths,
    )
