"""The model card: what a person should know before using a model. Everything in it comes from the manifest."""

from collections.abc import Mapping
from string import Template
from typing import Any

from radloupe.zoo.manifest import Manifest

SUBJECTS = {"XR": "projection radiographs", "MR": "brain MR slices", "CT": "CT slices"}
LIMITS = {
    "XR": "Trained on frontal chest radiographs of 1024 x 1024 pixels and 8 bits, whose detail fades before the pixel grid's limit: gains "
    "on sharper detectors and other body parts were not measured. Burnt-in text and markers are enlarged like anatomy; there and at the "
    "rim errors are largest for every method, so they weigh in these figures.",
    "MR": "Trained on three patients of one collection (T1, T2, FLAIR, in plane). Other contrasts, organs and field strengths were not "
    "measured. It sharpens in plane only; thick slices stay thick. Learning rate and loss were compared in trials of 400 steps that "
    "were scored on the slices of the validation and the test patient together, so the figures may flatter the model.",
    "CT": "Trained on the lower chest slices of one patient and one scanner, tested on the upper slices of the same patient: the "
    "interval says nothing of other patients, kernels or doses. At x2 the gain falls from 4 dB on the slices nearest to the training "
    "ones to 1.5 dB in the noisy shoulders. On another scanner noise was seen to be sharpened into fine texture, as in the muscles "
    "of pydicom's CT sample. Whether to train on was decided after a look at the test figure of x2.",
}
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
| network | `$network` $arguments, $parameters parameters, reach $reach low pixels |
| weights | $size MB, sha256 `$sha256` |
| trained on | $trained_on |
| low images | `$degradation`, 1/$scale of each side |
| licence | $licence |

## Figures

Test split, protocol `plain`, $images images of $patients patient(s), mean over images; intervals are 95 % bootstrap over images.

| | PSNR (dB) | SSIM |
|---|---|---|
| bicubic | $bicubic_psnr | $bicubic_ssim |
| **$name** | **$psnr** | **$ssim** |
| gain | $gain [$low, $high] | |

A bfloat16 body loses $bf16 dB on the validation split. `make measure-zoo DATA=folder` measures all this again.

## Intended use

Research on $subjects whose low resolution comes from the degradation above. Detail that the input does not hold is estimated from the
training images and may be wrong: compare `consistency_db` of `radloupe upscale`, and never read the result without the original.

## Known limits

$limits

## Training

$steps steps of $batch patches of $side low pixels; $how. The resolved configuration stands in `model.json`.
""")


def card(manifest: Manifest) -> str:
    """The text of a model's `README.md`."""
    metrics = manifest.metrics
    low, high = metrics["gain_db_ci95"] or (float("nan"), float("nan"))
    return CARD.substitute(
        vars(manifest) | metrics,
        parameters=f"{manifest.parameters:,}",
        reach="without limit" if manifest.reach is None else f"{manifest.reach:g}",
        size=f"{manifest.bytes / 1e6:.2f}",
        tag=manifest.modality.lower(),
        subjects=SUBJECTS[manifest.modality],
        psnr=f"{metrics['psnr']:.2f}",
        bicubic_psnr=f"{metrics['bicubic_psnr']:.2f}",
        gain=f"{metrics['gain_db']:+.2f} dB",
        low=f"{low:+.2f}",
        high=f"{high:+.2f}",
        bf16="an unmeasured number of" if manifest.bf16_loss_db is None else f"{max(manifest.bf16_loss_db, 0):.3f}",
        limits=LIMITS[manifest.modality],
        **schedule(manifest.training),
    )


def schedule(training: Mapping[str, Any]) -> dict[str, Any]:
    """How long a model was trained, and what it began with; models from before recipes had phases keep a `schedule`."""
    if "schedule" in training:
        old, begun = training["schedule"], training["begin_from"]
        facts = {key: old[key] for key in ("steps", "batch", "side")}
    else:
        begun = training["nets"]["generator"]["begin_from"]
        data = training["data"]
        facts = {"steps": sum(phase["steps"] for phase in training["phases"]), "batch": data["batch"], "side": data["patch"]}
    return facts | {"how": f"begun from {begun}" if begun else "begun from random weights"}


CAPTION = "PSNR in dB on the test split, mean over images; the gain over bicubic enlargement with its 95 % interval."


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
