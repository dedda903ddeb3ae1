"""Calibration of a model's prediction intervals, as stored in its manifest."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from radloupe.core.errors import WeightsError
from radloupe.inference.options import LEVELS
from radloupe.inference.uncertainty.error_scale import NUMBERS, STRATA


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Calibration: regression coefficients of the error magnitude, and conformal factors of the intervals.

    Raises `WeightsError` for another number of coefficients, strata or levels.
    """

    coefficients: Sequence[float]
    """Coefficients of `error_scale.predicted`."""
    factors: Mapping[str, Sequence[float]]
    """Conformal factors by level, one for each stratum of `error_scale.clues`."""
    patients: int
    """Number of calibration patients, none of them a training patient."""
    images: int
    """Number of slices of those patients."""
    guaranteed: Mapping[str, bool]
    """Whether the number of patients suffices for a guarantee by exchangeability, by level."""
    noise: float
    """The median noise level of the low-resolution images, as a share of the span."""
    noise_gain: float
    """Noise gain: standard deviation of the result's noise relative to that of the input's."""
    measured: Mapping[str, Any] = field(default_factory=dict)
    """Coverage and width on separate test images, if there were any."""

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
    """Calibration from a manifest's field, None for an empty one; raises `WeightsError` for a damaged one."""
    if not record:
        return None
    try:
        return Calibration(**record)
    except TypeError as error:
        raise WeightsError(f"Expected the fields of a calibration in the manifest: {error}. Calibrate the model again.") from error
