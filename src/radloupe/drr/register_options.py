"""The options of 2D/3D registration, each declared once with its default and help. It imports no NumPy: `--help` is quick."""

# ruff: noqa: RUF009  calls that make fields, not values that instances share

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from radloupe.core.errors import UsageError
from radloupe.core.keywords import option

if TYPE_CHECKING:
    from radloupe.imaging.camera import View
    from radloupe.imaging.image import Image

    Start = Sequence[float] | str | View
    """Angles, the name of a view, or a view."""


@dataclass(frozen=True)
class RegisterOptions:
    """Options of 2D/3D registration, with the defaults of all callers. Raises `UsageError` for impossible distances."""

    xrays: "Image | Sequence[Image]" = option((), "An X-ray image, or two of a patient who did not move, from different directions.")
    """Several are registered together: the transform between their views is known, and determines depth."""
    _: KW_ONLY
    start: "Start | Sequence[Start] | None" = option(
        None, "Angles to start from (primary, secondary, roll), in degrees. Default: the image's own, or 0,0,0 (PA)."
    )
    """Or a name from `camera.VIEWS`, or a `View`; or a list of them, one for each image."""
    sdd: float | None = option(None, "Source-to-detector distance in mm. Default: the image's; without it depth is not known.")
    sid: float | None = option(None, "Source-to-isocentre distance in mm to start from. Default: the image's, or 0.6 of `sdd`.")
    pixel: float | None = option(None, "Pixel pitch on the detector in mm. Default: the image's.")
    seed: int = option(0, "Seed of the further starts that are tried where the first does not converge.")

    def __post_init__(self) -> None:
        if self.sdd is not None and self.sid is not None and not 0 < self.sid < self.sdd:
            raise UsageError(
                f"Expected a source-to-isocentre distance `sid` below the source-to-detector distance `sdd`, found {self.sid:g} and "
                f"{self.sdd:g} mm. Swap them, or leave one out."
            )
