"""Whose image goes into which part of a data set. A patient is in one part only, and only named by a key that does not tell who it is."""

import warnings
from collections.abc import Iterable, Mapping

from radloupe.core import files, seeds
from radloupe.core.errors import InputError, RadloupeWarning


def patient_key(patient: str) -> str:
    """Sixteen hexadecimal digits in place of an identifier: the same for the same patient, and printed instead of it."""
    return files.sha256(f"radloupe patient {patient.strip()}".encode())[:16]


def split(patients: Iterable[str], shares: Mapping[str, float], seed: int, hint: str = "") -> dict[str, str]:
    """The part of each patient: as near to the shares as whole patients allow, at least one in each part, drawn from the seed.

    Two patients make training and test, which is warned of; the validation part is then empty. Raises `InputError` for a single one, with
    a `hint` of what can be done.
    """
    known = sorted(set(patients))
    parts = {name: share for name, share in shares.items() if share > 0}
    if len(known) == 2 and "validation" in parts and len(parts) == 3:
        warnings.warn("There are two patients only: one for training, one for test, none for validation.", RadloupeWarning, stacklevel=3)
        parts.pop("validation")
    if len(known) < len(parts):
        text = f"Expected at least {len(parts)} patients, one for each of {', '.join(parts)}, found {len(known)}."
        raise InputError(f"{text} {hint or 'Add patients: images of one never go into two parts.'}")
    order = seeds.generator(seed, "split").permutation(len(known))
    names = [name for name, count in counts(len(known), parts).items() for _ in range(count)]
    return {known[int(place)]: name for place, name in zip(order, names, strict=True)}


def counts(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Whole numbers as near to the shares as can be that add up to the total, none of them zero.

    >>> counts(20, {"train": 7, "validation": 2, "test": 1})
    {'train': 14, 'validation': 4, 'test': 2}
    """
    exact = {name: total * share / sum(shares.values()) for name, share in shares.items()}
    result = {name: max(1, int(value)) for name, value in exact.items()}
    while change := total - sum(result.values()):
        step = 1 if change > 0 else -1
        name = max((n for n in exact if result[n] + step), key=lambda n: step * (exact[n] - result[n]))
        result[name] += step
    return result
