"""The options of an audit, each declared once with its default, help and choices. It imports no torch: `--help` is quick."""

from dataclasses import dataclass

from radloupe.core.keywords import check_choices, option
from radloupe.degradation.presets import PRESETS

WINDOWS = ("paper", "released")
"""Windows of sFRC: as published, and as in the authors' program."""


@dataclass(frozen=True, kw_only=True)
class AuditOptions:
    """Options of an audit, with the defaults of all callers. Raises `UsageError` for a value that is not among the choices."""

    scale: int | None = option(None, "Enlargement factor, to degrade the truth where the low-resolution image is not given.")
    degrade: str | None = option(
        None, "Degradation to low-resolution images. Default: kspace-centred for MR, bicubic for all others", tuple(PRESETS)
    )
    patch: int = option(64, "Side of the patches of sFRC in pixels.")
    preset: str = option("paper", "Window of sFRC, as published or as in its authors' program", WINDOWS)
    frequency: float | None = option(None, "sFRC labels patches that depart from the truth by this frequency, in cycles per pixel.")

    def __post_init__(self) -> None:
        check_choices(self)
