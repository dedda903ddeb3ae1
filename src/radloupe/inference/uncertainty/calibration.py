"""The calibration of a model's intervals, as its manifest keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from radloupe.core.errors import WeightsError
from radloupe.inference.options import LEVELS
from radloupe.inference.uncertainty.error_scale import NUMBERS, STRATA


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Regression of the error's size, and the factors that make intervals of it.

    Raises `WeightsError` for another number of coefficients, strata or levels.
    """

    coefficients: Sequence[float]
    """Of `error_scale.predicted`."""
    factors: Mapping[str, Sequence[float]]
    """By level: a factor for each stratum of `error_scale.clues`."""
    patients: int
    """That the factors rest on: none was trained on."""
    images: int
    """Slices of those patients."""
    guaranteed: Mapping[str, bool]
    """By level: whether there were enough patients for a guarantee by exchangeability."""
    noise: float
    """The median noise level of the low-resolution images, as a share of the span."""
    noise_gain: float
    """Noise of the result for noise of the input."""
    measured: Mapping[str, Any] = field(default_factory=dict)
    """Coverage and width on images that were used for nothing else, where there were any."""

    def __post_init__(self) -> None:
        found = (len(self.coefficients), sorted(self.factors), {len(row) for row in self.factors.values()})
        if found != (NUMBERS, sorted(LEVELS), {STRATA}):
            raise WeightsError(
                f"Expected {NUMBERS} coefficients and {STRATA} factors for the levels {', '.join(LEVELS)}, found {found[0]} coefficients, "
                f"{found[2]} factors for {', '.join(found[1])}. Calibrate the model again."
            )

    @property
    def record(self) -> dict[str, Any]:
        """The field `uncertainty` of a manifest."""
        return asdict(self)


def read_calibration(record: Mapping[str, Any]) -> Calibration | None:
    """The calibration of a manifest's field, None for an empty one; raises `WeightsError` for one that is damaged."""
    if not record:
        return None
    try:
        return Calibration(**record)
    except TypeError as error:
        raise WeightsError(f"Expected the fields of a calibration in the manifest: {error}. Calibrate the model again.") from error
