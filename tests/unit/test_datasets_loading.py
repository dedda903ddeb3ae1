"""How training reads a data set: aligned patches, the same ones for the same generator, bad data found first."""

import json

import numpy as np
import pytest
from PIL import Image as PILImage

from radloupe.core import seeds
from radloupe.core.errors import InputError
from radloupe.data.loading import READERS, pairs, reference, triplets, unpaired
from radloupe.degradation import shrink

SCALE, SIDE = 2, 8


def scene(seed, side=48, top=255):
    y, x = np.mgrid[:side, :side]
    values = (np.sin((x + seed) / 5) * np.cos((y - seed) / 6) + (x > y)) / 4 + 0.4
    return (np.clip(values, 0, 1) * top).astype(np.uint8 if top == 255 else np.uint16)


def data(folder, rows):
    """A folder with the images of rows: role -> array, beside `split` and `parameters`."""
    lines = []
    for number, row in enumerate(rows):
        line = {"split": "train", **{k: v for k, v in row.items() if not isinstance(v, np.ndarray)}}
        for role, values in row.items():
            if isinstance(values, np.ndarray):
                line[role] = f"{number}-{role}.png"
                folder.mkdir(exist_ok=True)
                PILImage.fromarray(values).save(folder / line[role])
        lines.append(json.dumps(line))
    (folder / "manifest.jsonl").write_text("\n".join(lines))
    return folder


def halved(high):
    return np.rint(shrink(high, SCALE, "bicubic")).clip(0, 255).astype(np.uint8)


def triplet(seed):
    high = scene(seed)
    return {"high": high, "low": 255 - halved(high), "clean": halved(high), "reference": scene(seed + 50)}


@pytest.fixture
def folder(tmp_path):
    return data(tmp_path / "d", [triplet(n) for n in range(3)])


def rng(n):
    return seeds.generator(0, "item", n)


@pytest.mark.parametrize("reader", [pairs, reference, triplets])
def test_the_same_generator_gives_the_same_patch(reader, folder):
    one, other = (reader(folder, "train", SCALE, SIDE, "bicubic") for _ in range(2))
    other.item(0, rng(5))  # what was read before does not matter
    for n in range(3):
        a, b = one.item(n, rng(n)), other.item(n, rng(n))
        assert all(np.array_equal(a[role], b[role]) for role in a)
        assert any(not np.array_equal(a["high"], one.item(n, rng(k))["high"]) for k in range(10, 14))


def test_images_that_find_no_room_in_memory_are_read_again(folder):
    roomy, full = (reference(folder, "train", SCALE, SIDE, "bicubic") for _ in range(2))
    full.images.room_bytes = 3000  # one image of 48 x 48
    for n in range(6):
        a, b = (items.item(n % 3, rng(n)) for items in (roomy, full))
        assert all(np.array_equal(a[role], b[role]) for role in a)
    assert len(full.images.kept) < len(roomy.images.kept) == 9


def test_low_clean_and_high_show_the_same_region_and_the_reference_another(folder):
    items = triplets(folder, "train", SCALE, SIDE, "bicubic")
    for n in range(20):
        item = items.item(n % 3, rng(n))
        assert {role: patch.shape for role, patch in item.items()} == {"low": (1, 8, 8), "high": (1, 16, 16), "clean": (1, 8, 8)}
        assert np.allclose(item["low"], 1 - item["clean"], atol=1e-6)  # float32
        # inside, a patch shrinks to what the whole image does; half a grey level of rounding, and 1e-3 for the cubic's arithmetic
        inside = shrink(item["high"][0], SCALE, "bicubic")[3:-3, 3:-3] - item["clean"][0, 3:-3, 3:-3]
        assert np.abs(inside).max() < 0.5 / 255 + 1e-3
    item = reference(folder, "train", SCALE, SIDE, "bicubic").item(0, rng(0))
    assert item["reference"].shape == (1, 16, 16)


def test_all_eight_orientations_come_up(folder):
    items = pairs(data(folder.parent / "whole", [{"high": scene(0, 16)}]), "train", SCALE, SIDE, "bicubic")
    found = {items.item(0, rng(n))["high"].tobytes() for n in range(100)}
    assert len(found) == 8


def test_without_chance_it_is_the_middle_upright(folder):
    item = pairs(folder, "train", SCALE, SIDE, "bicubic").item(1, None)
    assert np.array_equal(item["high"][0], (scene(1)[16:32, 16:32] / np.float32(255)).astype(np.float32))


def test_missing_low_images_are_made(tmp_path):
    items = pairs(data(tmp_path / "d", [{"high": scene(4)}]), "train", SCALE, SIDE, "bicubic")
    low = items.item(0, None)["low"][0] * 255
    assert np.abs(low - halved(scene(4))[8:16, 8:16]).max() <= 1 + 1e-3  # halves may round either way


def test_sixteen_bits_are_not_rounded_or_clipped(tmp_path):
    high = scene(4, top=65_535)
    item = pairs(data(tmp_path / "d", [{"high": high}]), "train", SCALE, SIDE, "kspace").item(0, None)
    expected = shrink(high / 65_535, SCALE, "kspace")[8:16, 8:16]
    assert np.abs(item["low"][0] - expected).max() < 1e-6  # float32


def domains():
    micro = [{"image": scene(n, 32, 65_535), "parameters": {"domain": "micro"}} for n in range(2)]
    return micro + [{"image": scene(n, 8, 65_535), "parameters": {"domain": "clinical"}} for n in range(9)]


def test_unpaired_domains(tmp_path):
    items = unpaired(data(tmp_path / "d", domains()), "train", SCALE, SIDE, "pyramid")
    assert len(items) == 2
    item = items.item(1, rng(0))
    assert {role: patch.shape for role, patch in item.items()} == {"high": (1, 16, 16), "fine": (1, 8, 8), "clinical": (1, 8, 8)}
    assert len({items.item(0, rng(n))["clinical"].tobytes() for n in range(40)}) > 9  # of 9 patches in 8 orientations


def test_a_domain_that_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match="micro and clinical"):
        unpaired(data(tmp_path / "d", domains()[:2]), "train", SCALE, SIDE, "pyramid")


WRONG = {
    "scale": ([{"high": scene(0), "low": scene(0, 16)}], "low image 2 times smaller than 48x48, found 16x16"),
    "depth": ([{"high": scene(0)}, {"high": scene(0, top=65_535)}], "8 bits as the others have, found 16"),
    "small": ([{"high": scene(0, 14)}], "at least 16x16 pixels, found 14x14"),
    "role": ([{"low": scene(0)}], "with a high image"),
    "part": ([{"high": scene(0), "split": "test"}], "the part train"),
    "outside": ([{"split": "train", "high": "../x.png"}], "paths inside"),
    "missing": ([{"split": "train", "high": "x.png"}], "names, found none"),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_data_is_found_before_the_first_step(case, tmp_path):
    rows, message = WRONG[case]
    (tmp_path / "d").mkdir()
    with pytest.raises(InputError, match=message):
        pairs(data(tmp_path / "d", rows), "train", SCALE, SIDE, "bicubic")


def test_a_cut_image_is_found_before_the_first_step(folder):
    path = folder / "2-high.png"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="ends too early"):
        pairs(folder, "train", SCALE, SIDE, "bicubic")


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_manifest_that_is_none_is_refused(text, tmp_path):
    (tmp_path / "manifest.jsonl").write_text(text)
    with pytest.raises(InputError, match=r"manifest\.jsonl"):
        pairs(tmp_path, "train", SCALE, SIDE, "bicubic")


def test_the_table_names_what_is_there():
    assert [READERS[name].__name__ for name in READERS] == list(READERS)
