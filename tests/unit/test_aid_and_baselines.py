"""What AID-SRGAN and the convolutional baselines do, beyond what every network promises."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from radloupe.core.errors import InputError, UsageError, WeightsError
from radloupe.networks.architectures.aid_srgan import AIDSRGAN
from radloupe.networks.architectures.dncnn import DnCNN, merged
from radloupe.networks.architectures.rrdb import RRDBNet
from radloupe.networks.architectures.span import SPAN, Expanded, merge
from radloupe.networks.architectures.spsr import SPSR, GradientMagnitude
from radloupe.networks.architectures.srmd import SRMD, delta_kernel, gaussian_kernels, kernel_basis
from radloupe.networks.layers.blocks import ChannelAttention, MeanShift, Plus, receptive_radius, stages, upconv_tail
from radloupe.networks.plug_and_play import restore
from radloupe.networks.registry import NETWORKS, PARTS

SMALL_AID = {"width": 16, "blocks": 1, "groups": 2}


def randomised(network):
    """Random weights everywhere, in evaluation mode and float64, so that equalities can be tight."""
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=(1 / max(parameter[0].numel(), 4)) ** 0.5)
    return network.double().eval()


def random_image(*shape, seed=1):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


rounding = 1e-12  # relative, of float64 sums of a few thousand products, against 1e-6 of a wrong factor anywhere


def test_receptive_field_through_enlargement():
    # each low pixel is 4 by 4 high ones; three 3x3 convolutions there and one at twice the size see two low pixels further
    assert receptive_radius(10, 1, 3) == 12
    assert receptive_radius(10, 1) == 11
    assert receptive_radius(10) == 10
    with torch.no_grad():
        tail = upconv_tail(4, 2, 1).double()
        for parameter in tail.parameters():
            torch.nn.init.constant_(parameter, 0.1)  # nothing cancels and no activation is off
        changed = torch.zeros(1, 2, 9, 9, dtype=torch.float64)
        changed[0, 0, 4, 4] = 1
        moved = (tail(changed) != tail(torch.zeros_like(changed))).nonzero()[:, 2:] // 4 - 4
    assert moved.abs().max() == receptive_radius(0, 1, 3)


def test_stages_are_doublings_or_one_triple():
    assert [stages(n) for n in (1, 2, 3, 4, 8)] == [[], [2], [3], [2, 2], [2, 2, 2]]
    with pytest.raises(UsageError, match="found 6"):
        stages(6)


def test_plus_adds_its_input():
    layers = Plus(torch.nn.Identity(), factor=0.25)
    x = random_image(1, 2, 3, 3)
    assert torch.equal(layers(x), 1.25 * x)


def test_channel_attention_gates_whole_channels():
    attention = randomised(ChannelAttention(16, 4))
    x = random_image(1, 16, 5, 7) + 0.1
    gates = attention(x) / x
    assert torch.allclose(gates, gates[..., :1, :1].expand_as(gates), rtol=rounding)
    assert (gates > 0).all()
    assert (gates < 1).all()


def test_mean_shift_goes_there_and_back():
    x = random_image(1, 3, 4, 4)
    there, back = MeanShift((0.4, 0.5, 0.6)).double(), MeanShift((0.4, 0.5, 0.6), sign=1).double()
    assert torch.allclose(there(x), x - there.bias.neg()[:, None, None])
    assert torch.allclose(back(there(x)), x, rtol=rounding)
    scaled = MeanShift((0.25, 0.5, 0.75), (0.5, 0.25, 0.125))(torch.ones(1, 3, 1, 1))
    assert scaled.flatten().tolist() == [1.5, 2.0, 2.0]


def test_grey_rcan_has_no_mean_shift():
    assert not [key for key in NETWORKS["rcan"](2, channels=1, groups=1, blocks=1).state_dict() if "mean" in key]


def test_aid_learns_clean_plus_noisy():
    # the released sign: what the layer makes, less the input
    network = randomised(AIDSRGAN(2, **SMALL_AID))
    low = random_image(1, 3, 13, 14)
    parts = network.parts(low)
    made = network.denoise(network.head(network.first(low)))
    assert torch.equal(parts.denoised, made - low)
    assert torch.equal(parts.enlarged, network(low))


def test_the_cascade_says_what_is_enlarged():
    low = random_image(1, 3, 13, 14)
    of_features, of_image = (randomised(AIDSRGAN(2, cascade=c, **SMALL_AID)) for c in ("features", "image"))
    for network, follows in ((of_features, False), (of_image, True)):
        before = network(low)
        network.denoise.bias.data += 1
        assert torch.equal(network(low), before) != follows
    with pytest.raises(UsageError, match="cascade"):
        AIDSRGAN(2, cascade="both")


@pytest.mark.parametrize("cascade", ["features", "image"])
def test_a_clean_image_trains_what_follows_the_head_alone(cascade):
    network = randomised(AIDSRGAN(2, cascade=cascade, **SMALL_AID))
    low = random_image(1, 3, 13, 14)
    parts = network.parts(low, clean=True)
    assert torch.equal(parts.denoised, low)
    if cascade == "features":
        assert torch.equal(parts.enlarged, network(low))
    else:
        assert torch.equal(parts.enlarged, network.backbone(network.lift(low)))
    parts.enlarged.square().sum().backward()
    trained = {key.split(".")[0] for key, p in network.named_parameters() if p.grad is not None}
    assert trained == {"lift", "backbone"}


def test_noise_can_be_learned_instead_of_the_sum():
    network = randomised(AIDSRGAN(2, base=1.0, **SMALL_AID))
    low = random_image(1, 3, 13, 14)
    assert torch.equal(network.parts(low).denoised, network.denoise(network.head(network.first(low))) + low)


def test_with_skip_the_denoised_image_is_what_is_added_to():
    settings = {**SMALL_AID, "cascade": "image", "base": 1.0}
    network = NETWORKS["aid-srgan"](2, skip=True, **settings)
    low = random_image(1, 3, 13, 14).float()
    network.network.denoise.bias.data += 1  # a brighter image, which the enlargement has to follow
    parts, inner = network.parts(low), network.network.parts(low)
    torch.testing.assert_close(parts.enlarged - inner.enlarged, network.base(inner.denoised))
    assert torch.equal(network(low), parts.enlarged)


def test_the_papers_numbers_of_blocks_can_be_had():
    def blocks(network):
        return sum(isinstance(layer, ChannelAttention) for layer in network.modules())

    with torch.device("meta"):
        assert blocks(NETWORKS["aid-srgan"](4)) == 14
        assert blocks(NETWORKS["aid-srgan"](4, groups=16)) == 16
        assert blocks(NETWORKS["aid-srgan-plus"](4)) == 168
        assert blocks(NETWORKS["aid-srgan-plus"](4, groups=16, group_size=16)) == 256
        assert blocks(NETWORKS["aid-srgan"](4, head="dncnn")) == 0
    with pytest.raises(UsageError, match="head"):
        AIDSRGAN(2, head="plain")


@pytest.mark.parametrize("name", ["aid-srgan", "aid-srgan-plus", "spsr"])
def test_no_branch_is_dead(name):
    # what the second result alone needs is not reached from the enlarged image
    network = randomised(NETWORKS[name](2, **NETWORKS[name].small))
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d) and layer.bias is not None:
            layer.bias.data.fill_(0.5)  # so that no activation is off all over the image
    sum(part.square().sum() for part in network.parts(random_image(1, 3, 16, 16)) if part.requires_grad).backward()
    assert not [key for key, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]


def test_dropout_is_for_training_only():
    network = AIDSRGAN(2, dropout=0.5, **SMALL_AID).eval()
    low = torch.rand(1, 3, 13, 13)
    with torch.no_grad():
        assert torch.equal(network(low), network(low))
        assert not torch.equal(network.train()(low), network(low))


def test_by_two_folds_pixels_into_channels():
    folded, plain = RRDBNet(2, 1, 8, 1, 4), RRDBNet(2, 1, 8, 1, 4, unshuffle=False)
    assert (folded.first.in_channels, plain.first.in_channels) == (4, 1)
    assert (folded.spec.size_multiple, plain.spec.size_multiple) == (2, 1)
    with pytest.raises(InputError, match="steps of 2"):
        folded(torch.rand(1, 1, 5, 6))


def test_gradient_magnitude_is_of_next_neighbours():
    image = torch.zeros(1, 1, 5, 5)
    image[..., 2, 2] = 3
    image[..., 2, 4] = 7
    magnitude = GradientMagnitude()(image)[0, 0]
    assert magnitude[2, 3] == pytest.approx(4, abs=1e-5)  # 7 - 3, and a millionth under the root
    assert magnitude[1, 2] == pytest.approx(3, abs=1e-5)
    assert magnitude[1, 1] == pytest.approx(1e-3, abs=1e-6)  # nothing but the millionth


def test_spsr_draws_gradients_too():
    network = randomised(SPSR(2, 3, 8, 4, 4))
    low = random_image(1, 3, 6, 7)
    parts = network.parts(low)
    assert parts.gradient.shape == parts.enlarged.shape == (1, 3, 12, 14)
    assert torch.equal(parts.enlarged, network(low))
    parts.gradient.sum().backward()
    assert network.branch_image.weight.grad.abs().sum() > 0


def test_srmd_kernels_turn_and_widen():
    kernel = gaussian_kernels(np.array([4.0, 4.0]), np.array([1.0, 1.0]), np.array([0.0, np.pi / 2]))
    assert kernel.sum((1, 2)) == pytest.approx(1)
    assert np.allclose(kernel[0], kernel[1].T)
    x = np.arange(15) - 7
    assert (kernel[0].sum(0) * x**2).sum() == pytest.approx(4, rel=0.01)  # along x; 15 pixels cut off 0.5 % of the variance
    assert (kernel[0].sum(1) * x**2).sum() == pytest.approx(1, rel=0.01)
    assert delta_kernel()[0, 7, 7] > 0.97  # all but 4 exp(-5)


def test_srmd_basis_stands_for_the_kernels_it_is_for():
    basis = kernel_basis()
    assert np.allclose(basis @ basis.T, np.eye(15), atol=1e-5)  # float32
    kernels = gaussian_kernels(np.array([8.0, 2.0, 0.5]), np.array([3.0, 2.0, 0.2]), np.array([1.0, 0.0, 2.0]))
    columns = kernels.transpose(0, 2, 1).reshape(3, -1)
    error = np.linalg.norm(columns - columns @ basis.T @ basis, axis=1) / np.linalg.norm(columns, axis=1)
    assert error.max() < 0.1  # the fifteen directions keep 99 % of the energy; any fifteen pixels would keep less than half


def test_srmd_hears_the_kernel_column_by_column():
    network = randomised(SRMD(2, 1, 8, 3))
    low, noise = random_image(1, 1, 6, 6), torch.full((1,), 0.1, dtype=torch.float64)
    wide = torch.from_numpy(gaussian_kernels(np.array([6.0]), np.array([0.5]), np.array([0.3])))
    network.basis.zero_()
    network.basis[0, 3 * 15 + 5] = 1  # the pixel of column 3, row 5
    before = network(low, wide, noise)
    changed = wide.clone()
    changed[0, 3, 5] += 1
    assert torch.equal(network(low, changed, noise), before)
    changed[0, 5, 3] += 1
    assert not torch.equal(network(low, changed, noise), before)


def test_srmd_takes_one_kernel_for_all_or_one_for_each():
    network = randomised(SRMD(2, 1, 8, 3))
    low, kernel, noise = random_image(2, 1, 5, 5), delta_kernel().double(), torch.zeros(1, dtype=torch.float64)
    for_each = network(low, kernel.repeat(2, 1, 1), noise.repeat(2))
    assert torch.allclose(network(low, kernel, noise), for_each, rtol=rounding, atol=rounding)
    with pytest.raises(InputError, match="kernel"):
        network(low)
    with pytest.raises(InputError, match="15 by 15"):
        network(low, kernel[:, 1:-1, 1:-1], noise)


def test_dpsr_hears_the_noise():
    network = randomised(NETWORKS["dpsr"](2, width=8, blocks=1))
    low, noise = random_image(2, 3, 5, 5), torch.tensor([0.1, 0.3], dtype=torch.float64)
    both = network(low, noise)
    assert torch.allclose(both[1:], network(low[1:], noise[1:]), rtol=rounding)
    assert not torch.equal(both[1:], network(low[1:], noise[:1]))
    with pytest.raises(InputError, match="noise"):
        network(low)


def nearest(low, noise):
    return low.repeat_interleave(2, -1).repeat_interleave(2, -2)


def test_plug_and_play_undoes_a_blur():
    # a smooth periodic image, so that enlarging by repetition and shrinking again loses next to nothing
    y, x = np.mgrid[:32, :32] * 2 * np.pi / 32
    sharp = torch.from_numpy(0.5 + 0.2 * np.sin(2 * x) + 0.2 * np.cos(3 * y))[None, None]
    kernel = torch.from_numpy(gaussian_kernels(np.array([3.0]), np.array([3.0]), np.zeros(1)))
    blurred = torch.nn.functional.conv2d(torch.nn.functional.pad(sharp, (7,) * 4, mode="circular"), kernel[None])
    restored = restore(nearest, blurred, kernel, sigma=1 / 255)[..., ::2, ::2]
    assert (restored - sharp).abs().mean() < 0.2 * (blurred - sharp).abs().mean()


def test_the_prior_fits_the_loop():
    prior = NETWORKS["dpsr"](2, **NETWORKS["dpsr"].small)
    assert restore(prior, torch.rand(2, 3, 16, 17), delta_kernel(), 0.01, iterations=2).shape == (2, 3, 32, 34)


def test_plug_and_play_tells_falling_noise_fifteen_times():
    conditioned = []

    def prior(low, noise):
        conditioned.append(noise.item())
        return nearest(low, noise)

    restore(prior, torch.rand(1, 1, 16, 16), delta_kernel(), sigma=0.01)
    assert len(conditioned) == 15
    assert conditioned[0] == pytest.approx(49 / 255, rel=1e-6)  # float32
    assert conditioned[-1] == pytest.approx(2.55 / 255, rel=1e-6)
    steps = np.diff(np.log(conditioned))
    assert steps == pytest.approx(steps[0], rel=1e-4)  # each by the same factor


@pytest.mark.parametrize(("side", "sigma"), [(15, 0.0), (14, 0.1), (17, 0.1)])
def test_plug_and_play_names_what_cannot_be(side, sigma):
    with pytest.raises(InputError, match=str(side)):
        restore(nearest, torch.rand(1, 1, 16, 16), torch.full((1, side, side), 1 / side**2), sigma)


def test_merging_normalisation_changes_nothing():
    network = randomised(DnCNN(width=8, layers=5))
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.uniform_(-1, 1)
            layer.running_var.uniform_(0.5, 2)
    low = random_image(1, 1, 9, 11)
    plain = merged(network.float()).double()
    assert not [layer for layer in plain.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    assert torch.allclose(plain(low), network.double()(low), rtol=1e-5, atol=1e-5)  # merged in float32


def test_an_expanded_convolution_is_its_row_of_layers():
    layer = randomised(Expanded(3, 4))
    x = random_image(1, 3, 7, 6)
    row = layer.last(layer.middle(layer.first(torch.nn.functional.pad(x, (1,) * 4)))) + layer.skip(x)
    assert torch.allclose(layer(x), row, rtol=rounding)


def test_merged_span_is_the_same_function():
    network = randomised(SPAN(2, 3, 8, 2))
    low = random_image(1, 3, 9, 8)
    plain = merge(network).double()
    assert sum(p.numel() for p in plain.parameters()) < sum(p.numel() for p in network.parameters())
    assert torch.allclose(plain(low), network(low), rtol=1e-4, atol=1e-4 * network(low).abs().max().item())  # merged into float32


@pytest.mark.parametrize(("part", "side"), [("vgg96-discriminator", 96), ("vgg128-discriminator", 128)])
def test_discriminators_take_their_size_alone(part, side):
    network = PARTS[part](channels=1, width=4)
    logits = network(torch.rand(2, 1, side, side))
    assert logits.shape == (2, 1)
    logits.sum().backward()
    assert all(p.grad is not None for p in network.parameters())
    with pytest.raises(InputError, match=str(side)):
        network(torch.rand(2, 1, side - 1, side))


def test_vgg_stops_before_or_after_a_relu():
    image = torch.rand(1, 3, 16, 16) * 2 - 1
    torch.manual_seed(0)
    before = PARTS["vgg19"](10, width=4)
    after = PARTS["vgg19"](11, width=4)
    after.load_state_dict(before.state_dict())
    assert before(image).min() < 0
    assert torch.equal(after(image), before(image).relu())
    assert before(image).shape == (1, 16, 4, 4)
    assert not [p for p in before.parameters() if p.requires_grad]
    with pytest.raises(UsageError, match="from 0 to 36"):
        PARTS["vgg19"](37)


def test_vgg_normalises_as_imagenet_and_takes_grey():
    torch.manual_seed(0)
    network = PARTS["vgg19"](0, width=4)
    plain = PARTS["vgg19"](0, normalise=False, width=4)
    plain.features.load_state_dict(network.features.state_dict())
    grey = torch.rand(1, 1, 8, 8)
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    shifted = (grey.repeat(1, 3, 1, 1) - mean[:, None, None]) / deviation[:, None, None]
    assert torch.allclose(network(grey), plain(shifted), atol=1e-5)  # float32
    with pytest.raises(InputError, match="found 2"):
        network(torch.rand(1, 2, 8, 8))


@pytest.mark.parametrize("ending", ["safetensors", "pth"])
def test_vgg_reads_local_weights_and_notes_which(tmp_path, ending):
    whole = PARTS["vgg19"](36, width=4)
    path = tmp_path / f"vgg.{ending}"
    tensors = {f"features.{key}": value for key, value in whole.features.state_dict().items()} | {"classifier.0.bias": torch.zeros(3)}
    save_file(tensors, path) if ending == "safetensors" else torch.save(tensors, path)
    network = PARTS["vgg19"](5, weights=path, width=4)
    assert torch.equal(network.features[5].weight, whole.features[5].weight)
    assert len(network.sha256) == 64


def test_vgg_names_weights_that_do_not_fit(tmp_path):
    with pytest.raises(WeightsError, match=r"missing\.pth"):
        PARTS["vgg19"](5, weights=tmp_path / "missing.pth")
    other = tmp_path / "other.safetensors"
    save_file({"conv.weight": torch.zeros(1)}, other)
    with pytest.raises(WeightsError, match="torchvision"):
        PARTS["vgg19"](5, weights=other)
    garbage = tmp_path / "garbage.pth"
    garbage.write_bytes(b"not a file of tensors")
    with pytest.raises(WeightsError, match="cannot be read"):
        PARTS["vgg19"](5, weights=garbage)
