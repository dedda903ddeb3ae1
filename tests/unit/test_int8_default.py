"""Default models get their int8 form from training images, and only where validation images allow it."""

from pathlib import Path

import numpy as np
import pytest
from jaxtyping import config

from radloupe.core import seeds
from radloupe.core.errors import UsageError
from radloupe.data.sources import Item
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo
from radloupe.papers import int8_default
from radloupe.papers.default_models import ZOO
from radloupe.papers.int8_default import CROPS, SIDE, calibration_crops, with_int8
from radloupe.zoo.load import load_model, manifests

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of tracing, which OpenVINO does
NAME = "mri-x2"


def items(recipe, data, part):
    """Two volumes of smooth noise."""
    for number in range(2):
        draw = seeds.generator(number, part)
        pixels = np.cumsum(draw.normal(size=(1, 3, 64, 48)), -1).astype(np.float32)
        yield Item(f"{part} {number}", f"{number}", Image(pixels, info=PixelInfo("arbitrary", "MR")))


@pytest.fixture
def manifest(monkeypatch):
    config.update("jaxtyping_disable", True)  # checks of shapes look into tensors, which a network that is being traced does not allow
    monkeypatch.setattr(int8_default, "images", items)
    yield next(manifest for manifest in manifests() if manifest.name == NAME)
    config.update("jaxtyping_disable", False)


def test_crops_are_of_as_many_slices_as_there_are():
    crops = list(calibration_crops(items(None, None, "train"), load_model(NAME)))
    assert len(crops) == 6 <= CROPS
    assert all(crop.shape == (1, 1, 32, 24) and crop.dtype == np.float32 for crop in crops)  # half of each side, below SIDE
    assert SIDE >= 32


def test_ranges_and_loss_go_into_the_manifest(manifest, monkeypatch):
    pytest.importorskip("openvino")
    monkeypatch.setattr(int8_default, "bounded_share", lambda *_: 0.0)
    made = with_int8(manifest, ZOO[NAME], Path())
    assert set(made.engine_loss_db) == {*manifest.engine_loss_db, "openvino-int8"}
    assert made.engine_loss_db["openvino-int8"] != 0  # it was measured
    assert len(made.int8_ranges) == 2 * manifest.arguments["blocks"]
    assert made.sha256 == manifest.sha256


def test_a_form_that_meets_its_bounds_more_often_is_refused(manifest, monkeypatch):
    monkeypatch.setattr(int8_default, "bounded_share", lambda item, model, engine, precision: 0.002 if precision == "int8" else 0.0005)
    with pytest.raises(UsageError, match=r"0\.15% more pixels"):
        with_int8(manifest, ZOO[NAME], Path())
