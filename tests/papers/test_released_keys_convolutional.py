"""Released checkpoints of AID-SRGAN and the convolutional baselines fit: names and shapes as their files have them, written out here."""

import pytest
import torch

from radloupe.networks.registry import NETWORKS


def conv(name, after, before, side=3, bias=True):
    """Names and shapes of one convolution."""
    return {f"{name}.weight": (after, before, side, side)} | ({f"{name}.bias": (after,)} if bias else {})


def norm(name, width):
    return {f"{name}.{part}": (width,) for part in ("weight", "bias", "running_mean", "running_var")} | {f"{name}.num_batches_tracked": ()}


def union(*parts):
    return {key: shape for part in parts for key, shape in part.items()}


def separable(name, after, before, side):
    return conv(f"{name}.0", before, 1, side) | conv(f"{name}.1", after, before, 1)


def distilling_backbone(tail):
    """The distilling backbone of AID-SRGAN: `body`, `KD`, `copress` and a tail with these numbers."""
    blocks = [separable(f"body.sub.{i}.res.{n}", 64, 64, 3) for i in range(16) for n in (0, 3)]
    blocks = union(*blocks)
    renumbered = {
        key.replace(".0.0.", ".0.").replace(".0.1.", ".1.").replace(".3.0.", ".3.").replace(".3.1.", ".4."): s for key, s in blocks.items()
    }
    branch = union(*(separable(f"KD.c{n}_d", 32, 64, 1) | separable(f"KD.c{n}_r", 64, 64, 3) for n in (1, 2, 3)))
    branch |= separable("KD.c4", 32, 64, 3) | separable("KD.c5", 64, 128, 1)
    branch |= separable("KD.esa.conv1", 16, 64, 1) | separable("KD.esa.conv_f", 16, 16, 1) | separable("KD.esa.conv4", 64, 16, 1)
    branch |= union(*(separable(f"KD.esa.{n}", 16, 16, 3) for n in ("conv2", "conv_max", "conv3", "conv3_")))
    last = union(*(conv(f"tail.{n}", 64, 64) for n in tail[:-1])) | conv(f"tail.{tail[-1]}", 3, 64, bias=False)
    return renumbered | conv("body.sub.16", 64, 64) | branch | conv("copress", 64, 128, 1) | last


def attention_block(name):
    return conv(f"{name}.res.0", 64, 64) | conv(f"{name}.ca.conv_fc.0", 4, 64, 1) | conv(f"{name}.ca.conv_fc.2", 64, 4, 1)


def aid(tail, plus):
    """The head three times: in `head`, `dncnn_head` and `dncnn_de_loss`, whose last layer is its own."""
    names = {}
    for copy in ("head", "dncnn_head", "dncnn_de_loss"):
        names |= conv(f"{copy}.0", 64, 3) | conv(f"{copy}.16", 3 if copy == "dncnn_de_loss" else 64, 64)
        for i in range(2, 16):
            group = union(*(attention_block(f"{copy}.{i}.rg.{n}") for n in range(12))) | conv(f"{copy}.{i}.rg.12", 64, 64)
            names |= group if plus else attention_block(f"{copy}.{i}")
    return names | distilling_backbone(tail)


def rcan(ups):
    names = conv("head.0", 64, 3) | conv("body.10", 64, 64) | conv("sub_mean", 3, 3, 1) | conv("add_mean", 3, 3, 1)
    for g in range(10):
        names |= conv(f"body.{g}.body.20", 64, 64)
        for b in range(20):
            here = f"body.{g}.body.{b}.body"
            names |= conv(f"{here}.0", 64, 64) | conv(f"{here}.2", 64, 64)
            names |= conv(f"{here}.3.conv_du.0", 4, 64, 1) | conv(f"{here}.3.conv_du.2", 64, 4, 1)
    return names | union(*(conv(f"tail.0.{2 * n}", 256, 64) for n in range(ups))) | conv("tail.1", 3, 64)


def dense(name, width, ending=""):
    """Three dense blocks of five convolutions."""
    made = (conv(f"{name}{k}.conv{j}{ending}", 32 if j < 5 else width, width + 32 * (j - 1)) for k in (1, 2, 3) for j in range(1, 6))
    return union(*made)


def esrgan(first, trunk, block, last, ups, high, channels=3):
    trunk_names = union(*(dense(f"{trunk}.{i}.{block}", 64) for i in range(23)))
    up_names = union(*(conv(f"{up}", 64, 64) for up in ups))
    return conv(first, 64, channels) | trunk_names | conv(last, 64, 64) | up_names | conv(high, 64, 64) | conv("conv_last", 3, 64)


def numbered_esrgan(tail):
    names = conv("model.0", 64, 3) | conv("model.1.sub.23", 64, 64)
    names |= union(*(dense(f"model.1.sub.{i}.RDB", 64, ".0") for i in range(23)))
    return names | union(*(conv(f"model.{n}", 64, 64) for n in tail[:-1])) | conv(f"model.{tail[-1]}", 3, 64)


def spsr(ups):
    """`ups` doublings; two layers of the trunk also stand under names of their own."""
    high = 3 * ups + 2
    names = conv("model.0", 64, 3) | conv("model.1.sub.23", 64, 64) | conv("HR_conv0_new.0", 64, 64) | conv("HR_conv1_new.0", 64, 64)
    names |= union(*(dense(f"model.1.sub.{i}.RDB", 64, ".0") for i in range(23)))
    names |= union(*(conv(f"model.{3 * n}", 64, 64) for n in range(1, ups + 1))) | conv(f"model.{high}", 64, 64)
    names |= {"get_g_nopadding.weight_h": (1, 1, 3, 3), "get_g_nopadding.weight_v": (1, 1, 3, 3)}
    names |= conv("b_fea_conv.0", 64, 3) | conv("b_LR_conv.0", 64, 64) | conv("conv_w.0", 3, 64, 1)
    names |= union(*(dense(f"b_block_{n}.RDB", 128, ".0") | conv(f"b_concat_{n}.0", 64, 128) for n in range(1, 5)))
    names |= union(*(conv(f"b_module.{3 * n - 2}", 64, 64) for n in range(1, ups + 1)))
    names |= conv(f"b_module.{3 * ups}", 64, 64) | conv(f"b_module.{3 * ups + 2}", 64, 64)
    return (
        names | dense("f_block.RDB", 128, ".0") | conv("f_concat.0", 64, 128) | conv("f_HR_conv0.0", 64, 64) | conv("f_HR_conv1.0", 3, 64)
    )


def srmd(scale):
    names = conv("model.0", 128, 19) | union(*(conv(f"model.{n}", 128, 128) for n in range(2, 22, 2)))
    return names | conv("model.22", 3 * scale**2, 128) | {"basis": (15, 225)}  # the basis is added to the file by hand


def kair_residual(width, planes, ups, last):
    names = conv("model.0", width, planes) | conv("model.1.sub.16", width, width)
    names |= union(*(conv(f"model.1.sub.{i}.res.{n}", width, width) for i in range(16) for n in (0, 2)))
    return names | ups | conv(f"model.{last - 2}", width, width) | conv(f"model.{last}", 3, width, bias=False)


def dncnn(layers, channels, normalised):
    step = 3 if normalised else 2
    middle = [2 + step * n for n in range(layers - 2)]
    names = conv("model.0", 64, channels) | union(*(conv(f"model.{n}", 64, 64) for n in middle))
    names |= union(*(norm(f"model.{n + 1}", 64) for n in middle)) if normalised else {}
    return names | conv(f"model.{2 + step * (layers - 2)}", channels, 64)


def expanded(name, after, before):
    """SPAN's convolution as it is trained, and the merged copy that its files hold too."""
    row = (
        conv(f"{name}.conv.0", 2 * before, before, 1)
        | conv(f"{name}.conv.1", 2 * after, 2 * before)
        | conv(f"{name}.conv.2", after, 2 * after, 1)
    )
    return row | conv(f"{name}.sk", after, before, 1) | conv(f"{name}.eval_conv", after, before)


def span(scale):
    names = expanded("conv_1", 48, 3) | expanded("conv_2", 48, 48) | conv("conv_cat", 48, 192, 1) | conv("upsampler.0", 3 * scale**2, 48)
    return names | union(*(expanded(f"block_{n}.c{c}_r", 48, 48) for n in range(1, 7) for c in (1, 2, 3)))


def safmn(scale):
    names = conv("to_feat", 36, 3) | conv("to_img.0", 3 * scale**2, 36)
    for i in range(8):
        here = f"feats.{i}"
        names |= {f"{here}.{n}.{part}": (36,) for n in ("norm1", "norm2") for part in ("weight", "bias")}
        names |= union(*(conv(f"{here}.safm.mfr.{n}", 9, 1) for n in range(4))) | conv(f"{here}.safm.aggr", 36, 36, 1)
        names |= conv(f"{here}.ccm.ccm.0", 72, 36) | conv(f"{here}.ccm.ccm.2", 36, 72, 1)
    return names


FILES = {
    ("psrgan", 2): distilling_backbone((1, 3, 5)) | conv("head", 64, 3),
    ("psrgan", 4): distilling_backbone((1, 4, 6, 8)) | conv("head", 64, 3),
    ("aid-srgan", 2): aid((1, 3, 5), plus=False),
    ("aid-srgan", 4): aid((1, 4, 6, 8), plus=False),
    ("aid-srgan-plus", 4): aid((1, 4, 6, 8), plus=True),
    ("rcan", 2): rcan(1),
    ("rcan", 8): rcan(3),
    ("rrdb", 4, "esrgan"): esrgan("conv_first", "RRDB_trunk", "RDB", "trunk_conv", ("upconv1", "upconv2"), "HRconv"),
    ("rrdb", 4, "basicsr"): esrgan("conv_first", "body", "rdb", "conv_body", ("conv_up1", "conv_up2"), "conv_hr"),
    ("rrdb", 4, "numbered"): numbered_esrgan((3, 6, 8, 10)),
    ("rrdb", 2): esrgan("conv_first", "body", "rdb", "conv_body", ("conv_up1", "conv_up2"), "conv_hr", channels=12),
    ("rrdb-upconv", 2): numbered_esrgan((3, 5, 7)),
    ("spsr", 2): spsr(1),
    ("spsr", 4): spsr(2),
    ("srmd", 4): srmd(4),
    ("dpsr", 4): kair_residual(96, 4, conv("model.2", 384, 96) | conv("model.5", 384, 96), 10),
    ("srresnet-kair", 4): kair_residual(64, 3, conv("model.3", 64, 64) | conv("model.6", 64, 64), 10),
    ("dncnn", 1): dncnn(17, 1, normalised=True),
    ("dncnn-merged", 1): dncnn(17, 1, normalised=False),
    ("dncnn-colour", 1): dncnn(20, 3, normalised=True),
    ("span", 4): span(4),
    ("safmn", 2): safmn(2),
}


@pytest.mark.parametrize("case", FILES, ids=lambda case: "-".join(map(str, case)))
def test_a_released_file_fills_every_tensor(case):
    (name, scale, *_), official = case, FILES[case]
    row = NETWORKS[name]
    with torch.device("meta"):
        own = {key: tuple(value.shape) for key, value in row(scale).state_dict().items()}
    mapped = row.keys(scale)
    assert official.keys() <= mapped.keys()
    filled = {mapped[key]: shape for key, shape in official.items() if mapped[key]}
    assert filled == own


@pytest.mark.parametrize(("name", "scale"), sorted({case[:2] for case in FILES} - {("rrdb", 2), ("rrdb-upconv", 2)}))
def test_no_name_is_invented(name, scale):
    known = set().union(*(names for case, names in FILES.items() if case[:2] == (name, scale)))
    assert set(NETWORKS[name].keys(scale)) == known
