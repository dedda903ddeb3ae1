"""The door to projection: a CT and views in, X-ray pictures out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from radloupe.core.errors import UsageError
from radloupe.drr.detector.display import Polarity, Scale, Window, display, window_of
from radloupe.drr.detector.flat_panel import Detector, expose, logarithm
from radloupe.drr.physics.hu_to_mu import Lookup
from radloupe.drr.projector import PATHS, Beams, Projector
from radloupe.imaging.camera import CArm, View
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage

Kind = Literal["attenuation", "display", "counts"]
KINDS: tuple[Kind, ...] = ("attenuation", "display", "counts")
COUNTS = PixelInfo("photons", "XR")


def project(
    ct: Image,
    views: View | Sequence[View] | None = None,
    *,
    angles: Sequence[float] | str = (0.0, 0.0, 0.0),
    beam: str | None = None,
    sdd: float | None = None,
    sid: float | None = None,
    size: tuple[int, int] = (512, 512),
    pixel: float | tuple[float, float] | None = None,
    lut: str | Path | Lookup = "tissue",
    spectrum: Beams | None = None,
    masks: Image | None = None,
    kind: str = "attenuation",
    photons: float | None = None,
    detector: Detector | None = None,
    seed: int = 0,
    window: Window | None = None,
    polarity: Polarity = "radiograph",
    look: bool = False,
    bits: int = 8,
    engine: str = "fast",
    quality: str = "default",
) -> Image | list[Image]:
    """X-ray pictures computed from a CT: an image for a view, a list for a sequence of views.

    Without `views` a C-arm takes one, see `projector.aim`; with them, angles, distances, size and pixel are theirs. `lut`, `spectrum`,
    `masks`, `engine` and `quality` are those of `Projector`. The kinds: `attenuation`, line integrals without a unit, float32; `counts`,
    the quanta that a `detector` reports (`photons` a pixel without a patient stand for a plain one; 10000 if neither is given); `display`,
    grey levels as `display.display` describes, with one window for all views. A detector makes `attenuation` and `display` noisy, too.
    Pictures lie where the detector is, `c 1 y x` with a channel for each label of the masks.

    Raises `InputError` for what is no CT volume and a source inside it, `UsageError` for settings that make no sense, `LimitError`.
    """
    if kind not in KINDS:
        raise UsageError(f"Expected a kind among {', '.join(KINDS)}, found {kind!r}.")
    if photons is not None and detector is not None:
        raise UsageError("Expected photons or a detector, which has its own; found both.")
    if detector is None and (photons is not None or kind == "counts"):
        detector = Detector() if photons is None else Detector(photons=photons)
    if views is None:
        views = CArm(beam=beam, sdd=sdd, sid=sid, size=size, pixel=pixel).view(angles, ct)
    projector = Projector(ct, lut, engine, quality, spectrum, masks)
    pictures = [projector.render(view) for view in ([views] if isinstance(views, View) else views)]
    if detector is not None:
        pictures = [exposed(picture, detector, seed, item) for item, picture in enumerate(pictures)]
        if kind != "counts":
            pictures = [seen(picture, detector) for picture in pictures]
    if kind == "display" and pictures:
        window = window_of([picture.pixels for picture in pictures]) if window is None else window
        pictures = [shown(picture, window, polarity=polarity, look=look, bits=bits) for picture in pictures]
    return pictures[0] if isinstance(views, View) else pictures


def exposed(picture: Image, detector: Detector, seed: int, item: int = 0) -> Image:
    """The quanta that a detector reports for a picture of line integrals, the `item`-th of a series; see `detector.expose`."""
    channels = len(picture.pixels)
    planes = [expose(p[0], picture.source.view, detector, seed, item * channels + c) for c, p in enumerate(picture.pixels)]
    source = replace(picture.source, relationship="LIN", bright=1)
    step = f"Exposed with {detector.photons:g} quanta a pixel, seed {seed}, picture {item}."
    return replace(picture, pixels=np.stack(planes)[:, None], info=COUNTS, source=source, history=(*picture.history, step))


def seen(picture: Image, detector: Detector) -> Image:
    """The noisy line integrals that a picture of quanta stands for."""
    source = replace(picture.source, relationship="LOG", bright=-1)
    planes = [logarithm(plane[0], detector.photons) for plane in picture.pixels]
    return replace(picture, pixels=np.stack(planes)[:, None], info=PATHS, source=source)


def shown(
    picture: Image,
    window: Window | None = None,
    *,
    polarity: Polarity = "radiograph",
    scale: Scale = "log",
    look: bool = False,
    bits: int = 8,
) -> Image:
    """Grey levels of a picture of line integrals, as `display.display` makes them."""
    grey = display(picture.pixels, window, polarity=polarity, scale=scale, look=look, bits=bits)
    info = PixelInfo("stored", "XR", storage=Storage(grey.dtype.name, bits))
    source = replace(picture.source, relationship="LOG" if scale == "log" else "LIN", bright=1 if polarity == "fluoroscopy" else -1)
    return replace(picture, pixels=grey, info=info, source=source)
