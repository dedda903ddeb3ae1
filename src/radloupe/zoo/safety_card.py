"""The safety section of a model card: lesions, resolution and noise, beside bicubic enlargement."""

from collections.abc import Iterator, Mapping
from string import Template
from typing import Any

LESS = 0.02
"""A model whose observer loses more AUC than this against bicubic enlargement says so in the first line of its card."""
NOISE = {
    "gain": "noise gain on a flat field",
    "above_nyquist": "share of noise power above the low image's Nyquist frequency",
    "blobs_per_megapixel": "blobs above 5 standard deviations of the output's noise, per megapixel",
}
SECTION = Template("""
## Safety

Discs planted into $slices test slices before they are degraded, $fewest or more of each kind; contrasts in standard deviations of the
patch around them. Intervals are 95 % over lesions, not over patients. `radloupe evaluate --safety` makes this table for any model.

| | truth | bicubic | **$name** |
|---|---|---|---|
$lines

Detectability is the area under the ROC of two observers: the channelised Hotelling observer and the matched filter. Networks restore
contrast, which the filter rewards, and amplify noise and structure alike, so that the Hotelling observer gains little or nothing. MTF50 is
that of an edge under 0.5 % noise, in units of the low image's Nyquist frequency: it depends on contrast, and the larger one is true of
strong edges alone. FRC is against the truth, where it falls to 1/7.
""")


def safety_section(name: str, safety: Mapping[str, Any] | None) -> str:
    """The section; empty for a model that was not measured."""
    if not safety:
        return ""
    counts = safety["lesions"].values()
    lines = "\n".join(f"| {' | '.join(cells)} |" for cells in table(safety))
    return SECTION.substitute(name=name, slices=safety["slices"], fewest=min(counts), lines=lines)


def table(safety: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """The rows: what is measured, of the truth, of bicubic enlargement, of the model."""
    plain, own, truth = safety["bicubic"], safety["model"], safety["truth"]

    def pair(title: str, *keys: str, of_truth: str = "") -> tuple[str, str, str, str]:
        return title, of_truth, f"{value(plain, *keys):.2f}", f"{value(own, *keys):.2f}"

    for size in own["contrast_kept"]:
        yield pair(f"contrast kept, {size} px", "contrast_kept", size, of_truth="1")
    if "weakened_share" in own:
        yield "lesions weakened to less than half of bicubic's contrast", "", "", f"{own['weakened_share']:.1%}"
    for observer, title in (("cho", "Hotelling AUC"), ("npw", "matched filter AUC")):
        for size, found in own[observer].items():
            aucs = f"{truth[observer][size]:.3f}", f"{plain[observer][size]['auc']:.3f}", f"{found['auc']:.3f}{difference(found)}"
            yield f"{title}, {size} px, CNR {contrast_of(safety['lesions'], size, observer)}", *aucs
    for contrast in own["mtf50"]:
        yield pair(f"MTF50, contrast {contrast}", "mtf50", contrast)
    for key, title in NOISE.items():
        yield pair(title, "noise", key)
    yield pair("FRC to truth", "frc_truth")
    if own.get("coverage") is not None:
        yield "coverage of 90 % intervals", "", "", f"{own['coverage']:.2f}"


def value(row: Mapping[str, Any], *keys: str) -> float:
    """A value of a nested row."""
    found: Any = row
    for key in keys:
        found = found[key]
    return float(found)


def contrast_of(kinds: Mapping[str, int], size: str, observer: str) -> str:
    """The contrast-to-noise ratio of the lesions that an observer looked for: the faintest of a size, for the filter the strongest."""
    found = sorted((kind.rsplit(" ", 1)[-1] for kind in kinds if kind.startswith(f"{size}px")), key=float)
    return found[0] if observer == "cho" else found[-1]


def difference(found: Mapping[str, Any]) -> str:
    """The difference to bicubic enlargement with its interval."""
    low, high = found["minus_bicubic_ci95"]
    return f" ({found['minus_bicubic']:+.3f} [{low:+.3f}, {high:+.3f}])"


def warning_line(safety: Mapping[str, Any] | None) -> str:
    """The first line of the card of a model after which faint lesions are harder to find than after bicubic enlargement; else empty."""
    worse = {size: found["minus_bicubic"] for size, found in (safety["model"]["cho"] if safety else {}).items()}
    worse = {size: value for size, value in worse.items() if value < -LESS}
    if not worse:
        return ""
    sizes = ", ".join(f"{size} pixels ({value:+.3f} AUC)" for size, value in worse.items())
    return f"**Faint lesions are harder to detect in this model's results than after bicubic enlargement**, at diameters of {sizes}.\n\n"
