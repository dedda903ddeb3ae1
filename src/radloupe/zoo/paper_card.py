"""Card sections of a paper's model: its table, budget and use."""

from collections.abc import Mapping, Sequence
from string import Template
from typing import Any

from radloupe.zoo.manifest import PROVENANCE, Manifest

METRICS = Template("""\
Row *$row* of table `$table` (`radloupe reproduce $table`), protocol `$protocol`: means over $unit of metrics of whole
images, $intervals. The gain is that over bicubic enlargement of the same images. Higher is better, except for `high_frequency_error`.

| low-resolution images | metric | bicubic | $name | gain |
|---|---|---|---|---|
$lines""")
ANATOMY = Template("""\
In the anatomy, on $images whole test images of $patients patient(s) that the model's preset degraded: $gain dB over bicubic, $median dB in
the median block, $below of the blocks below bicubic.

""")
BF16 = "The file keeps kernels in bfloat16; on some of the test images they lose {:.3f} dB against those that were measured here."
Fact = Mapping[str, Any]


def metrics_section(manifest: Manifest) -> str:
    """The table's metrics in each of its columns."""
    made, metrics = manifest.training[PROVENANCE], manifest.metrics
    patients = metrics["patients"]
    lines = [line(column, metric, values) for column, row in metrics["columns"].items() for metric, values in row.items()]
    text = METRICS.substitute(
        name=manifest.name,
        row=made["row"],
        table=made["table"],
        protocol=metrics["protocol"],
        unit=f"{patients} patients" if patients > 1 else "the images of one patient",
        intervals="with 95 % intervals over patients" if metrics["gain_db_ci95"] else "too few patients for an interval",
        lines="\n".join(lines),
    )
    if by_reference := metrics.get("reference_gain_db"):
        text += f"\n\n{gains_by_reference(by_reference)}"
    if inside := metrics.get("anatomy"):
        text = in_anatomy(inside) + text
    lost = manifest.engine_loss_db.get("torch-bf16")
    return text if lost is None else f"{text}\n\n{BF16.format(lost)}"


def gains_by_reference(gains: Fact) -> str:
    """Gain by references over a uniform grey in their place."""
    words = (f"{name.removeprefix('gain_by_')} {values['mean']:+.3f} dB{span(values['ci95'], '+.3f')}" for name, values in gains.items())
    return f"Gain in PSNR by what is given as the reference, over an even grey in its place: {', '.join(words)}."


def in_anatomy(inside: Fact) -> str:
    """The gain in the anatomy and in its median block, and how many blocks are worse than bicubic interpolation."""
    gain = f"{inside['gain_db']:+.2f}{span(inside['gain_db_ci95'], '+.2f')}"
    return ANATOMY.substitute(
        inside, gain=gain, median=f"{inside['median_block_gain_db']:+.2f}", below=f"{inside['blocks_below_bicubic']:.1%}"
    )


def line(column: str, metric: str, values: Fact) -> str:
    """The line of a metric in a column."""
    ours, gain = (f"{text}{span(values[key], form)}" for text, key, form in shown(values))
    return f"| {column} | `{metric}` | {values['bicubic']:.4g} | {ours} | {gain} |"


def shown(values: Fact) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """The value and its gain over bicubic, each with the key of its interval and its number format."""
    return (f"{values['mean']:.4g}", "ci95", ".4g"), (f"{values['gain']:+.3g}", "gain_ci95", "+.3g")


def span(interval: Sequence[float] | None, form: str) -> str:
    """An interval in brackets, if there is one."""
    return f" [{interval[0]:{form}}, {interval[1]:{form}}]" if interval else ""


def warning(made: Fact) -> str:
    """What stands first in the card, where the model has such a warning."""
    return f"**{made['warning']}**\n\n" if made.get("warning") else ""


def use(made: Fact) -> str:
    """Intended use, and uses it is not intended for."""
    return f"{made['use']}\n\n## Not intended\n\n{made['not_for']}"


def limits(made: Fact) -> str:
    """Known failures, and deviations from the paper."""
    return "\n".join(f"* {text}" for text in (*made["failures"], *made["differs"]))


def history(made: Fact) -> str:
    """Budget, fingerprints of the data, hardware and software."""
    prints = ", ".join(f"{name} `{digest[:16]}`" for name, digest in made["data_sha256"].items())
    facts = {
        "Budget": made["budget"],
        "Networks": made["networks"],
        "Perceptual losses": made["perceptual_losses"],
        "Data sets (sha256 of their manifests)": prints,
        "Hardware": made["hardware"],
        "Software": made["software"],
    }
    return "\n\n" + "\n".join(f"* {name}: {value}" for name, value in facts.items())
