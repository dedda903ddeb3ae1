"""2D/3D registration of images or files: initial geometry from headers, the pose, and a report with overlays."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom import Dataset

from radloupe import formats
from radloupe.core import files
from radloupe.core.errors import InputError, UsageError
from radloupe.core.keywords import keywords_of
from radloupe.drr.projection import project
from radloupe.drr.register_options import RegisterOptions
from radloupe.drr.registration.pose_result import PoseResult
from radloupe.drr.registration.session import RegistrationSession
from radloupe.formats.dicom.detector import Exposure, exposure_of
from radloupe.imaging.camera import SDD_MM, CArm, View
from radloupe.imaging.image import Image
from radloupe.imaging.projected import Projected
from radloupe.pipelines.project import read_ct
from radloupe.reports.overlays import Overlay, overlay_page

NOTHING = Exposure(None, None, None, None, None)
BEHIND_MM, SHARE = 400.0, 0.6
"""Assumed isocentre: distance before the detector, or share of a short source-to-detector distance."""


@dataclass(frozen=True)
class Registration:
    """Registration result with its inputs."""

    result: PoseResult
    starts: tuple[View, ...]
    xrays: tuple[Image, ...]
    ct: Image

    def write(self, output: Path, overwrite: bool = False, inputs: Sequence[Path] = ()) -> None:
        """Write the pose as JSON."""
        with files.atomic(output, overwrite, inputs=inputs) as temporary:
            temporary.write_text(json.dumps(self.result.record(), indent=1) + "\n", encoding="utf-8")

    def write_report(self, folder: Path, overwrite: bool = False, inputs: Sequence[Path] = ()) -> None:
        """Write an HTML report of the X-ray images with DRRs before and after."""
        page = overlay_page("Registration", self.result.record(), list(self.overlays()))
        with files.atomic(folder, overwrite, folder=True, inputs=inputs) as temporary:
            (temporary / "index.html").write_text(page, encoding="utf-8")

    def overlays(self) -> Iterator[Overlay]:
        """The X-ray images with DRRs at the initial and the final pose."""
        pairs = [*zip(self.starts, self.result.views, strict=True)]
        drrs = project(self.ct, [view for pair in pairs for view in pair])
        assert isinstance(drrs, list)  # noqa: S101  several views make a list
        for number, xray in enumerate(self.xrays):
            before, after = (drr.pixels[0, 0] for drr in drrs[2 * number : 2 * number + 2])
            yield Overlay(xray.pixels[0, 0], before, after, self.result.inverted)


@keywords_of(RegisterOptions)
def register(ct: Image, options: RegisterOptions) -> PoseResult:
    """2D/3D registration: the pose of an X-ray image's source and detector in the coordinates of a CT of the same patient.

    The pose maximises the masked local normalised cross-correlation of the CT's DRRs with the X-ray image, by the
    Levenberg-Marquardt method from coarse to fine images (docs/registration.md).

    Args:
        ct: A CT volume in Hounsfield units, `1 z y x`.
        options: As keywords, the fields of `RegisterOptions`; `xrays` may be positional.

    Returns:
        The pose as a `View`, with the similarity, the expected error in mm, and reasons to distrust it.

    Raises:
        InputError: For an image that is no CT, and X-ray images that are coloured, constant, too small, or outside the CT.
        UsageError: For missing or impossible geometry.

    >>> import numpy as np
    >>> from radloupe.drr import CArm, project
    >>> from radloupe.imaging.pixel_info import PixelInfo
    >>> z, y, x = np.mgrid[-32:32, -32:32, -32:32]
    >>> spots = sum((x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2 < 36 for a, b, c in [(9, 5, 12), (-12, 14, -4), (3, -15, -14), (-8, -9, 9)])
    >>> hu = np.where(x**2 + y**2 + z**2 < 28**2, 700 * spots, -1000).astype(np.int16)
    >>> ct = Image(hu[None], np.diag([2.0, 2, 2, 1]), PixelInfo("HU", "CT"))
    >>> arm = CArm(sdd=1000, sid=600, size=(128, 128), pixel=2.0)
    >>> xray = project(ct, arm.view((4, -3, 2), ct), engine="exact")
    >>> found = register(ct, xray, start=arm.view((0, 0, 0), ct))
    >>> [round(angle) for angle in found.view.angles], found.flagged
    ([4, -3, 2], False)
    """
    return prepare_registration(ct, options).result


def prepare_registration(ct: Image, options: RegisterOptions) -> Registration:
    """Registration result with its inputs; raises as `register`."""
    xrays = (options.xrays,) if isinstance(options.xrays, Image) else tuple(options.xrays)
    if not 1 <= len(xrays) <= 2:
        raise UsageError(f"Expected one X-ray image, or two, found {len(xrays)}. Give them as `xrays`.")
    session = RegistrationSession(ct)
    found = [start_view(xray, start, options, ct) for xray, start in zip(xrays, starts_of(options, len(xrays)), strict=True)]
    views = tuple(view for view, _ in found)
    result = session.register([xray.pixels for xray in xrays], views, all(known for _, known in found), options.seed)
    return Registration(result, views, xrays, ct)


def starts_of(options: RegisterOptions, count: int) -> list[object]:
    """Start of each image: a view, angles, or None for its own geometry."""
    start = options.start
    starts: list[object] = [start] * count
    if isinstance(start, Sequence) and not isinstance(start, str) and not all(isinstance(one, int | float) for one in start):
        starts = list(start)
    if len(starts) != count:
        raise UsageError(f"Expected a start for each of {count} X-ray images, found {len(starts)}. Repeat `start`, or leave it out.")
    return starts


def start_view(xray: Image, start: object, options: RegisterOptions, ct: Image) -> tuple[View, bool]:
    """Initial view of an image, and whether its source-to-detector distance is known."""
    if xray.info.modality in ("CT", "MR") or xray.info.unit == "HU":
        raise InputError(f"Expected an X-ray image, found one of the modality {xray.info.modality}. Set the modality XR if it is one.")
    if isinstance(start, View):
        return start, True
    if isinstance(xray.source, Projected) and start is None:
        return xray.source.on(xray.affine, xray.shape[1:]).view, True
    header = xray.source[0] if isinstance(xray.source, tuple) and isinstance(xray.source[0], Dataset) else None
    exposure = NOTHING if header is None else exposure_of(header)
    if exposure.view is not None and exposure.view.source is not None and start is None:
        return replace(exposure.view, isocentre=None), True
    sdd = options.sdd or exposure.sdd
    sid = options.sid or exposure.sid or max(SHARE * (sdd or SDD_MM), (sdd or SDD_MM) - BEHIND_MM)
    if sid >= (sdd or SDD_MM):
        raise InputError(f"Expected the detector behind the patient, found sdd {sdd or SDD_MM:g} and sid {sid:g} mm. Give `sdd` and `sid`.")
    angles = start or exposure.angles or (0.0, 0.0, 0.0)
    arm = CArm("cone", sdd or SDD_MM, sid, size=xray.shape[1:], pixel=pitch_of(xray, exposure, options))
    return arm.view(angles, ct), sdd is not None  # type: ignore[arg-type]


def pitch_of(xray: Image, exposure: Exposure, options: RegisterOptions) -> float | tuple[float, float]:
    """Pixel pitch on the detector from the option or the file; raises `UsageError` without either."""
    if options.pixel is not None:
        return options.pixel
    if exposure.pixel is not None:
        return exposure.pixel
    dx, dy = (float(step) for step in xray.spacing[:2])
    if (dx, dy) == (1.0, 1.0):
        raise UsageError("Expected the pixel pitch on the detector, found an image without. Give `pixel` in mm.")
    return dy, dx


def register_files(ct: Path, xrays: Sequence[Path], options: RegisterOptions, modality: str | None = None) -> Registration:
    """Read a CT and X-ray images and register them; `options` as for `register`, without `xrays`."""
    images = tuple(
        formats.read(path, modality="XR" if path.suffix.lower() in (".png", ".tif", ".tiff", ".jpg") else None) for path in xrays
    )
    return prepare_registration(read_ct(ct, modality), replace(options, xrays=images))
