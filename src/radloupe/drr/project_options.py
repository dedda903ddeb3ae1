"""The options of DRR projection, each declared once with its default, help and choices. It imports no NumPy: `--help` is quick."""

# ruff: noqa: RUF009  calls that make fields, not values that instances share

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from radloupe.core.errors import UsageError
from radloupe.core.keywords import check_choices, option
from radloupe.core.tables import Table

if TYPE_CHECKING:
    from radloupe.drr.detector.flat_panel import Detector
    from radloupe.drr.physics.hu_to_mu import Lookup
    from radloupe.drr.physics.spectra import SpectrumLike
    from radloupe.imaging.camera import Point, View
    from radloupe.imaging.image import Image

ENGINES = Table(
    "projection engine",
    {
        "fast": "radloupe.drr.engines.fast.fast_engine:prepare",
        "exact": "radloupe.drr.engines.exact:prepare",
        "torch": "radloupe.drr.engines.torch_joseph:prepare",
        "reference": "radloupe.drr.engines.reference:prepare",
    },
)
LOOKUPS = Table(
    "look-up table", {name: f"radloupe.drr.physics.hu_to_mu:{name.upper()}" for name in ("tissue", "deepdrr", "plastimatch", "nanodrr")}
)
"""Look-up tables from Hounsfield units to attenuation, by name."""
QUALITIES = ("default", "fine", "preview")
KINDS = ("attenuation", "display", "counts")
BEAMS = ("parallel", "cone")
POLARITIES = ("radiograph", "fluoroscopy")
INTENSITY_SCALES = ("log", "linear")


@dataclass(frozen=True)
class ProjectOptions:
    """Options of the computation of digitally reconstructed radiographs (DRRs) from a CT, with the defaults of all callers.

    Raises `UsageError` for a value that is not among an option's choices, and for options that exclude each other.
    """

    views: "View | Sequence[View] | str | None" = option(
        None, "A series of views: grid:24 (15 x 15 views all around), grid:20, or random:N (angles within 45 degrees)."
    )
    """One `View`, a sequence of them, or the name of a series; without it the C-arm's view at `angles`."""
    _: KW_ONLY
    angles: "Sequence[float] | str" = option((0.0, 0.0, 0.0), "Primary (+ LAO), secondary (+ cranial) and roll of the C-arm in degrees.")
    """Or a name from `camera.VIEWS`. This and the next eight describe the C-arm (`camera.CArm`); given views have their own geometry."""
    beam: str | None = option(None, "Rays, by default a cone where a distance is given", BEAMS)
    sdd: float | None = option(None, "Source-to-detector distance in mm. Default for a cone: 1020.")
    sid: float | None = option(None, "Source-to-isocentre distance in mm. Default for a cone: 530.")
    isocentre: "Sequence[float] | Point | None" = option(None, "Isocentre of the C-arm: x,y,z in LPS mm. Default: the volume's centre.")
    size: tuple[int, int] = option((512, 512), "Rows x columns of the detector.")
    pixel: float | tuple[float, float] | None = option(None, "Pixel pitch on the detector in mm. Default: a CT pixel at the isocentre.")
    offset: tuple[float, float] = option((0.0, 0.0), "Shift of the detector in mm: down,right.")
    mirror: bool = option(False, "Mirror the columns of the detector.")
    lut: "str | Path | Lookup" = option("tissue", f"Attenuation: {', '.join(LOOKUPS)}, or a file of HU,1/mm pairs.")
    tissues: Mapping[str, float] | None = option(None, "Factors of the attenuation of tissues: bone=2, lung=0, soft=..., fat=...")
    spectrum: "SpectrumLike | None" = option(None, "Polychromatic beam: 40 to 150 kV, or a name such as chest or rqa5.")
    """It replaces `lut` and `tissues`."""
    masks: "Image | None" = option(None, "Labels on the CT's grid; each becomes a channel.")
    kind: str | None = option(None, "Kind of image, by default display for PNG, DICOM and series of files, else attenuation", KINDS)
    photons: float | None = option(None, "Quanta that a pixel absorbs without a patient; adds Poisson noise.")
    dose: float | None = option(None, "The same, as air kerma at the detector in uGy: 2.5 in radiography.")
    detector: "Detector | None" = option(None, "Noise, blur and scatter. Default: none, or Poisson noise where counts need it.")
    seed: int = option(0, "Seed of random views and of noise.")
    window: tuple[float, float] | None = option(None, "Display window of line integrals: low,high. Default: 0 to 99.9 % of all views.")
    polarity: str = option("radiograph", "Bone white or dark", POLARITIES)
    intensity_scale: str = option("log", "Line integrals or X-ray intensity", INTENSITY_SCALES)
    look: bool = option(False, "The look of processed radiographs: flattened and sharpened.")
    bits: int | None = option(None, "8 or 16 bits of grey. Default: 16 for DICOM, 8 for others.")
    dicom: str | None = option(None, "Kind of DICOM object: rt, dx, xa or rf. Default: rt for a cone, dx or xa for parallel beams.")
    engine: str = option("fast", "Projection engine", ENGINES)
    quality: str = option("default", "Accuracy of the engine fast", QUALITIES)

    def __post_init__(self) -> None:
        check_choices(self)
        if self.spectrum is not None and (self.tissues or self.lut != "tissue"):
            raise UsageError("Expected `spectrum`, or `lut` and `tissues` for a monoenergetic beam; found both. Drop one of them.")
        if sum(one is not None for one in (self.photons, self.dose)) > 1 or (self.photons is not None and self.detector is not None):
            raise UsageError("Expected `photons`, `dose`, or a detector with its own photons; found both. Drop one of them.")
        if self.dose is not None and not 0 < self.dose < float("inf"):
            raise UsageError(f"Expected a dose above 0 uGy, found {self.dose:g}.")
        if self.bits not in (None, 8, 16):
            raise UsageError(f"Expected 8 or 16 bits, found {self.bits}.")
