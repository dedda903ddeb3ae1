"""Exceptions and warnings of third-party readers on damaged files, translated into Radloupe's errors."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from radloupe.core.errors import InputError, LimitError, RadloupeError

LIBRARIES = ("tifffile", "pydicom", "PIL")
"""Loggers of the libraries that read files here; pydicom logs its warnings, too."""

DAMAGE = re.compile(
    r"truncat|corrupt|could not read|invalid (?:value ?|page )?offset|end of (?:the )?(?:file|encapsulated)|missing required", re.IGNORECASE
)
"""Words that mark a warning as one of damage.

Logged errors need none. Other warnings concern formalities such as a date or a character set.
"""

_remarks: ContextVar[list[str] | None] = ContextVar("remarks", default=None)


class Listener(logging.Handler):
    """Logging handler that collects messages about damage for the `whole` that is active in the same thread or task."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message about damage; ignore others."""
        remarks, text = _remarks.get(), record.getMessage()
        if remarks is not None and (record.levelno >= logging.ERROR or DAMAGE.search(text)):
            remarks.append(text)


LISTENER = Listener()
for _name in LIBRARIES:
    logging.getLogger(_name).addHandler(LISTENER)  # which keeps them off the terminal, too


@contextmanager
def whole(path: Path, form: str, quote: bool = True) -> Iterator[None]:
    """Context that raises `InputError` on exit where a library logged that the file is damaged but went on reading.

    No warning reaches the terminal. `quote` puts the first one into the message; those on DICOM may hold a patient's data.
    An exception that follows is a consequence of the damage and becomes the error's cause.
    """
    remarks: list[str] = []
    token, failure = _remarks.set(remarks), None
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
    except (RadloupeError, MemoryError):
        raise
    except Exception as error:
        failure = error
    finally:
        _remarks.reset(token)
    remarks += [text for warning in caught if DAMAGE.search(text := str(warning.message))]
    if remarks:
        reason = f" ({shorten(remarks[0])})" if quote else ""
        message = f"Expected a whole {form} file, found one that is cut off or damaged: {path}{reason}. Copy or export it again."
        raise InputError(message) from failure
    if failure:
        raise failure


@contextmanager
def translate(path: Path, form: str) -> Iterator[None]:
    """Context that turns any third-party exception while `path` is read into `InputError`, and `MemoryError` into `LimitError`.

    Decoders raise nearly every class on damaged bytes (IndexError, struct.error, SyntaxError ...), so all are caught; a `RadloupeError`
    passes unchanged. Damage that is only logged is refused, too: see `whole`.
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
