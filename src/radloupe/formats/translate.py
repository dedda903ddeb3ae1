"""What third-party readers raise, or only remark, on damaged files; here it all becomes Radloupe's errors."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from radloupe.core.errors import InputError, LimitError, RadloupeError

LIBRARIES = ("tifffile", "pydicom", "PIL")
"""The loggers of those that read files here; all that pydicom warns of, it logs too."""

DAMAGE = re.compile(
    r"truncat|corrupt|could not read|invalid (?:value ?|page )?offset|end of (?:the )?(?:file|encapsulated)|missing required", re.IGNORECASE
)
"""Words of a warning that say a file is not whole; logged errors need none. Other remarks are about spelling: a date, a character set."""

_remarks: ContextVar[list[str] | None] = ContextVar("remarks", default=None)


class Listener(logging.Handler):
    """Keeps the remarks of the libraries that tell of damage, for the `whole` that is under way in the same thread or task."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a remark, or forget it."""
        remarks, text = _remarks.get(), record.getMessage()
        if remarks is not None and (record.levelno >= logging.ERROR or DAMAGE.search(text)):
            remarks.append(text)


LISTENER = Listener()
for _name in LIBRARIES:
    logging.getLogger(_name).addHandler(LISTENER)  # which keeps them off the terminal, too


@contextmanager
def whole(path: Path, form: str, quote: bool = True) -> Iterator[None]:
    """Raise `InputError` at the end where a library remarked that the file is damaged, and went on with what it could read.

    No remark or warning reaches the terminal. `quote` puts the first remark into the message; those on DICOM may hold a patient's data.
    What a library stumbles over later is only a consequence: its exception becomes the cause.
    """
    remarks: list[str] = []
    token, failure = _remarks.set(remarks), None
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            yield
    except (RadloupeError, MemoryError):
        raise
    except Exception as error:
        failure = error
    finally:
        _remarks.reset(token)
    remarks += [text for warning in said if DAMAGE.search(text := str(warning.message))]
    if remarks:
        reason = f" ({shorten(remarks[0])})" if quote else ""
        message = f"Expected a whole {form} file, found one that is cut off or damaged: {path}{reason}. Copy or export it again."
        raise InputError(message) from failure
    if failure:
        raise failure


@contextmanager
def translate(path: Path, form: str) -> Iterator[None]:
    """Turn whatever a third party raises while it reads `path` into `InputError`, and lack of memory into `LimitError`.

    Decoders fed with damaged bytes raise nearly every class (IndexError, struct.error, SyntaxError ...), so the net is wide; a
    `RadloupeError` passes as it is. What they only remark is refused, too: see `whole`.
    """
    try:
        with whole(path, form):
            yield
    except RadloupeError:
        raise
    except MemoryError as error:
        raise LimitError(f"There is not enough memory to read {path}. Crop it, or use a machine with more.") from error
    except Exception as error:
        raise InputError(
            f"Expected a whole {form} file, found a damaged or unsupported one: {path} ({shorten(str(error))}). Export it again."
        ) from error


def shorten(text: str) -> str:
    """A library's text on one line, 160 characters at most."""
    return " ".join(text.split())[:160]
