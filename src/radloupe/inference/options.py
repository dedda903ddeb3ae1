"""The options of super-resolution, each declared once with its default, help and choices. It imports no torch: `--help` is quick."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from radloupe.core.keywords import check_choices, option
from radloupe.core.tables import Table

if TYPE_CHECKING:
    from radloupe.imaging.image import Image

ENGINES = Table(
    "engine",
    {
        "torch": "radloupe.inference.eager:torch_engine",
        "openvino": "radloupe.inference.openvino:openvino_engine",
        "onnx": "radloupe.inference.onnx:onnx_engine",
    },
)
PRECISIONS = ("auto", "32", "bf16", "int8")
QUALITIES = ("fast", "default", "best")
AUTO = "auto"
DEVICES = ("auto", "cpu", "cuda")
CONSISTENCY = ("auto", "off", "hard")
LEVELS = ("0.5", "0.8", "0.9", "0.95")
"""Nominal coverages of calibrated intervals."""


@dataclass(frozen=True, kw_only=True)
class InferenceOptions:
    """Options of inference, with the defaults of all callers, which suit a machine with two cores.

    Raises `UsageError` for a value that is not among an option's choices.
    """

    tile: str | int = option("auto", "auto, off, or the side of a tile in pixels.")
    memory: str = option("2GiB", "Upper bound on resident memory; it decides the size of the tiles.")
    quality: str = option(
        "default",
        "What to spend: fast allows lower precision that is known to lose at most 0.05 dB, best averages eight flips (8 times as long).",
        QUALITIES,
    )
    engine: str = option("auto", "Inference engine; auto takes the fastest that is installed.", ("auto", *ENGINES))
    precision: str = option("auto", "Precision of the network's body; auto is 32, or with quality fast the fastest.", PRECISIONS)
    device: str = option("auto", "Where PyTorch runs the network.", DEVICES)
    consistency: str = option(
        "auto", "Correct the result towards one that degrades to the input: as far as its noise allows, not at all, or wholly.", CONSISTENCY
    )
    denoise: str | float = option(AUTO, "Noise removal: auto (what is found in the image), or 0 (none) to 1 (strongest).")
    sharpness: str | float = option(AUTO, "Sharpness of the input: auto (what is found in the image), or 0 (blurred) to 1 (sharp).")
    uncertainty: bool = option(False, "Half widths of calibrated intervals around every pixel, for models that have a calibration.")
    level: str = option("0.9", "Nominal coverage of the intervals.", LEVELS)
    strict: bool = option(False, "Refuse a result of low consistency or with many bounded pixels (exit code 3).")
    bounded: bool = True
    """Whether the output is bounded (`inference.bound`). Tables of papers measure networks without the bound, as their authors do."""
    tile_bytes: int | None = None
    """Memory of the tiles alone, in bytes. Measurements fix it, so that the overlapping tiles of networks without a finite receptive field
    do not depend on free memory; by default it is what `memory` leaves beside what is resident."""

    def __post_init__(self) -> None:
        check_choices(self)

    @property
    def allowed_precision(self) -> str:
        """The precision that is asked for, or what the quality allows."""
        return "32" if self.precision == "auto" and self.quality != "fast" else self.precision


@dataclass(frozen=True, kw_only=True)
class UpscaleOptions(InferenceOptions):
    """Options of inference, and the choice of model and output grid."""

    model: str | None = option(None, "A model of `radloupe models`, or a model folder. Default: by modality and scale.")
    scale: float | None = option(None, "Enlargement in plane, such as 2, 3 or 1.5; at most 8. Default: 4, or the largest that fits.")
    size: tuple[int, int] | None = option(None, "Rows x columns of the result, in place of a scale.")
    spacing: float | tuple[float, ...] | None = option(None, "Pixel spacing of the result in mm, X or X,Y, in place of a scale.")
    reference: "Image | None" = option(None, "A sharp image of one slice, for reference-based models.")  # noqa: RUF009  a field
    force: bool = option(False, "Enlarge what the input checks refuse, and what looks like a label map as intensities.")
