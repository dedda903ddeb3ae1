"""What the checks of an input found, and what follows from it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["ok", "warn", "refuse"]
SEVERITY: tuple[Verdict, ...] = ("ok", "warn", "refuse")
"""From the mildest to the gravest."""


@dataclass(frozen=True)
class Finding:
    """Result of one check: its verdict, the value that was compared with a threshold, and what it says of the image.

    `value` and `threshold` are None where a check does not apply, and `says` tells why. No finding quotes a header.
    """

    name: str
    verdict: Verdict = "ok"
    value: float | None = None
    threshold: float | None = None
    says: str = ""
    skipped: bool = False
    """Whether the image was too small, or too little is known of it, for the check to be made."""

    @property
    def row(self) -> dict[str, Any]:
        """The finding under the JSON keys of `radloupe inspect`."""
        return {key: value for key, value in asdict(self).items() if key != "skipped"}


def above(name: str, value: float, threshold: float, says: str, verdict: Verdict = "warn") -> Finding:
    """The finding of a check that speaks where a value exceeds its threshold.

    >>> above("noise", 0.01, 0.05, "noisy").verdict
    'ok'
    """
    speaks = value > threshold
    return Finding(name, verdict if speaks else "ok", round(float(value), 4), round(float(threshold), 4), says if speaks else "")


@dataclass(frozen=True)
class GateReport:
    """All findings on one input.

    >>> GateReport((Finding("jpeg"), Finding("noise", "warn", 0.2, 0.1, "Noisy."))).verdict
    'warn'
    """

    findings: Sequence[Finding]

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict of all."""
        return SEVERITY[max((SEVERITY.index(one.verdict) for one in self.findings), default=0)]

    def of(self, verdict: Verdict) -> list[Finding]:
        """The findings of one verdict."""
        return [one for one in self.findings if one.verdict == verdict]

    @property
    def record(self) -> dict[str, Any]:
        """What `radloupe inspect --json` prints."""
        return {"verdict": self.verdict, "checks": [one.row for one in self.findings]}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The findings in the rows of `radloupe upscale --json`."""
        return [{"check": one.name, "verdict": one.verdict, "value": one.value} for one in self.findings]

    @property
    def summary(self) -> str:
        """One clause for histories and headers, such as `input check warn (noise)`."""
        named = ", ".join(one.name for one in self.findings if one.verdict != "ok")
        return f"input check {self.verdict}" + (f" ({named})" if named else "")
