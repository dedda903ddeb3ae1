"""Released checkpoints of TTSR, XPGAN and CycleGAN fit: names and shapes as their files have them, written out here."""

import pytest
import torch

from radloupe.networks.registry import NETWORKS, PARTS


def conv(name, after, before, side=3):
    return {f"{name}.weight": (after, before, side, side), f"{name}.bias": (after,)}


def norm(name, width):
    return {f"{name}.{part}": (width,) for part in ("weight", "bias", "running_mean", "running_var")} | {f"{name}.num_batches_tracked": ()}


def union(*parts):
    return {key: shape for part in parts for key, shape in part.items()}


def same(width, *names, side=3):
    return union(*(conv(name, width, width, side) for name in names))


def ttsr():
    main = conv("SFE.conv_head", 64, 3) | same(64, *(f"SFE.RBs.{i}.conv{k}" for i in range(16) for k in (1, 2)), "SFE.conv_tail")
    for stage, count, texture in ((1, 16, 256), (2, 8, 128), (3, 4, 64)):
        main |= conv(f"conv{stage}{stage}_head", 64, 64 + texture)
        for branch in range(1, stage + 1):
            blocks = (f"RB{stage}{branch}.{i}.conv{k}" for i in range(count) for k in (1, 2))
            main |= same(64, *blocks, f"conv{stage}{branch}_tail")
    main |= conv("conv12", 256, 64) | conv("conv23", 256, 64)
    main |= same(64, "ex12.conv12", *(f"ex123.conv{n}" for n in ("12", "13", "23")), "merge_tail.conv13", "merge_tail.conv23", side=1)
    main |= same(64, "ex12.conv21", *(f"ex123.conv{n}" for n in ("21", "31_1", "31_2", "32")))
    main |= union(*(conv(f"ex12.conv_merge{n}", 64, 128) for n in (1, 2)), *(conv(f"ex123.conv_merge{n}", 64, 192) for n in (1, 2, 3)))
    main |= conv("merge_tail.conv_merge", 64, 192) | conv("merge_tail.conv_tail1", 32, 64) | conv("merge_tail.conv_tail2", 3, 32, 1)
    extractor = conv("sub_mean", 3, 3, 1) | conv("slice1.0", 64, 3) | conv("slice2.2", 64, 64) | conv("slice2.5", 128, 64)
    extractor |= conv("slice3.7", 128, 128) | conv("slice3.10", 256, 128)
    return {f"MainNet.{k}": v for k, v in main.items()} | {f"LTE.{k}": v for k, v in extractor.items()}


def xpgan(stages):
    blocks = [
        same(64, f"block{n}.conv1", f"block{n}.conv2")
        | norm(f"block{n}.bn1", 64)
        | norm(f"block{n}.bn2", 64)
        | {f"block{n}.prelu.weight": (1,)}
        for n in range(2, 7)
    ]
    ups = [conv(f"block8.{n}.conv", 256, 64) | {f"block8.{n}.prelu.weight": (1,)} for n in range(stages)]
    first = conv("block1.0", 64, 3, 9) | {"block1.1.weight": (1,)}
    return union(first, *blocks, same(64, "block7.0"), norm("block7.1", 64), *ups, conv(f"block8.{stages}", 3, 64, 9))


def cyclegan(blocks):
    last = 10 + blocks  # the residual blocks are numbers 10 to 9 + blocks
    inside = same(256, *(f"model.{10 + n}.conv_block.{k}" for n in range(blocks) for k in (1, 5)))
    ups = {
        f"model.{n}.{kind}": shape
        for n, a, b in ((last, 256, 128), (last + 3, 128, 64))
        for kind, shape in (("weight", (a, b, 3, 3)), ("bias", (b,)))
    }
    return (
        conv("model.1", 64, 1, 7)
        | conv("model.4", 128, 64)
        | conv("model.7", 256, 128)
        | inside
        | ups
        | conv(f"model.{last + 7}", 1, 64, 7)
    )


FILES = [
    ("ttsr", 4, ttsr()),
    ("xpgan", 4, xpgan(2)),
    ("xpgan", 8, xpgan(3)),
    ("cyclegan-6", 1, cyclegan(6)),
    ("cyclegan-9", 1, cyclegan(9)),
]


@pytest.mark.parametrize(("name", "scale", "file"), FILES)
def test_every_tensor_of_the_file_matches_one_of_its_shape(name, scale, file):
    with torch.device("meta"):
        ours = {key: tuple(value.shape) for key, value in NETWORKS[name](scale).state_dict().items()}
    keys = NETWORKS[name].keys(scale)
    assert set(keys) == set(file)
    assert {keys[key]: shape for key, shape in file.items()} == ours


@pytest.mark.parametrize(
    ("name", "numbers", "prefix"),
    [("gap-discriminator", [0, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 24, 26], "net"), ("patchgan", [0, 2, 5, 8, 11], "model")],
)
def test_discriminators_have_the_names_of_their_files(name, numbers, prefix):
    with torch.device("meta"):
        layers = {key.rsplit(".", 1)[0] for key in PARTS[name]().state_dict()}
    assert layers == {f"{prefix}.{n}" for n in numbers}
