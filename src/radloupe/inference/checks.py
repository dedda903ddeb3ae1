"""Checks of a finished result: data consistency and the share of bounded pixels."""

from radloupe.inference.bound import Bound
from radloupe.inference.consistency import Consistency

CONSISTENCY_DB = 40.0
"""Smallest PSNR between the input and the degraded result: an error of 1 % of the input's range. The default models
reach 50 dB and more on images of every modality, and 20 to 30 dB on noise."""
BOUNDED_SHARE = 1e-3
"""Largest share of output pixels that the bound changed."""


def check_result(model: str, consistency: Consistency, bound: Bound) -> list[str]:
    """A sentence for each failed check; an empty list does not prove a result right."""
    notes = []
    found = consistency.psnr()
    if found is not None and found < CONSISTENCY_DB:
        notes.append(
            f"Low consistency: degraded again, the result differs from the input ({found:.1f} dB, expected {CONSISTENCY_DB:g} or more). "
            f"{model} does not suit this image."
        )
    if bound.changed_share > BOUNDED_SHARE:
        notes.append(
            f"{bound.changed_share:.2%} of the pixels left the range of their neighbourhood and were brought back to its bounds: "
            f"{model} is unstable on this image."
        )
    return notes
