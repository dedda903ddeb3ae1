"""Losses that compare images, against their equations worked out by hand."""

import math

import pytest
import torch

from radloupe.core.errors import UsageError
from radloupe.losses.edge import edge
from radloupe.losses.frequency import frequency
from radloupe.losses.pixel import charbonnier, l1, mse
from radloupe.losses.structure import ssim
from radloupe.losses.variation import total_variation

exactly = 1e-6  # float32 holds seven digits; the figures below need no more than a handful of additions


def image(*rows):
    return torch.tensor(rows, dtype=torch.float32)[None, None]


ZERO = image((0, 0), (0, 0))
FOUR = image((1, 2), (3, -4))


def test_pixel_losses():
    assert l1(FOUR, ZERO).item() == pytest.approx((1 + 2 + 3 + 4) / 4, rel=exactly)
    assert mse(FOUR, ZERO).item() == pytest.approx((1 + 4 + 9 + 16) / 4, rel=exactly)
    assert charbonnier(image((3,)), image((0,)), epsilon=4.0).item() == pytest.approx(5, rel=exactly)  # 3, 4, 5


def test_frequency_loss_is_the_mean_modulus_of_the_bins_that_a_real_transform_keeps():
    # Transform of ((1, 2), (3, -4)): sums 1+2+3-4 = 2; 1-2+3+4 = 6; 1+2-3+4 = 4; 1-2-3-4 = -8. All four bins are kept at two columns.
    assert frequency(FOUR, ZERO).item() == pytest.approx((2 + 6 + 4 + 8) / 4, rel=exactly)
    assert frequency(FOUR, ZERO, norm="ortho").item() == pytest.approx((2 + 6 + 4 + 8) / 4 / 2, rel=exactly)  # sqrt(4 pixels)


def test_frequency_loss_counts_half_the_spectrum():
    # A row (1, 0, 0, 0) has modulus 1 in each of the 3 bins kept of 4: mean 1, or 3 over 4 pixels as the paper divides.
    one = image((1, 0, 0, 0))
    assert frequency(one, 0 * one).item() == pytest.approx(1, rel=exactly)
    assert frequency(one, 0 * one, per="chw").item() == pytest.approx(3 / 4, rel=exactly)


def test_frequency_loss_takes_the_modulus_of_complex_differences():
    # (0, 1, 1, 0) has the bins 2, -1 - i, 0; absolute real and imaginary parts would add to 2 where the modulus is sqrt(2).
    two = image((0, 1, 1, 0))
    assert frequency(two, 0 * two).item() == pytest.approx((2 + math.sqrt(2)) / 3, rel=exactly)


def test_total_variation_of_the_released_code_and_of_the_equation():
    # Down: (3 - 1)^2 = 4 and (-4 - 2)^2 = 36; across: 1 and 49.
    assert total_variation(FOUR).item() == pytest.approx(2 * ((4 + 36) / 2 + (1 + 49) / 2), rel=exactly)
    assert total_variation(FOUR, form="paper").item() == pytest.approx(4 + 1, rel=exactly)  # only the first pixel has both neighbours
    batch = torch.cat([FOUR, ZERO]).repeat(1, 3, 1, 1)
    assert total_variation(batch).item() == pytest.approx((40 / 2 + 50 / 2) * 2 / 2, rel=exactly)  # C cancels, B halves
    assert total_variation(batch, form="paper").item() == pytest.approx(5 * 3 / 2, rel=exactly)


def test_global_ssim_with_the_constants_as_printed():
    # a = (0, 1, 0, 1), b = (0, 0, 1, 1): means 1/2, variances 1/4, covariance 0; C1 = 0.02, C2 = 0.06.
    a, b = image((0, 1), (0, 1)), image((0, 0), (1, 1))
    value = (2 * 0.25 + 0.02) * 0.06 / ((0.25 + 0.25 + 0.02) * (0.25 + 0.25 + 0.06))
    assert ssim(a, b, window="global").item() == pytest.approx(1 - value, rel=exactly)
    squared = 3.6e-3 / (0.5 + 3.6e-3)
    assert ssim(a, b, window="global", constants="squared").item() == pytest.approx(1 - squared, rel=exactly)


def test_windowed_ssim_of_flat_images_is_its_luminance():
    # Variances are zero inside: (2 * 0.5 * 1 + C1) / (0.25 + 1 + C1) with C1 = 1e-4.
    half, one = torch.full((1, 1, 12, 12), 0.5).double(), torch.ones(1, 1, 12, 12).double()
    expected = 1 - (1 + 1e-4) / (1.25 + 1e-4)
    assert ssim(half, one, window="valid", constants="released").item() == pytest.approx(expected, rel=1e-9)  # float64


def test_zero_padded_ssim_sees_zeros_beyond_the_border():
    # One pixel: each mean is the kernel's centre w times the value, for squares too, with w = (1 / sum of exp(-n^2 / 4.5))^2.
    w = 1 / sum(math.exp(-n * n / 4.5) for n in range(-5, 6)) ** 2
    a, b, c1, c2 = 0.5, 1.0, 1e-4, 9e-4
    luminance = (2 * w * w * a * b + c1) / (w * w * (a * a + b * b) + c1)
    structure = (2 * (w * a * b - w * w * a * b) + c2) / ((w - w * w) * (a * a + b * b) + c2)
    value = ssim(image((a,)), image((b,)), window="zero", constants="released").item()
    assert value == pytest.approx(1 - luminance * structure, rel=1e-5)  # the kernel's own weights are rounded to float32


def test_sobel_edges():
    # A ramp of 1 a column in a 3 x 3 image, mirrored at the border: gx is (1 + 2 + 1) * 2 = 8 in the middle column and 0 at the sides
    # where the mirror makes both neighbours equal; gy is 0.
    ramp = image((0, 1, 2), (0, 1, 2), (0, 1, 2))
    flat = 0 * ramp
    tiny = 1e-3  # sqrt(1e-6), the magnitude of a flat place
    expected = 3 * (math.sqrt(64 + 1e-6) - tiny) ** 2 / 9
    assert edge(ramp, flat).item() == pytest.approx(expected, rel=exactly)
    assert edge(ramp, flat, form="components").item() == pytest.approx(3 * 64 / 9, rel=exactly)
    assert edge(ramp, flat, form="components", reduction="sum").item() == pytest.approx(3 * 64, rel=exactly)


def test_edges_by_components_know_the_direction():
    ramp = image((0, 1, 2), (0, 1, 2), (0, 1, 2))
    assert edge(ramp, 2 - ramp).item() == pytest.approx(0, abs=exactly)  # the same magnitude
    assert edge(ramp, 2 - ramp, form="components").item() == pytest.approx(3 * 16**2 / 9, rel=exactly)


@pytest.mark.parametrize(
    "call",
    [
        lambda: frequency(FOUR, ZERO, per="pixel"),
        lambda: frequency(FOUR, ZERO, norm="none"),
        lambda: total_variation(FOUR, form="l1"),
        lambda: edge(FOUR, ZERO, form="angle"),
        lambda: ssim(FOUR, ZERO, window="box"),
        lambda: ssim(FOUR, ZERO, constants="wang"),
    ],
)
def test_unknown_settings_are_refused(call):
    with pytest.raises(UsageError, match=r"Unknown .* of a loss"):
        call()
