"""The exceptions of Radloupe, each with its exit code.

RadloupeError            1  a bug in Radloupe
├── UsageError           2  wrong usage or configuration
├── InputError           3  bad input
├── LimitError           4  over a limit
└── WeightsError         5  missing or damaged weights

A message is one short paragraph: what was expected, what was found, where, and what to do next. It never holds a patient's value. An
option is named in backticks as Python calls it (`memory`); the command line shows it as its flag.
"""

SHOWN = 40
"""Characters of a value that a message quotes."""


def quoted(value: object) -> str:
    """A value that was found, for a message: its beginning where it is long.

    >>> quoted("raw")
    "'raw'"
    """
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


class RadloupeError(Exception):
    """Base of every error Radloupe raises on purpose."""

    exit_code = 1


class RadloupeWarning(UserWarning):
    """The result is valid, but was computed differently than asked, or outside its intended use."""


class UsageError(RadloupeError):
    """The call or its configuration is wrong: unknown model, output exists, impossible scale."""

    exit_code = 2


class InputError(RadloupeError):
    """The input cannot be used: damaged, mixed, absurd geometry, not a grey image."""

    exit_code = 3


class LimitError(RadloupeError):
    """The input, the output or the work is larger than a limit, or the disk is full."""

    exit_code = 4


class WeightsError(RadloupeError):
    """Weights are missing, damaged or do not fit their manifest."""

    exit_code = 5
