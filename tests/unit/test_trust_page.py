"""The trust page and its numbers."""

import json
import re

import numpy as np
import pytest
from markupsafe import escape

from radloupe.reports.heat_map import coloured, heat_map
from radloupe.reports.trust_page import CANNOT_TELL, record_json, shown, trust_page

RECORD = {
    "model": {"name": "mri-x2", "sha256": "ab12", "modality": "MR", "degradation": "kspace-centred", "scale": 2},
    "asked": {"scale": 2, "engine": "torch-fp32", "shape_in": [1, 30, 41], "shape_out": [1, 60, 82], "spacing_in": [0.9, 0.9, 4.0]},
    "estimated_below_mm": 1.8,
    "gate": {"verdict": "warn", "checks": [{"name": "noise", "verdict": "warn", "value": 0.0513, "threshold": 0.04, "says": "Noisy."}]},
    "consistency": {"db": 52.17, "ceiling_db": 68.71, "weight": 0.313, "largest_change": 3.207},
    "bounded_pixels": 17,
    "uncertainty": {
        "level": 0.9, "unit": "arbitrary", "mean_half_width": 14.25, "wide_share": 0.0312, "patients": 6, "images": 83,
        "guaranteed": False, "valid": False, "void_because": ["noise"], "measured": {"0.9": {"coverage": 0.917}},
    },
    "notes": ["Low consistency."],
}  # fmt: skip
SLICE = np.random.default_rng(0).random((30, 41))


def page(record=RECORD, half_width=None):
    return trust_page(record, SLICE, SLICE.repeat(2, 0).repeat(2, 1), half_width)


def numbers(value):
    """All numbers of a record."""
    if isinstance(value, dict | list):
        return [number for one in (value.values() if isinstance(value, dict) else value) for number in numbers(one)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_every_number_of_the_json_stands_on_the_page():
    text = re.sub(r'src="[^"]*"', "", page())
    found = set(re.findall(r"-?\d+\.?\d*", re.sub(r"<[^>]+>", " ", text)))
    missing = [number for number in numbers(json.loads(record_json(RECORD))) if shown(number) not in found]
    assert not missing


def test_the_page_needs_no_network_and_runs_nothing():
    text = page(half_width=np.ones((60, 82)))
    assert "<script" not in text and "http" not in text
    assert text.count("data:image/png") == 4
    assert all(escape(sentence) in text for sentence in CANNOT_TELL)


def test_void_intervals_claim_no_coverage():
    assert "void for this image: noise" in page() and "made to cover" not in page()
    valid = RECORD | {"uncertainty": RECORD["uncertainty"] | {"valid": True}}
    assert "made to cover 0.9 of the pixels, calibrated on 83 images of 6 patient(s): too few for a guarantee" in page(valid)


def test_a_page_without_intervals_and_checks_is_made():
    text = page(RECORD | {"gate": None, "uncertainty": None, "estimated_below_mm": None, "notes": []})
    assert "<h2>Input checks" not in text and "<h2>Uncertainty" not in text


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (900, 3)])
def test_any_shape_has_a_page_and_a_map(shape):
    assert "data:image/png" in trust_page(RECORD, np.zeros(shape), np.zeros([2 * n for n in shape]), np.zeros([2 * n for n in shape]))
    assert heat_map(np.zeros(shape), "HU").height > shape[0]


def test_colours_grow_lighter_in_even_steps():
    colours = coloured(np.linspace(0, 1, 9)[None])[0].astype(float)
    lightness = np.diff(colours @ [0.2126, 0.7152, 0.0722])  # luma weights of BT.709
    assert (lightness > 0).all()
