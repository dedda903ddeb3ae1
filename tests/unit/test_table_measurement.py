"""Tables measure networks by the super-resolution that everybody uses, on the range and without the bounds that papers have."""

import numpy as np
import pytest
import torch

from radloupe.core.errors import InputError
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage, network_range
from radloupe.inference.options import InferenceOptions
from radloupe.inference.reference_input import conditioned_on
from radloupe.inference.super_resolve import super_resolve
from radloupe.networks.adapters import OnGrey
from radloupe.networks.model import Model
from radloupe.networks.network import Network
from radloupe.networks.spec import NetworkSpec
from radloupe.papers.runner.measurement import Item, network_enlarger

LOW = np.full((6, 8), 100, np.uint8)
LOW[2:4, 3:5] = 120
HIGH = LOW.repeat(2, 0).repeat(2, 1)


class Brighter(Network):
    """Repeats pixels and adds a quarter of the network's range: not what a bias-free network does, and beyond every bound."""

    def __init__(self, needs=()):
        super().__init__()
        self.spec = NetworkSpec(2, receptive_field_radius=0, bytes_per_pixel=64, needs=needs)

    def forward(self, low, reference=None):
        return low.repeat_interleave(2, -2).repeat_interleave(2, -1) + (0.25 if reference is None else reference.mean())


def test_networks_of_tables_see_the_stored_range_and_are_not_bounded():
    made = network_enlarger(Brighter(), "cpu")(Item("a", "p", LOW, HIGH))
    assert made.dtype == np.uint8
    np.testing.assert_array_equal(made, HIGH + 64)  # a quarter of 255, rounded; of the image's own 100 to 120 it would be 5


def test_the_reference_of_a_table_is_on_the_stored_range_too():
    reference = np.full(HIGH.shape, 51, np.uint8)  # a fifth of 255
    made = network_enlarger(Brighter(("reference",)), "cpu")(Item("a", "p", LOW, HIGH, reference))
    np.testing.assert_array_equal(made, HIGH + 51)


def test_a_super_resolution_is_bounded_unless_it_is_asked_not_to_be():
    image, model = Image(LOW[None, None], info=PixelInfo("stored", "XR", storage=Storage("uint8", 8))), Model("m", Brighter(), "XR", "")
    free = super_resolve(image, model, InferenceOptions(bounded=False)).run(check=False)
    bound = super_resolve(image, model).run(check=False)
    assert free.pixels.min() == 105  # a quarter of the image's own range of 20 above 100
    assert bound.pixels[0, 0, 0, 0] == 100  # a constant neighbourhood stays as it is


def test_values_0_to_1_enter_networks_as_they_are():
    values = np.array([[0.25, 0.5]], np.float32)
    assert network_range(values, PixelInfo("unit", "XR")).enter(values).tolist() == [[0.25, 0.5]]


def test_a_reference_of_several_slices_is_refused():
    with pytest.raises(InputError, match="one slice, found one of shape 2x4x4"):
        conditioned_on(Model("m", OnGrey(Brighter(("reference",))), "XR", ""), Image(np.zeros((1, 2, 4, 4), np.uint8)))


def test_a_reference_enters_in_network_range():
    model = conditioned_on(Model("m", OnGrey(Brighter(("reference",))), "XR", ""), Image(np.array([[[[10, 30]]]], np.uint8)))
    assert model.spec.needs == ()
    assert torch.allclose(model.network(torch.zeros(1, 1, 2, 2)), torch.tensor(0.5))  # the mean of its smallest and largest value
