"""The model card: what a person should know before using a model. Everything in it comes from the manifest."""

from collections.abc import Mapping
from string import Template
from typing import Any

from radloupe.zoo import paper_card
from radloupe.zoo.manifest import MADE, Manifest

SUBJECTS = {"XR": "projection radiographs", "MR": "MR slices", "CT": "CT slices", "other": "images"}
LIMITS = {
    "chest-xrays": "Trained on frontal chest radiographs of 1024 x 1024 pixels and 8 bits, whose detail fades before the pixel grid's "
    "limit: gains on sharper detectors and other body parts were not measured. Burnt-in text and markers are enlarged "
    "like anatomy; there and at the rim errors are largest for every method, so they weigh in these figures.",
    "brain-mri": "Trained on three patients of one collection (T1, T2, FLAIR, in plane). Other contrasts, organs and field strengths "
    "were not measured. It sharpens in plane only; thick slices stay thick. Learning rate and loss were compared in "
    "trials of 400 steps that were scored on the slices of the validation and the test patient together, so the figures "
    "may flatter the model.",
    "chest-ct": "Trained on the lower chest slices of one patient and one scanner, tested on the upper slices of the same patient: "
    "the interval says nothing of other patients, kernels or doses. At x2 the gain falls from 4 dB on the slices nearest "
    "to the training ones to 1.5 dB in the shoulders. Most of the error there is noise, in streaks from side to side: in "
    "flat soft tissue its variance above the low images' limit reaches 2840 HU², where training slices have 360 to 590. If "
    "all tissue were predicted as well as flat tissue is by the best linear filter, fitted to the test slices themselves, "
    "x2 would gain 3.5 dB. On another scanner noise was seen to be sharpened into fine texture, as in the muscles of "
    "pydicom's CT sample. Whether to train on was decided after a look at the test figure of x2.",
}
UNKNOWN = "Nothing was measured but what stands above. Expect less on other scanners, body parts and degradations than those of training."
CARD = Template("""\
---
library_name: radloupe
pipeline_tag: image-to-image
license: $licence
tags: [medical, super-resolution, $tag]
---
# $name

Enlarges $subjects $scale times in plane. Research software, not a medical device: not for diagnosis.

| | |
|---|---|
| network | `$network` $arguments, $parameters parameters, reach $reach |
| weights | $size MB, sha256 `$sha256` |
| trained on | $trained_on |
| low images | `$degradation`, 1/$scale of each side |
| licence | $licence |

## Figures

$figures

## Intended use

$use

## Known limits

$limits

## Training

$training

The resolved configuration stands in `model.json`.
""")


USE = Template("""\
Research on $subjects whose low resolution comes from the degradation above. Detail that the input does not hold is estimated from the
training images and may be wrong: compare `consistency_db` of `radloupe upscale`, and never read the result without the original.""")
FIGURES = Template("""\
Test split, protocol `plain`, $images images of $patients patient(s), mean over images; intervals are 95 % bootstrap over images.

| | PSNR (dB) | SSIM |
|---|---|---|
| bicubic | $bicubic_psnr | $bicubic_ssim |
| **$name** | **$psnr** | **$ssim** |
| gain | $gain [$low, $high] | |

A bfloat16 body loses $bf16 dB on the validation split. `make measure-zoo DATA=folder` measures all this again.""")


def card(manifest: Manifest) -> str:
    """The text of a model's `README.md`."""
    made = manifest.training.get(MADE)
    subjects = SUBJECTS[manifest.modality]
    return CARD.substitute(
        vars(manifest),
        parameters=f"{manifest.parameters:,}",
        reach="without limit" if manifest.reach is None else f"{manifest.reach:g} low pixels",
        size=f"{manifest.bytes / 1e6:.2f}",
        tag=manifest.modality.lower(),
        subjects=subjects,
        figures=paper_card.figures(manifest) if made else figures(manifest),
        use=paper_card.use(made) if made else USE.substitute(subjects=subjects),
        limits=paper_card.limits(made) if made else LIMITS.get(source(manifest.training), UNKNOWN),
        training=history(manifest.training) + (paper_card.history(made) if made else ""),
    )


def figures(manifest: Manifest) -> str:
    """What was measured: on the test split where that was done."""
    metrics = manifest.metrics
    if "gain_db" not in metrics:
        rows = "".join(f"| {name} | {value:.6g} |\n" for name, value in metrics.items() if isinstance(value, float | int))
        return (
            f"Not measured on a test split.\n\n| validation split, while training | |\n|---|---|\n{rows}".strip()
            if rows
            else "None were measured."
        )
    low, high = metrics["gain_db_ci95"] or (float("nan"), float("nan"))
    return FIGURES.substitute(
        metrics,
        name=manifest.name,
        psnr=f"{metrics['psnr']:.2f}",
        bicubic_psnr=f"{metrics['bicubic_psnr']:.2f}",
        gain=f"{metrics['gain_db']:+.2f} dB",
        low=f"{low:+.2f}",
        high=f"{high:+.2f}",
        bf16="an unmeasured number of" if manifest.bf16_loss_db is None else f"{max(manifest.bf16_loss_db, 0):.3f}",
    )


def source(training: Mapping[str, Any]) -> str:
    """The collection that a model was trained on, where it is one of the default ones."""
    return str(training.get("data", {}).get("source", ""))


def history(training: Mapping[str, Any]) -> str:
    """How long a model was trained, and what it began with."""
    if "converted_from" in training:
        return f"Converted from `{training['converted_from']}`, sha256 `{training['converted_sha256']}`; see its authors for the rest."
    begun, data = training["nets"]["generator"]["begin_from"], training["data"]
    steps = sum(phase["steps"] for phase in training["phases"])
    note = f" {training['note']}" if training["note"] and MADE not in training else ""  # a paper's own rates are not the table's
    return f"{steps} steps of {data['batch']} patches of {data['patch']} low pixels; begun from {begun or 'random weights'}.{note}"


CAPTION = """\
PSNR in dB on the test split, mean over images; the gain over bicubic enlargement with its 95 % interval. The papers' models were measured
on other images and by other protocols than the default ones; `radloupe models NAME` shows a card."""


def summary(manifest: Manifest) -> dict[str, str]:
    """One line of the table of models."""
    metrics = manifest.metrics
    low, high = metrics["gain_db_ci95"] or (float("nan"), float("nan"))
    return {
        "name": manifest.name,
        "modality": manifest.modality,
        "scale": str(manifest.scale),
        "parameters": f"{manifest.parameters:,}",
        "reach": "no limit" if manifest.reach is None else f"{manifest.reach:g}",
        "degradation": manifest.degradation,
        "bicubic": f"{metrics['bicubic_psnr']:.2f}",
        "PSNR": f"{metrics['psnr']:.2f}",
        "gain": f"{metrics['gain_db']:+.2f} [{low:+.2f}, {high:+.2f}]",
        "SSIM": f"{metrics['ssim']:.4f}",
        "images": str(metrics["images"]),
    }
