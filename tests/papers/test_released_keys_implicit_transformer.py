"""State dicts with the released names and shapes load into ours, every tensor once."""

from itertools import pairwise

import pytest
import torch

from radloupe.networks.registry import NETWORKS


def pair(name, out, into, side=3):
    """Names and shapes of a convolution's weight and bias."""
    return {f"{name}.weight": (out, into, side, side), f"{name}.bias": (out,)}


def line(name, out, into, bias=True):
    return {f"{name}.weight": (out, into)} | ({f"{name}.bias": (out,)} if bias else {})


def norm(name, width):
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def union(*parts):
    return {key: shape for part in parts for key, shape in part.items()}


def shift(prefix=""):
    return union(*(pair(f"{prefix}{name}", 3, 3, 1) for name in ("sub_mean", "add_mean")))


def edsr_features(prefix="", width=64, blocks=16):
    inside = (pair(f"{prefix}body.{i}.body.{j}", width, width) for i in range(blocks) for j in (0, 2))
    return union(shift(prefix), pair(f"{prefix}head.0", width, 3), *inside, pair(f"{prefix}body.{blocks}", width, width))


def edsr(width, blocks, ups):
    up = (pair(f"tail.0.{2 * i}", 4 * width, width) for i in range(ups))
    return union(edsr_features("", width, blocks), *up, pair("tail.1", 3, width))


def rdn_features(prefix):
    dense = [pair(f"{prefix}RDBs.{i}.convs.{j}.conv.0", 64, 64 * (j + 1)) for i in range(16) for j in range(8)]
    fuse = [pair(f"{prefix}RDBs.{i}.LFF", 64, 576, 1) for i in range(16)]
    ends = (
        pair(f"{prefix}SFENet1", 64, 3),
        pair(f"{prefix}SFENet2", 64, 64),
        pair(f"{prefix}GFF.0", 64, 1024, 1),
        pair(f"{prefix}GFF.1", 64, 64),
    )
    return union(*dense, *fuse, *ends)


def swin_block(name, width, odd):
    return union(
        norm(f"{name}.norm1", width),
        norm(f"{name}.norm2", width),
        {f"{name}.attn.relative_position_bias_table": (225, 6), f"{name}.attn.relative_position_index": (64, 64)},
        line(f"{name}.attn.qkv", 3 * width, width),
        line(f"{name}.attn.proj", width, width),
        line(f"{name}.mlp.fc1", 2 * width, width),
        line(f"{name}.mlp.fc2", width, 2 * width),
        {f"{name}.attn_mask": (36, 64, 64)} if odd else {},
    )


def swin(prefix="", width=180, groups=6):
    blocks = (swin_block(f"{prefix}layers.{i}.residual_group.blocks.{j}", width, j % 2) for i in range(groups) for j in range(6))
    convs = (pair(f"{prefix}layers.{i}.conv", width, width) for i in range(groups))
    ends = pair(f"{prefix}conv_first", width, 3), norm(f"{prefix}patch_embed.norm", width), norm(f"{prefix}norm", width)
    return union(*blocks, *convs, *ends, pair(f"{prefix}conv_after_body", width, width))


def swinir():
    ups = (pair(f"upsample.{i}", 256, 64) for i in (0, 2))
    return union(swin(), pair("conv_before_upsample.0", 64, 180), *ups, pair("conv_last", 3, 64))


def imnet(widths):
    return union(*(line(f"imnet.layers.{2 * i}", out, into) for i, (into, out) in enumerate(pairwise(widths))))


LIIF = imnet([580, 256, 256, 256, 256, 3])
LTE = union(pair("coef", 256, 64), pair("freq", 256, 64), line("phase", 128, 2, bias=False), imnet([256, 256, 256, 256, 3]))


def solid(name, out, into, side=3):
    return {f"{name}.weight": (out, into, side, side, side), f"{name}.bias": (out,)}


def stages():
    first, second = [131, 256, 256, 256, 131], [131, 256, 256, 256, 1]
    return union(
        *(line(f"decoder.stage_one.{2 * i}", first[i + 1], first[i]) for i in range(4)),
        *(line(f"decoder.stage_two.{2 * i}", second[i + 1], second[i]) for i in range(4)),
    )


def arssr_rdn():
    dense = [solid(f"encoder.rdbs.{i}.layers.{j}.conv", 64, 64 * (j + 1)) for i in range(8) for j in range(3)]
    fuse = [solid(f"encoder.rdbs.{i}.lff", 64, 256, 1) for i in range(8)]
    ends = solid("encoder.sfe1", 64, 1), solid("encoder.sfe2", 64, 64), solid("encoder.gff.0", 64, 512, 1), solid("encoder.gff.1", 64, 64)
    return union(*dense, *fuse, *ends, solid("encoder.output", 128, 64), stages())


def arssr_rescnn():
    blocks = (solid(f"encoder.block{i}.{2 * j}", 64, 64) for i in (1, 2, 3) for j in range(6))
    return union(solid("encoder.conv_start.0", 64, 1), *blocks, solid("encoder.conv_end.0", 128, 64), stages())


def arssr_srresnet():
    blocks = (solid(f"encoder.features.{i}.m.{j}.0", 64, 64) for i in range(1, 19) for j in (0, 1))
    ends = solid("encoder.features.0.0", 64, 1), solid("encoder.features.19.0", 64, 64), solid("encoder.features.20.0", 128, 64)
    return union(*blocks, *ends, stages())


RELEASED = {
    ("edsr-baseline", 4): lambda: edsr(64, 16, 2),
    ("edsr", 2): lambda: edsr(256, 32, 1),
    ("liif-edsr", 4): lambda: union(edsr_features("encoder."), LIIF),
    ("liif-rdn", 4): lambda: union(rdn_features("encoder."), LIIF),
    ("lte-edsr", 4): lambda: union(edsr_features("encoder."), LTE),
    ("lte-rdn", 4): lambda: union(rdn_features("encoder."), LTE),
    ("lte-swinir", 4): lambda: union(swin("encoder."), pair("encoder.conv_before_upsample.0", 64, 180), LTE),
    ("swinir", 4): swinir,
    ("swinir-light", 2): lambda: union(swin(width=60, groups=4), pair("upsample.0", 12, 60)),
    ("arssr-rdn", 2): arssr_rdn,
    ("arssr-rescnn", 2): arssr_rescnn,
    ("arssr-srresnet", 2): arssr_srresnet,
}


@pytest.mark.parametrize(("name", "scale"), RELEASED)
def test_released_names_map_one_to_one(name, scale):
    row = NETWORKS[name]
    released, keys = RELEASED[name, scale](), row.keys(scale)
    with torch.device("meta"):
        ours = {key: tuple(value.shape) for key, value in row(scale).state_dict().items()}
    assert set(keys) == set(released)
    kept = {keys[key]: shape for key, shape in released.items() if keys[key]}
    assert kept == ours
    assert len(kept) == sum(bool(key) for key in keys.values())
