"""Projector: a CT prepared for an engine, which then renders the DRR of any view."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float, Real

from radloupe.core.errors import InputError, UsageError
from radloupe.core.tables import check_choice
from radloupe.drr.engines.jit import run_parallel
from radloupe.drr.physics.channels import channel_volumes
from radloupe.drr.physics.hu_to_mu import Lookup, apply_lookup, read_lookup
from radloupe.drr.physics.polychromatic import density_lookups, detector_response
from radloupe.drr.physics.spectra import Spectrum, SpectrumLike
from radloupe.drr.project_options import ENGINES, LOOKUPS, QUALITIES
from radloupe.imaging import geometry
from radloupe.imaging.camera import View, volume_centre
from radloupe.imaging.image import Image, placeholder
from radloupe.imaging.pixel_info import PixelInfo
from radloupe.imaging.projected import Projected

Voxels = Real[np.ndarray, "z y x"]
Change = Callable[[Voxels], Voxels]
MM_PER_CM = 10
LINE_INTEGRALS = PixelInfo("line integral", "XR")


class Projector:
    """A CT prepared for a projection engine: volumes of attenuation, computed once, from which the DRR of any view is rendered.

    Args:
        ct: A CT volume in Hounsfield units, `1 z y x`. Between slices the field is interpolated linearly.
        lut: Look-up table from Hounsfield units to attenuation: a name from `project_options.LOOKUPS`, a file of pairs, or a `Lookup`.
        engine: A name from `project_options.ENGINES`.
        quality: `default`, `fine` or `preview`, which differ for the engine `fast` alone.
        spectrum: Polychromatic beam through water and bone, which replaces the look-up table: a `Spectrum`, kV, or a name.
        masks: Whole numbers on the CT's grid. Each label, including 0, becomes a channel with the attenuation of its voxels alone.
        padding: A value of the CT that marks padding, in addition to values that no scanner measures.
        change: A function of `overrides`, applied to the attenuation in 1/mm (with a spectrum: the density of bone in g/cm3).

    Raises:
        InputError: For an image that is no CT volume in Hounsfield units, and masks on another grid.
        UsageError: For unknown names.
        LimitError: For too many labels.

    >>> from radloupe.imaging.camera import CArm
    >>> water = np.full((1, 22, 22, 22), -1000, np.int16)
    >>> water[:, 1:-1, 1:-1, 1:-1] = 0  # a cube of 20 mm
    >>> ct = Image(water, info=PixelInfo("HU", "CT"))
    >>> projector, arm = Projector(ct), CArm(size=(5, 5))
    >>> [round(float(projector.render(arm.view(name, ct)).pixels.max()), 3) for name in ("PA", "LLAT")]  # 20 mm of 0.0211 / mm
    [0.422, 0.422]

    """

    def __init__(
        self,
        ct: Image,
        lut: str | Path | Lookup = "tissue",
        engine: str = "fast",
        quality: str = "default",
        spectrum: SpectrumLike | None = None,
        masks: Image | None = None,
        padding: float | None = None,
        change: Change | None = None,
    ) -> None:
        check_choice("quality", quality, QUALITIES)
        prepare = ENGINES[engine]
        lookups = [find_lookup(lut)] if spectrum is None else density_lookups()

        def fields(hu: Voxels) -> list[Voxels]:
            *others, last = (apply_lookup(hu, lookup, padding) for lookup in lookups)
            return [*others, change(last) if change else last]

        volumes = channel_volumes(ct, fields, masks)
        self.renders = [[prepare(volume, quality) for volume in channel] for channel in volumes]
        self.spectrum = None if spectrum is None else Spectrum.of(spectrum)
        self.ct = replace(ct, pixels=placeholder(ct.pixels.shape, ct.pixels.dtype))
        """The CT without its pixels."""
        self.centre = volume_centre(ct)
        """The centre of the volume in LPS mm."""

    @property
    def kvp(self) -> float | None:
        """The tube voltage in kV; None for a single energy."""
        return None if self.spectrum is None else float(self.spectrum.kev[self.spectrum.photons > 0].max() + 0.5)

    def line_integrals(self, view: View, spectrum: SpectrumLike | None = None) -> Float[np.ndarray, "channel rows columns"]:
        """Line integrals of attenuation for a view, float32; with a spectrum, which the argument may replace, -ln of the signal."""
        fields = [[render(view) for render in channel] for channel in self.renders]
        if self.spectrum is None:
            if spectrum is not None:
                raise UsageError("Expected a projector that was prepared for a spectrum, found one with a look-up table.")
            return np.stack([plane for (plane,) in fields])
        signal = detector_response(self.spectrum if spectrum is None else Spectrum.of(spectrum))
        return np.stack([signal(water / MM_PER_CM, bone / MM_PER_CM) for water, bone in fields])

    def render(self, view: View) -> Image:
        """The DRR of a view: line integrals in `c 1 y x`, at the detector's position in the patient.

        Raises `InputError` for a source inside the volume and for views that are none.
        """
        affine = detector_affine(view)
        source = Projected(view, self.centre if view.isocentre is None else view.isocentre, headers=self.ct.source or (), kvp=self.kvp)
        return Image(self.line_integrals(view)[:, None], affine, LINE_INTEGRALS, (*self.ct.history, describe_view(view)), source)

    def render_batch(self, views: Sequence[View]) -> Float[np.ndarray, "view channel rows columns"]:
        """Line integrals of several views of one shape, float32, as in `line_integrals`; views are distributed over the cores.

        Raises `UsageError` for no views, or views of several shapes.
        """
        shapes = sorted({view.shape for view in views})
        if len(shapes) != 1:
            raise UsageError(f"Expected views of one shape, found {len(shapes)} shapes among {len(views)} views.")
        fields: list[Float[np.ndarray, "channel rows columns"]] = [np.zeros(0)] * len(views)

        def one(item: int) -> None:
            fields[item] = self.line_integrals(views[item])

        run_parallel(one, range(len(views)))
        return np.stack(fields)


def find_lookup(lut: str | Path | Lookup) -> Lookup:
    """A look-up table by name, or from a file where the name has a folder or an extension."""
    if isinstance(lut, Lookup):
        return lut
    return read_lookup(lut) if Path(lut).name != str(lut) or Path(lut).suffix else LOOKUPS[str(lut)]


def detector_affine(view: View) -> geometry.Affine:
    """The affine (RAS) of a view's image, its third axis 1 mm along the normal; raises `InputError` for degenerate views."""
    points = [p for p in (view.origin, view.u, view.v, view.source, view.direction) if p is not None]
    if not np.isfinite(points).all() or not np.cross(view.u, view.v).any():
        found = "; ".join(", ".join(f"{x:g}" for x in point) for point in points)
        raise InputError(f"Expected a view of finite numbers whose rows and columns span a plane, found {found}.")
    affine = np.eye(4)
    affine[:3] = np.stack([view.u, view.v, view.normal, view.origin], axis=1)
    affine = geometry.LPS_TO_RAS @ affine
    geometry.check(affine)
    return affine


def describe_view(view: View) -> str:
    """A view as a step of an image's history."""
    beam = "parallel rays" if view.source is None else "a cone of rays"
    angles = "" if view.angles is None else " at C-arm angles " + ", ".join(f"{angle:g}" for angle in view.angles) + " degrees"
    return f"Projected by {beam}{angles}."
