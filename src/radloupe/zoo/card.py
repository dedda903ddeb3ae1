"""Model card, generated from the manifest alone."""

from collections.abc import Iterator, Mapping, Sequence
from string import Template
from typing import Any

from radloupe.zoo import paper_card
from radloupe.zoo.manifest import PROVENANCE, Manifest
from radloupe.zoo.safety_card import safety_section, warning_line

ZERO_FILLING = "gain_over_zero_filling_db"
SUBJECTS = {"XR": "projection radiographs", "MR": "MR slices", "CT": "CT slices", "other": "images"}
LIMITS = {
    "chest-xrays": "Trained on frontal chest radiographs of 1024 x 1024 pixels and 8 bits, whose detail fades before the pixel grid's "
    "limit: gains on sharper detectors and other body parts were not measured. Most of bicubic's error on these radiographs lies at "
    "the rim, along shutters and at burnt-in marks, which dominate metrics over the whole image; in the anatomy the gain is small, "
    "and some blocks are worse than bicubic. On radiographs at full resolution, which were not reduced first, mottle becomes crossing, "
    "worm-like lines that the patient does not have, and neither consistency nor the bound notes it.",
    "brain-mri": "Trained on three patients of one collection (T1, T2, FLAIR, in plane). Other contrasts, organs and field strengths "
    "were not measured. It sharpens in plane only; thick slices stay thick. Learning rate and loss were compared in "
    "trials of 400 steps that were scored on the slices of the validation and the test patient together, so the metrics "
    "may flatter the model. On images that were not reduced first speckles stand within two pixels of skull-stripped edges, and fine "
    "texture in the brain may be the network's.",
    "chest-ct": "Trained on the lower chest slices of one patient and one scanner, measured on one other patient: nothing is known of "
    "other kernels, doses and scanners. On upper slices of the training patient most of the error is noise, in streaks from side to side, "
    "and the gain at x2 falls from 4 dB next to the training slices to 1.5 dB in the shoulders. On another scanner noise was seen to be "
    "sharpened into fine texture, as in the muscles of pydicom's CT sample. Whether to train on was decided after a look at the metrics of "
    "x2 on those upper slices. On a chest CT of another scanner that was not reduced first, a small oblique vessel became two parallel "
    "lines, without a warning: compare with bicubic.",
}
LIMITS |= {
    "radiographs": "Trained on frontal chest radiographs of 1024 x 1024 pixels and 8 bits, whose detail fades before the pixel grid's "
    "limit: gains on sharper detectors and other body parts were not measured. In the anatomy the gain on clean images is "
    "small, and some blocks are worse than bicubic; so are images after JPEG. On images at full resolution mottle is "
    "smoothed away, and with it whatever looks like it.",
    "ct-volumes": "Trained on two chests and a head phantom, measured on one other patient. Noise of smooth reconstruction kernels counts "
    "as structure, and images from such kernels read as blurred: their vessels and edges become brighter and sharper than "
    "is known to be right.",
    "mr-volumes": "Trained on five patients. Ringing after a reduction in k-space reads as noise, noise that is correlated over pixels "
    "reads as structure and is sharpened into lines, and around masked background the bound has to act. It sharpens in "
    "plane only.",
}
UNKNOWN = "Nothing was measured but what stands above. Expect less on other scanners, body parts and degradations than those of training."
CARD = Template("""\
---
library_name: radloupe
pipeline_tag: image-to-image
license: $hub_licence
tags: [medical, super-resolution, $tag]
---
# $name

${warning}Enlarges $subjects $scale times in plane. Research software, not a medical device: not for diagnosis.

| | |
|---|---|
| network | `$network`$defined_in $arguments, $parameters parameters, receptive field $receptive_field |
| weights | $size MB, sha256 `$sha256` |
| trained on | $trained_on |
| low-resolution images | `$degradation`, 1/$scale of each side |
| licence | $licence |

## Metrics

$metrics_section
$safety
$robustness## Intended use

$use

## Known limits

$limits

## Training

$training

The resolved configuration stands in `model.json`.
""")


USE = Template("""\
Research on $subjects whose low resolution comes from the degradation above. Detail that the input does not hold is estimated from the
training images and may be wrong: compare `consistency_db` of `radloupe upscale`, which is necessary for a right result and not sufficient,
and never read the result without the original.""")
METRICS = Template("""\
Test split, protocol `plain`, $counted; means over patients, $intervals. The anatomy leaves out air, shutters, burnt-in marks and the outer
16 pixels; blocks are those of 64 x 64 pixels that lie mostly in it.

| | bicubic | **$name** | gain |
|---|---|---|---|
$lines
$same
$engines `make measure-zoo DATA=folder` measures all this again.""")
ROBUSTNESS = Template("""\
## Images made in other ways

Gain over bicubic interpolation of the same low image in the anatomy, in dB, with noise and blur estimated: mean over $patients of the
test split, worst image, images that lose more than 0.05 dB, and the largest share of an image's pixels that the bound changed. Noise has a
standard deviation of 2 of 255; `native` images were not reduced, so there is no truth.

| | gain | worst image | below bicubic | bounded |
|---|---|---|---|---|
$table

""")
SAME = Template("""
Same patient ($images other slices of the one that was trained on; they tell nothing of others): $gain dB in the anatomy, $median dB in the
median block, $below of the blocks below bicubic.
""")


def card(manifest: Manifest) -> str:
    """The text of a model's `README.md`."""
    made = manifest.training.get(PROVENANCE)
    subjects = SUBJECTS[manifest.modality]
    return CARD.substitute(
        vars(manifest),
        parameters=f"{manifest.parameters:,}",
        defined_in=f" ({manifest.network_source}; not in this folder)" if manifest.network_source else "",
        receptive_field="global" if manifest.receptive_field_radius is None else f"radius {manifest.receptive_field_radius:g} low pixels",
        size=f"{manifest.bytes / 1e6:.2f}",
        tag=manifest.modality.lower(),
        hub_licence=manifest.licence.lower() if manifest.licence != "unstated" else "unknown",
        subjects=subjects,
        warning=(paper_card.warning(made) if made else "") + warning_line(manifest.metrics.get("safety")),
        safety=safety_section(manifest.name, manifest.metrics.get("safety")),
        metrics_section=paper_card.metrics_section(manifest) if made else metrics_section(manifest),
        robustness=robustness_section(manifest.metrics.get("robustness", [])),
        use=paper_card.use(made) if made else USE.substitute(subjects=subjects),
        limits=paper_card.limits(made) if made else LIMITS.get(source(manifest.training), UNKNOWN),
        training=history(manifest.training) + (paper_card.history(made) if made else ""),
    )


def metrics_section(manifest: Manifest) -> str:
    """The section on metrics: those of the test split where it was measured."""
    metrics = manifest.metrics
    if "gain_db" not in metrics:
        rows = "".join(f"| {name} | {value:.6g} |\n" for name, value in metrics.items() if isinstance(value, float | int))
        return (
            f"Not measured on a test split.\n\n| validation split, while training | |\n|---|---|\n{rows}".strip()
            if rows
            else "Not measured."
        )
    patients = metrics["patients"]
    same = metrics.get("same_patient")
    return METRICS.substitute(
        metrics,
        name=manifest.name,
        counted=f"{count(metrics['images'], 'image')} of {count(patients, 'patient')}",
        intervals="with 95 % intervals over them" if metrics["gain_db_ci95"] else "too few for an interval",
        lines="\n".join(f"| {' | '.join(cells)} |" for cells in lines(metrics, patients)),
        same=SAME.substitute(spread(same) | {"gain": f"{same['anatomy']['gain_db']:+.2f}"}, images=same["images"]) if same else "",
        engines=engines(manifest.engine_loss_db),
    )


def lines(metrics: Mapping[str, Any], patients: int) -> Iterator[tuple[str, str, str, str]]:
    """The rows of a default model's table of metrics: the anatomy, its blocks, the whole image."""
    inside, blocks = metrics["anatomy"], spread(metrics)
    for region, found in (("anatomy", inside), ("whole image", metrics)):
        gain = gained(found["gain_db"], found["gain_db_ci95"], patients)
        yield f"{region}: PSNR (dB)", f"{found['bicubic_psnr']:.2f}", f"{found['psnr']:.2f}", gain
        yield f"{region}: SSIM", f"{found['bicubic_ssim']:.4f}", f"{found['ssim']:.4f}", ""
        if found is inside:
            yield "median block (dB)", "", "", blocks["median"]
            yield "blocks below bicubic", "", "", blocks["below"]
            if ZERO_FILLING in inside:
                yield "anatomy, over zero-filling (dB)", "", "", f"{inside[ZERO_FILLING]:+.2f}"


def robustness_section(rows: Sequence[Mapping[str, Any]]) -> str:
    """The section on images made in other ways, where they were measured."""
    if not rows:
        return ""
    table = "\n".join(
        f"| {row['name']} | {decibels(row['gain_db'])} | {decibels(row['worst_db'])} | {row['below']} of {row['images']} | "
        f"{100 * row['bounded']:.2f} % |"
        for row in rows
    )
    return ROBUSTNESS.substitute(table=table, patients=count(rows[0]["patients"], "patient"))


def decibels(value: float | None) -> str:
    """A gain in dB; a dash where there is no truth to compare with."""
    return UNKNOWN_CELL if value is None else f"{value:+.2f}"


def spread(metrics: Mapping[str, Any]) -> dict[str, str]:
    """The gain in the anatomy and its distribution over blocks, formatted."""
    inside = metrics["anatomy"]
    gain = gained(inside["gain_db"], inside["gain_db_ci95"], metrics["patients"])
    median = f"{inside['median_block_gain_db']:+.2f}{span(inside['median_block_gain_db_ci95'])}"
    return {"gain": gain, "median": median, "below": f"{100 * inside['blocks_below_bicubic']:.1f} %"}


def gained(gain: float, interval: Sequence[float] | None, patients: int) -> str:
    """A gain with its interval, or with the number of patients where that is too small for one."""
    beside = span(interval) or f" ({count(patients, 'patient')})"
    return f"{gain:+.2f}{beside}"


def engines(lost: Mapping[str, float]) -> str:
    """The loss of other engines and precisions against eager float32, in a sentence."""
    if not lost:
        return "No engine but eager float32 was measured."
    losses = ", ".join(f"`{name}` {max(loss, 0):.3f} dB" for name, loss in lost.items())
    return f"Lost against eager float32 in the anatomy of the validation split: {losses}."


def count(number: int, what: str) -> str:
    """A number with its noun, in the plural where it is not one."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def span(interval: Sequence[float] | None) -> str:
    """An interval in brackets, if there is one."""
    return f" [{interval[0]:+.2f}, {interval[1]:+.2f}]" if interval else ""


def source(training: Mapping[str, Any]) -> str:
    """The collection that a model was trained on, where it is one of the default ones."""
    return str(training.get("data", {}).get("source", ""))


def history(training: Mapping[str, Any]) -> str:
    """Length of the training and the initial weights."""
    if "converted_from" in training:
        return f"Converted from `{training['converted_from']}`, sha256 `{training['converted_sha256']}`; see its authors for the rest."
    if "networks" not in training:
        return "Not stated."
    pretrained, data = training["networks"]["generator"]["pretrained"], training["data"]
    steps = sum(phase["steps"] for phase in training["phases"])
    note = f" {training['note']}" if training["note"] and PROVENANCE not in training else ""  # a paper's own rates are not the table's
    initial = f"from {pretrained}" if pretrained else "at random"
    return f"{steps} steps of {data['batch']} patches of {data['patch']} low pixels; initialised {initial}.{note}"


CAPTION = """\
Gains over bicubic enlargement in dB on the test split, means over patients: in the anatomy, with the 95 % interval over patients or, where
they are too few for one, their number; in the median block of 64 x 64 pixels; and the share of blocks that are worse than bicubic. Then
PSNR in dB (bicubic's in brackets) and SSIM of whole images. The papers' models were measured by other protocols, but for the anatomy, where
whole test images were degraded by their preset; `radloupe models NAME` shows a card."""
UNKNOWN_CELL = "–"


def summary(manifest: Manifest) -> dict[str, str]:
    """One line of the table of models."""
    metrics = manifest.metrics
    blocks = spread(metrics) if "anatomy" in metrics else dict.fromkeys(("gain", "median", "below"), UNKNOWN_CELL)
    over_zeros = metrics.get("anatomy", {}).get(ZERO_FILLING)
    return {
        "name": manifest.name,
        "modality": manifest.modality,
        "scale": str(manifest.scale),
        "degradation": manifest.degradation,
        "gain in anatomy": blocks["gain"],
        "median block": blocks["median"],
        "blocks below bicubic": blocks["below"],
        "over zero-filling": UNKNOWN_CELL if over_zeros is None else f"{over_zeros:+.2f}",
        "whole image: gain": gained(metrics["gain_db"], metrics["gain_db_ci95"], metrics["patients"]),
        "PSNR": f"{metrics['psnr']:.2f} ({metrics['bicubic_psnr']:.2f})",
        "SSIM": f"{metrics['ssim']:.4f}",
        "patients / images": f"{metrics['patients']} / {metrics['images']}",
        "parameters": f"{manifest.parameters:,}",
        "receptive field": "global" if manifest.receptive_field_radius is None else f"{manifest.receptive_field_radius:g}",
    }
