"""The exceptions of Radloupe, each with its exit code.

RadloupeError            1  a bug in Radloupe
├── UsageError           2  wrong usage or configuration
├── InputError           3  bad input
├── LimitError           4  over a limit
└── WeightsError         5  missing or damaged weights

A message is one short paragraph: what was expected, what was found, where, and what to do next. It never holds a patient's value. An
option is named in backticks as Python calls it (`memory`); the command line shows it as its flag.
"""

QUOTED = 40
"""Largest number of characters of a value in a message."""


def quoted(value: object) -> str:
    """Representation of a found value for a message, truncated where it is long.

    >>> quoted("raw")
    "'raw'"
    """
    text = repr(value)
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}..."


class RadloupeError(Exception):
    """Base class of Radloupe's exceptions."""

    exit_code = 1


class RadloupeWarning(UserWarning):
    """Warning of a valid result that was computed differently than requested, or outside the intended use."""


class UsageError(RadloupeError):
    """Error in the call or its configuration: unknown model, existing output, impossible scale."""

    exit_code = 2


class InputError(RadloupeError):
    """Error in the input: damaged, mixed, implausible geometry, not a grey image."""

    exit_code = 3


class LimitError(RadloupeError):
    """Error of size: input, output or work above a limit, or a full disk."""

    exit_code = 4


class WeightsError(RadloupeError):
    """Error in weights: missing, damaged, or not those of their manifest."""

    exit_code = 5
