"""Digitally reconstructed radiographs (DRRs) of a CT: views, line integrals, detector and display, composed once for every caller."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from radloupe.core.keywords import keywords_of
from radloupe.drr.detector.display import Window, display, percentile_window
from radloupe.drr.detector.flat_panel import Detector, absorbed_quanta, counts_to_line_integrals, expose
from radloupe.drr.physics.hu_to_mu import Lookup, emphasise
from radloupe.drr.physics.spectra import tube_spectrum
from radloupe.drr.project_options import ProjectOptions
from radloupe.drr.projector import LINE_INTEGRALS, Projector, find_lookup
from radloupe.drr.view_series import series
from radloupe.imaging.camera import CArm, View
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage

COUNTS = PixelInfo("photons", "XR")
DOSE_KVP = 80.0  # tube voltage in kV that converts a dose where no spectrum is given
COARSE = 4  # reduction along each axis for the window of a series, whose percentiles need no more pixels
LEAST_COARSE = 16  # smallest rows and columns of a coarse detector


@dataclass(frozen=True)
class Projection:
    """A CT prepared for projection, with its views and options; DRRs are computed one by one."""

    projector: Projector
    views: tuple[View, ...]
    options: ProjectOptions
    """Options, with the common display window of a series; a single view has its own."""

    def drr(self, item: int) -> Image:
        """The finished DRR of the `item`-th view."""
        return self.finish(self.projector.render(self.views[item]), item)

    def finish(self, drr: Image, item: int = 0) -> Image:
        """The DRR of the chosen kind from line integrals of the `item`-th view, `c 1 y x`; each item has its own noise."""
        asked = self.options
        detector = find_detector(asked, self.projector, self.views[item])
        if detector:
            drr = to_counts(drr, detector, asked.seed, item)
            drr = drr if asked.kind == "counts" else to_line_integrals(drr, detector)
        if asked.kind == "display":
            drr = to_display(drr, asked)
        return replace(drr, source=replace(drr.source, kind=asked.dicom))


def prepare_projection(ct: Image, options: ProjectOptions) -> Projection:
    """The CT prepared for an engine, with views, detector and window determined; no view is rendered.

    Raises:
        InputError: For an image that is no CT volume in Hounsfield units, masks on another grid, a source inside the volume.
        UsageError: For unknown names and numbers out of range.
        LimitError: For too many labels, views or pixels.

    """
    views = find_views(ct, options)
    beam = options.spectrum
    projector = Projector(ct, find_lookups(options), options.engine, options.quality, beam, options.masks)
    if options.kind == "display" and options.window is None and not is_single(options):
        options = replace(options, window=shared_window(projector, views))
    return Projection(projector, views, options)


def is_single(options: ProjectOptions) -> bool:
    """Whether the options ask for one view rather than a series."""
    return options.views is None or isinstance(options.views, View)


def find_views(ct: Image, options: ProjectOptions) -> tuple[View, ...]:
    """The views of the options; those of a C-arm are fitted to the CT."""
    views = options.views
    if isinstance(views, View):
        return (views,)
    if views is not None and not isinstance(views, str):
        return tuple(views)
    shape = {"size": options.size, "pixel": options.pixel, "offset": options.offset, "mirror": options.mirror}
    arm = CArm(options.beam, options.sdd, options.sid, options.isocentre, **shape)  # type: ignore[arg-type]
    return tuple(arm.view(angles, ct) for angles in (series(views, options.seed) if views else [options.angles]))


def find_lookups(options: ProjectOptions) -> Lookup:
    """The look-up table, with tissues emphasised."""
    lookup = find_lookup(options.lut)
    return emphasise(lookup, **options.tissues) if options.tissues else lookup


def find_detector(options: ProjectOptions, projector: Projector, view: View) -> Detector | None:
    """The detector of a view; None where no option needs one."""
    if options.dose is not None:
        beam = projector.spectrum or tube_spectrum(DOSE_KVP)
        return replace(options.detector or Detector(), photons=absorbed_quanta(options.dose, beam, view.spacing))
    if options.photons is not None:
        return Detector(photons=options.photons)
    return options.detector or (Detector() if options.kind == "counts" else None)


def shared_window(projector: Projector, views: Sequence[View]) -> Window | None:
    """Display window of a series: percentiles of the line integrals of all its views, without noise; None for an empty series."""
    return percentile_window([projector.line_integrals(coarse(view)) for view in views]) if views else None


def coarse(view: View) -> View:
    """The view on a coarse detector: a fourth of the rows and columns, with shared pixel centres; small detectors keep more."""
    step = max(1, min(COARSE, min(view.shape) // LEAST_COARSE))
    rows, columns = (n // step for n in view.shape)
    origin = view.origin + (step - 1) / 2 * (view.u + view.v)
    return replace(view, shape=(rows, columns), origin=origin, u=step * view.u, v=step * view.v)


def to_counts(drr: Image, detector: Detector, seed: int, item: int = 0) -> Image:
    """Detector counts of a DRR of line integrals, the `item`-th of a series; see `flat_panel.expose`."""
    channels = len(drr.pixels)
    planes = [expose(p[0], drr.source.view, detector, seed, item * channels + c) for c, p in enumerate(drr.pixels)]
    source = replace(drr.source, relationship="LIN", bright=1)
    step = f"Exposed with {detector.photons:g} quanta a pixel, seed {seed}, image {item}."
    return replace(drr, pixels=np.stack(planes)[:, None], info=COUNTS, source=source, history=(*drr.history, step))


def to_line_integrals(counts: Image, detector: Detector) -> Image:
    """Noisy line integrals of an image of detector counts."""
    source = replace(counts.source, relationship="LOG", bright=-1)
    planes = [counts_to_line_integrals(plane[0], detector.photons) for plane in counts.pixels]
    return replace(counts, pixels=np.stack(planes)[:, None], info=LINE_INTEGRALS, source=source)


def to_display(drr: Image, options: ProjectOptions) -> Image:
    """Image of grey levels of a DRR, by `display.display`."""
    bits, scale = options.bits or 8, options.intensity_scale
    grey = display(drr.pixels, options.window, polarity=options.polarity, intensity_scale=scale, look=options.look, bits=bits)
    info = PixelInfo("stored", "XR", storage=Storage(grey.dtype.name, bits))
    bright = 1 if options.polarity == "fluoroscopy" else -1
    source = replace(drr.source, relationship="LOG" if scale == "log" else "LIN", bright=bright)
    return replace(drr, pixels=grey, info=info, source=source)


@keywords_of(ProjectOptions)
def project(ct: Image, options: ProjectOptions) -> Image | list[Image]:
    """Digitally reconstructed radiographs (DRRs): X-ray images computed from a CT. An image for one view, a list for a series.

    The kinds are `attenuation`, line integrals of the attenuation coefficient (no unit, float32); `counts`, the quanta that a detector
    reports; and `display`, grey levels with one window for all views. A detector adds noise to `attenuation` and `display`, too. DRRs have
    the detector's geometry, `c 1 y x` with a channel for each label of the masks, and can be written in any format, including DICOM.

    Args:
        ct: A CT volume in Hounsfield units, `1 z y x` with at least two slices, rows and columns.
        options: As keywords, the fields of `ProjectOptions`; `views` may be positional.

    Raises:
        InputError: For an image that is no CT volume, masks on another grid, a source inside the volume.
        UsageError: For unknown names, numbers out of range, options that exclude each other.
        LimitError: For too many labels, views or pixels.

    >>> import numpy as np
    >>> from radloupe.imaging.image import Image
    >>> from radloupe.imaging.pixel_info import PixelInfo
    >>> water = np.full((1, 22, 22, 22), -1000, np.int16)
    >>> water[:, 1:-1, 1:-1, 1:-1] = 0  # a cube of 20 mm
    >>> ct = Image(water, info=PixelInfo("HU", "CT"))
    >>> drr = project(ct, angles="LLAT", size=(5, 5))
    >>> drr.info.unit, round(float(drr.pixels[0, 0, 2, 2]), 3)  # 20 mm of 0.0211 / mm
    ('line integral', 0.422)
    >>> [one.pixels.dtype.name for one in project(ct, "random:2", kind="display", size=(5, 5))]
    ['uint8', 'uint8']

    """
    projection = prepare_projection(ct, options)
    drrs = [projection.drr(item) for item in range(len(projection.views))]
    return drrs[0] if is_single(options) else drrs
