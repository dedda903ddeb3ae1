"""Findings of the input checks, and the report that collects them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["ok", "warn", "refuse"]
SEVERITY: tuple[Verdict, ...] = ("ok", "warn", "refuse")
"""Verdicts in order of severity."""


@dataclass(frozen=True)
class Finding:
    """Finding of one check: its verdict, the value that was compared with a threshold, and a sentence for the user.

    `value` and `threshold` are None where a check does not apply, and `says` gives the reason. No finding quotes a header.
    """

    name: str
    verdict: Verdict = "ok"
    value: float | None = None
    threshold: float | None = None
    says: str = ""
    skipped: bool = False
    """Whether the check was skipped, because the image is too small or too little is known of it."""

    @property
    def row(self) -> dict[str, Any]:
        """The finding under the JSON keys of `radloupe inspect`."""
        return {key: value for key, value in asdict(self).items() if key != "skipped"}


def above(name: str, value: float, threshold: float, says: str, verdict: Verdict = "warn") -> Finding:
    """Finding of a check whose value is compared with an upper threshold.

    >>> above("noise", 0.01, 0.05, "noisy").verdict
    'ok'
    """
    speaks = value > threshold
    return Finding(name, verdict if speaks else "ok", round(float(value), 4), round(float(threshold), 4), says if speaks else "")


@dataclass(frozen=True)
class GateReport:
    """Report of the input checks: all findings on one input.

    >>> GateReport((Finding("jpeg"), Finding("noise", "warn", 0.2, 0.1, "Noisy."))).verdict
    'warn'
    """

    findings: Sequence[Finding]

    @property
    def verdict(self) -> Verdict:
        """Most severe verdict."""
        return SEVERITY[max((SEVERITY.index(one.verdict) for one in self.findings), default=0)]

    def of(self, verdict: Verdict) -> list[Finding]:
        """The findings of one verdict."""
        return [one for one in self.findings if one.verdict == verdict]

    @property
    def record(self) -> dict[str, Any]:
        """JSON record of `radloupe inspect --json`."""
        return {"verdict": self.verdict, "checks": [one.row for one in self.findings]}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The findings in the rows of `radloupe upscale --json`."""
        return [{"check": one.name, "verdict": one.verdict, "value": one.value} for one in self.findings]

    @property
    def summary(self) -> str:
        """Summary for histories and headers, such as `input check warn (noise)`."""
        named = ", ".join(one.name for one in self.findings if one.verdict != "ok")
        return f"input check {self.verdict}" + (f" ({named})" if named else "")
