"""Patients of a data set: pseudonymous keys, and the split of patients into parts."""

import hashlib
import hmac
import warnings
from collections.abc import Iterable, Mapping

from radloupe.core import files, seeds
from radloupe.core.errors import InputError, RadloupeWarning


def patient_key(patient: str, salt: str = "") -> str:
    """Pseudonym of a patient: 16 hexadecimal digits, the same for the same identifier and salt.

    A pseudonym, not anonymisation: whoever has the salt can test whether a known identifier belongs to a key, and without a salt anybody
    can. A salt keeps keys of different data sets from being linked, and tables of precomputed hashes from working.

    Args:
        patient: The identifier, such as DICOM's PatientID; spaces around it are ignored.
        salt: What the keys of a data set have in common (`patient_salt` in its `dataset.json`). Keys written by version 0.1 have none.

    >>> patient_key("patient 7", "3f9c") == patient_key(" patient 7", "3f9c") != patient_key("patient 7")
    True

    """
    text = f"radloupe patient {patient.strip()}".encode()
    return (hmac.new(salt.encode(), text, hashlib.sha256).hexdigest() if salt else files.sha256(text))[:16]


def salt_of(digests: Iterable[str]) -> str:
    """The salt of a data set: 32 hexadecimal digits that follow from the digests of its images, so that the same images give the same."""
    return files.sha256("\n".join(sorted(digests)).encode())[:32]


def split(patients: Iterable[str], shares: Mapping[str, float], seed: int, hint: str = "") -> dict[str, str]:
    """The part of each patient: random by the seed, as close to the shares as whole patients allow, at least one in each part.

    Two patients make training and test, with a warning; the validation part is then empty.

    Args:
        patients: Identifiers; repeated ones count once.
        shares: The share of each part, in any unit.
        seed: Of the permutation of the patients.
        hint: What can be done about too few patients, for the error.

    Raises:
        InputError: For fewer patients than parts.

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
    return {known[int(index)]: name for index, name in zip(order, names, strict=True)}


def counts(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Whole numbers as near to the shares as possible that add up to the total, none of them zero.

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
