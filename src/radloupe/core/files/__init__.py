"""Files: atomic writing, safe output paths, and fingerprints."""

from radloupe.core.files.fingerprint import sha256
from radloupe.core.files.outputs import check_output, check_outputs, check_working_folder, translate_os_errors
from radloupe.core.files.writing import TEMPORARY, atomic, remove_empty, remove_names

__all__ = [
    "TEMPORARY",
    "atomic",
    "check_output",
    "check_outputs",
    "check_working_folder",
    "remove_empty",
    "remove_names",
    "sha256",
    "translate_os_errors",
]
