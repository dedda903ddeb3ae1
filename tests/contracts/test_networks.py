"""What every network of the table promises, measured on its shrunken form where it is large."""

import copy
import functools
import math

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from live_memory import peak_bytes
from radloupe.core.errors import InputError, UsageError
from radloupe.inference.engines import torch_engine
from radloupe.inference.tile_plan import Plan
from radloupe.inference.tiles import strips
from radloupe.networks.adapters import on_grey
from radloupe.networks.example import example
from radloupe.networks.model import Model
from radloupe.networks.network import MultiOutputNetwork
from radloupe.networks.registry import NETWORKS

CASES = [(name, scale) for name in NETWORKS for scale in NETWORKS[name].scales]
FIRST = [(name, NETWORKS[name].scales[0]) for name in NETWORKS]
SMALLEST = [(name, min(NETWORKS[name].scales)) for name in NETWORKS]
ROUNDING = 2e-5  # of the output's range: sums of a few thousand float32 products in another order


def build(name, scale, **settings):
    """A small network with random weights everywhere, so that none of its paths is silent."""
    return copy.deepcopy(random_network(name, scale, **settings))


@functools.cache
def random_network(name, scale, **settings):
    torch.manual_seed(0)
    row = NETWORKS[name]
    network = row(scale, **(dict(row.small) | settings))
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim > 1:
                torch.nn.init.normal_(parameter, std=(1 / parameter[0].numel()) ** 0.5)
            else:
                parameter += 0.05 * torch.randn_like(parameter)
    return network.eval()


def inputs(network, *shape, seed=0):
    torch.manual_seed(seed)
    return example(network.spec, shape)


def sides(spec, *wanted):
    """A shape that the network takes, near the one wanted."""
    thin = [5] * (spec.dimensions - len(wanted))  # the third side of a volume: enough for a convolution, and few places
    side = [max(n, spec.minimum_size) for n in [*wanted, *thin]]
    return tuple(-(-n // spec.size_multiple) * spec.size_multiple for n in side)


def grey(network):
    """The network as a function of one grey slice, or a skip where tiles are not for it."""
    if network.spec.dimensions != 2 or network.spec.needs:
        pytest.skip("tiles are slices that need nothing else")
    return torch_engine(Model("test", on_grey(network), "other", "bicubic"), "32", "cpu")


def image(height, width, seed=0):
    return np.random.default_rng(seed).random((height, width), dtype=np.float32)


@pytest.mark.parametrize(("name", "scale"), SMALLEST)
def test_with_skip_it_adds_to_bicubic_enlargement(name, scale):
    network = build(name, scale)
    if network.spec.dimensions != 2:
        with pytest.raises(UsageError, match="Leave out"):
            build(name, scale, skip=True)
        return
    skipping = NETWORKS[name](scale, **NETWORKS[name].small, skip=True).eval()
    skipping.network.load_state_dict(network.state_dict())
    low, *given = inputs(network, *sides(network.spec, 9, 12))
    rounding = 1e-6 * np.ptp(network.spec.input_range)  # of one sum
    with torch.no_grad():
        expected = network(low, *given) + NETWORKS["bicubic"](scale, channels=network.spec.channels)(low)
        torch.testing.assert_close(skipping(low, *given), expected, rtol=0, atol=rounding)
        assert isinstance(skipping, MultiOutputNetwork) == isinstance(network, MultiOutputNetwork)
        if isinstance(network, MultiOutputNetwork):
            torch.testing.assert_close(skipping.parts(low, *given)[0], expected, rtol=0, atol=rounding)
    assert skipping.spec.receptive_field_radius >= network.spec.receptive_field_radius


@pytest.mark.parametrize(("name", "scale"), CASES)
@pytest.mark.parametrize("shape", [(1, 1), (13, 7), (16, 24)])
def test_shape_is_scaled(name, scale, shape):
    network = build(name, scale)
    shape = sides(network.spec, *shape)
    with torch.no_grad():
        out = network(*inputs(network, *shape))
    assert out.shape == (1, network.spec.channels, *(n * scale for n in shape))
    assert torch.isfinite(out).all()


@pytest.mark.parametrize(("name", "scale"), FIRST)
def test_gradients_reach_every_parameter(name, scale):
    network = build(name, scale).train()
    if not any(p.requires_grad for p in network.parameters()):
        pytest.skip("nothing is trained")
    shape = sides(network.spec, 24, 24)  # 2 x 2 places remain where AID-SRGAN looks coarsely: of one, a rectifier may stop everything
    outputs = network.parts if isinstance(network, MultiOutputNetwork) else network
    made = outputs(*inputs(network, *shape))  # what only training looks at counts, too
    values = [value for part in (made if isinstance(made, tuple) else [made]) for value in (part if isinstance(part, list) else [part])]
    torch.stack([value.square().mean() for value in values if value.requires_grad]).sum().backward()
    silent = [key for key, p in network.named_parameters() if p.requires_grad and (p.grad is None or not p.grad.abs().sum() > 0)]
    assert not silent


@pytest.mark.parametrize(("name", "scale"), FIRST)
def test_weights_survive_saving(name, scale):
    network = build(name, scale)
    other = NETWORKS[name](scale, **NETWORKS[name].small).eval()
    other.load_state_dict(load(save({k: v.contiguous() for k, v in network.state_dict().items()})))
    low = inputs(network, *sides(network.spec, 9, 11))
    with torch.no_grad():
        assert torch.equal(other(*low), network(*low))


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(("name", "scale"), FIRST)
def test_declared_receptive_field_is_that_of_a_changed_pixel(name, scale, axis):
    network = build(name, scale).double()
    spec = network.spec
    if not spec.finite:
        pytest.skip("its operations are global")
    radius = int(spec.receptive_field_radius)
    middle = radius + 3
    wanted = [5] * spec.dimensions  # a strip: what a pixel does along one axis goes through the same layers
    wanted[axis] = 2 * middle + 1
    shape = sides(spec, *wanted)
    low, *others = (value.double() for value in inputs(network, *shape))
    place = [n // 2 for n in shape]
    place[axis] = middle
    changed = low.clone()
    changed[(..., *place)] += 1e6  # what is left of it at the rim of the field must not drown in the rounding
    with torch.no_grad():
        moved = (network(low, *others) != network(changed, *others)).nonzero()[:, 2 + axis]
    touched = int((moved // scale - middle).abs().max())
    assert touched <= radius
    assert touched >= radius - 2 * spec.size_multiple - 2, "a larger halo than needed costs time in every tile"


@pytest.mark.parametrize(("name", "scale"), FIRST)
@pytest.mark.parametrize(("shape", "tile"), [((61, 97), 47), ((41, 41), 24), ((1, 90), 40)])
def test_tiled_equals_whole(name, scale, shape, tile):
    network = build(name, scale)
    run = grey(network)
    if not network.spec.finite:
        pytest.skip("tiles are blended")
    low = image(*(max(n, network.spec.minimum_size) for n in shape))
    plan = Plan(-(-tile // network.spec.size_multiple) * network.spec.size_multiple, int(network.spec.receptive_field_radius))
    tiled, whole = np.concatenate(list(strips(run, low, plan, network.spec))), run(low)
    assert np.abs(tiled - whole).max() <= ROUNDING * np.ptp(whole)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize(("shape", "tile"), [((97, 131), 32), ((200, 61), 64)])
def test_the_shipped_architecture_tiles_to_the_same_bytes(scale, shape, tile):
    network = NETWORKS["loupe"](scale).eval()
    torch.nn.init.normal_(network.tail.weight, std=0.05)
    run, low = grey(network), image(*shape)
    tiled = np.concatenate(list(strips(run, low, Plan(tile, int(network.spec.receptive_field_radius)), network.spec)))
    assert np.array_equal(tiled, run(low))


def test_a_halo_that_is_too_small_would_show():
    network = build("loupe", 2, blocks=4)
    run, low = grey(network), image(97, 64)
    tiled = np.concatenate(list(strips(run, low, Plan(32, 3), network.spec)))
    assert not np.array_equal(tiled, run(low))


@pytest.mark.parametrize(("name", "scale"), FIRST)
def test_bfloat16_stays_close(name, scale):
    network = build(name, scale)
    low = inputs(network, *sides(network.spec, 16, 16))
    with torch.no_grad():
        plain = network(*low)
        half = network.to(torch.bfloat16)(*(value.to(torch.bfloat16) for value in low)).float()
    # 8 bits of mantissa, a rounding after each of the small form's layers
    assert (half - plain).abs().mean() < 0.05 * plain.abs().max()


@pytest.mark.parametrize(("name", "scale"), FIRST)
def test_declared_memory_is_what_it_takes(name, scale):
    network = build(name, scale)
    spec = network.spec
    shape = sides(spec, *((48, 48) if spec.dimensions == 2 else (16, 16, 16)))
    low = inputs(network, *shape)
    peak = peak_bytes(lambda: network(*low)) / math.prod(shape)
    assert peak <= 1.02 * spec.bytes_per_pixel  # what does not grow with the image: kernels made on the way
    assert spec.bytes_per_pixel <= 2.5 * peak + 64, "tiles would be smaller than memory allows"


@pytest.mark.parametrize(("name", "scale"), FIRST)
def test_wrong_channels_are_named(name, scale):
    network = build(name, scale)
    low, *others = inputs(network, *sides(network.spec, 16, 16))
    with pytest.raises(InputError, match=str(network.spec.channels)):
        network(low.repeat(1, 2, *[1] * network.spec.dimensions), *others)


@pytest.mark.parametrize(("name", "scale"), FIRST)
def test_too_small_is_named(name, scale):
    network = build(name, scale)
    if network.spec.minimum_size == 1:
        pytest.skip("any size will do")
    low, *others = inputs(network, *sides(network.spec, 16, 16))
    with pytest.raises(InputError, match=str(network.spec.minimum_size)):
        network(low[..., : network.spec.minimum_size - 1], *others)


@pytest.mark.parametrize(("name", "scale"), FIRST)
def test_each_input_that_is_missing_is_named(name, scale):
    network = build(name, scale)
    given = inputs(network, *sides(network.spec, 16, 16))
    if not network.spec.needs:
        pytest.skip("the image is all it needs")
    for number, need in enumerate(network.spec.needs, 1):
        with pytest.raises(InputError, match=need):
            network(*given[:number])


@pytest.mark.parametrize(("name", "scale"), SMALLEST)
def test_convolutional_networks_export(name, scale):
    network = build(name, scale)
    spec = network.spec
    if not spec.finite or spec.dimensions != 2:
        pytest.skip("not convolutional, or of fixed size")
    low = inputs(network, *sides(spec, 24, 24))
    multiple = spec.size_multiple
    dims = torch.export.Dim("y", min=1, max=512), torch.export.Dim("x", min=1, max=512)
    sized = {2: multiple * dims[0], 3: multiple * dims[1]} if multiple > 1 else {2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC}
    program = torch.export.export(network, low, dynamic_shapes=(sized, *(None for _ in low[1:])), strict=False).module()
    for shape in ((24, 24), (30, 20), (17, 40)):
        case = inputs(network, *sides(spec, *shape))
        with torch.no_grad():
            assert torch.allclose(program(*case), network(*case), atol=1e-5)  # fused otherwise, same products


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_the_row_says_where_it_comes_from(name, scale):
    row = NETWORKS[name]
    assert row.paper
    assert len(set(row.scales)) == len(row.scales)
    assert row(scale, **row.small).spec.scale == scale
