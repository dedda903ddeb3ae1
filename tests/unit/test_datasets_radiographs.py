"""The data sets of radiographs, from small folders laid out as the downloads are."""

import hashlib
import json
import warnings

import numpy as np
import pytest
from PIL import Image as PILImage

from radloupe.core.errors import InputError, RadloupeWarning
from radloupe.data.builder import build
from radloupe.data.patients import patient_key
from radloupe.degradation import shrink
from radloupe.papers.datasets import DATASETS


def save(path, shape, seed, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    y, x = np.mgrid[: shape[0], : shape[1]]
    texture = np.random.default_rng(seed).integers(0, 60, shape)
    PILImage.fromarray((60 + 60 * np.sin((x + seed) / 5) * np.sin(y / 7) + texture).astype(np.uint8)).save(path, **options)


def chestxray(folder):
    for n in range(9):
        for visit in range(2):
            save(folder / f"images_00{1 + n % 2}" / "images" / f"{n:08d}_{visit:03d}.png", (70, 60), 2 * n + visit)
    return folder


def kermany(folder):
    for n in range(6):
        save(folder / "chest_xray" / "train" / "PNEUMONIA" / f"person{n}_bacteria_{n}.jpeg", (150, 180), n)
        save(folder / "chest_xray" / "test" / "PNEUMONIA" / f"person{n}_virus_{n + 9}.jpeg", (100, 70), n + 10)
        save(folder / "chest_xray" / "train" / "NORMAL" / f"NORMAL2-IM-00{n}-0001.jpeg", (140, 200), n + 20)
    return folder


def mura(folder):
    for part, first in (("train", 0), ("valid", 50)):
        for n in range(first, first + 6):
            for image in (1, 2):
                study = folder / "MURA-v1.1" / part / "XR_WRIST" / f"patient{n:05d}" / "study1_positive"
                save(study / f"image{image}.png", (101, 122), 3 * n + image)
                (study / f"._image{image}.png").write_bytes(b"left by a Macintosh")
    return folder


LAYOUTS = {
    "chestxray-ref": (chestxray, {"size": 48}),
    "xpgan-patches": (kermany, {"side": 64, "train": 30_000, "test": 3000}),
    "mura-sr": (mura, {"train": 6, "validation": 3}),
    "mura-mini": (mura, {"test": 5}),
    "mura-plus": (mura, {"test": 5}),
}


def made(name, folder, out, seed=0, **settings):
    layout, defaults = LAYOUTS[name]
    if not folder.exists():
        layout(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RadloupeWarning)
        description = build(DATASETS[name], name, folder, out, seed, defaults | settings)
    return description, [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]


def pixels(out, row, role):
    return np.asarray(PILImage.open(out / row[role]))


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_same_seed_gives_the_same_bytes(name, tmp_path):
    for out in "ab":
        made(name, tmp_path / "source", tmp_path / out)
    made(name, tmp_path / "source", tmp_path / "c", seed=1)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert contents(tmp_path / "a") != contents(tmp_path / "c")


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_manifest_is_true(name, tmp_path):
    description, rows = made(name, tmp_path / "source", tmp_path / "d")
    assert sum(description["items"].values()) == len(rows)
    for row in rows:
        for role, digest in row["sha256"].items():
            assert hashlib.sha256((tmp_path / "d" / row[role]).read_bytes()).hexdigest() == digest
            assert row[role].startswith(f"{row['split']}/{role}/")
    parts = {(row["patient"], row["split"]) for row in rows}
    assert len(parts) == len({patient for patient, _ in parts})


def test_chestxray_references_are_of_other_patients_of_the_same_part(tmp_path):
    description, rows = made("chestxray-ref", tmp_path / "source", tmp_path / "d", train=4, validation=1, test=1)
    assert description["items"] == {"train": 4, "validation": 1, "test": 1}
    parts = {row["parameters"]["source"][:8]: row["split"] for row in rows}
    for row in rows:
        assert pixels(tmp_path / "d", row, "high").shape == pixels(tmp_path / "d", row, "reference").shape == (48, 48)
        if row["split"] == "train":
            other = row["parameters"]["reference"][:8]
            assert other != row["parameters"]["source"][:8]
            assert parts.get(other, "train") == "train"


def test_xpgan_patches_come_from_the_zero_padded_image(tmp_path):
    _, rows = made("xpgan-patches", tmp_path / "source", tmp_path / "d", k=1)
    source = {path.name: np.asarray(PILImage.open(path)) for path in (tmp_path / "source").rglob("*.jpeg")}
    for row in rows:
        high, (y, x) = pixels(tmp_path / "d", row, "high"), row["parameters"]["corner"]
        image = source[row["parameters"]["source"]]
        padded = np.pad(image, [(0, 64)] * 2)[y : y + 64, x : x + 64]
        assert np.array_equal(high, padded)
        # a moving average of one pixel leaves bicubic; a file holds it rounded
        assert np.abs(pixels(tmp_path / "d", row, "low") - shrink(high, 4, "bicubic").clip(0, 255)).max() <= 0.501


def test_xpgan_patches_are_as_many_as_the_share_of_the_images(tmp_path):
    description, _ = made("xpgan-patches", tmp_path / "source", tmp_path / "d")
    # 18 of 5856 images: 30000, 600 and 3000 patches become 92, 2 and 9, unless an image has fewer
    assert description["items"]["test"] == 9
    assert description["items"]["validation"] == 2
    assert 20 < description["items"]["train"] <= 92
    assert any("18 of the collection's 5856" in note for note in description["notes"])


def test_one_child_in_two_folders_of_the_download_is_one_patient(tmp_path):
    description, rows = made("xpgan-patches", tmp_path / "source", tmp_path / "d")
    names = [name for n in range(6) for name in (f"person{n}", f"NORMAL2-IM-00{n}")]
    assert {row["patient"] for row in rows} <= {patient_key(name, description["patient_salt"]) for name in names}


def test_mura_triplets(tmp_path):
    description, rows = made("mura-sr", tmp_path / "source", tmp_path / "d", scale=2)
    assert description["items"] == {"train": 6, "validation": 3}
    for row in rows:
        high, low, clean = (pixels(tmp_path / "d", row, role) for role in ("high", "low", "clean"))
        assert high.shape == (100, 122)
        assert low.shape == clean.shape == (50, 61)
        assert np.abs(clean - shrink(high, 2, "bicubic").clip(0, 255)).max() <= 0.501  # rounded
        assert np.abs(low.astype(int) - clean).mean() > 1  # JPEG at quality 3
        assert "aid-paper" in row["parameters"]["degradation"]


def test_mura_test_sets_differ_in_the_degradation_only(tmp_path):
    description, mini = made("mura-mini", tmp_path / "source", tmp_path / "mini")
    _, plus = made("mura-plus", tmp_path / "source", tmp_path / "plus")
    assert [row["sha256"]["high"] for row in mini] == [row["sha256"]["high"] for row in plus]
    assert [row["sha256"]["clean"] for row in mini] == [row["sha256"]["clean"] for row in plus]
    assert [row["sha256"]["low"] for row in mini] != [row["sha256"]["low"] for row in plus]
    assert {row["split"] for row in mini} == {"test"}
    assert {row["patient"] for row in mini} <= {patient_key(f"patient{n:05d}", description["patient_salt"]) for n in range(50, 56)}


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("chestxray-ref", "images_003, images_004"),
        ("xpgan-patches", "There is nothing in val."),
        ("mura-mini", "XR_ELBOW, XR_FINGER, XR_FOREARM, XR_HAND, XR_HUMERUS, XR_SHOULDER."),
    ],
)
def test_what_is_missing_is_named(name, missing, tmp_path):
    description, _ = made(name, tmp_path / "source", tmp_path / "d")
    assert any(missing in note for note in description["notes"])


def test_images_too_small_for_a_patch_are_left_out(tmp_path):
    source = mura(tmp_path / "source")
    save(source / "MURA-v1.1" / "valid" / "XR_HAND" / "patient00099" / "study1_negative" / "image1.png", (95, 300), 5)
    description, rows = made("mura-mini", source, tmp_path / "d", test=100)
    assert len(rows) == 12
    assert patient_key("patient00099", description["patient_salt"]) not in {row["patient"] for row in rows}


def test_a_damaged_image_is_named_and_nothing_is_left(tmp_path):
    source = mura(tmp_path / "source")
    bad = source / "MURA-v1.1" / "valid" / "XR_WRIST" / "patient00050" / "study1_positive" / "image1.png"
    bad.write_bytes(bad.read_bytes()[:300])
    with pytest.raises(InputError, match="patient00050"):
        made("mura-mini", source, tmp_path / "d", test=12)
    assert not (tmp_path / "d").exists()
