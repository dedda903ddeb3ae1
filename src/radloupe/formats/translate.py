"""Third-party readers raise many kinds of exception on damaged files; here they all become Radloupe's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from radloupe.errors import InputError, LimitError, RadloupeError


@contextmanager
def translate(path: Path, form: str) -> Iterator[None]:
    """Turn whatever a third party raises while it reads `path` into `InputError`, and lack of memory into `LimitError`.

    Decoders fed with damaged bytes raise nearly every class (IndexError, struct.error, SyntaxError ...), so the net is wide; a
    `RadloupeError` passes as it is.
    """
    try:
        yield
    except RadloupeError:
        raise
    except MemoryError as error:
        raise LimitError(f"There is not enough memory to read {path}. Crop it, or use a machine with more.") from error
    except Exception as error:
        reason = " ".join(str(error).split())[:160]
        raise InputError(
            f"Expected a whole {form} file, found a damaged or unsupported one: {path} ({reason}). Export it again."
        ) from error
