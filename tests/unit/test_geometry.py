"""The one rule of the half pixel, and what counts as geometry."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from radloupe.core.errors import InputError
from radloupe.imaging import geometry

ORIENTATIONS = {
    "axial": np.eye(3),
    "sagittal": np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], float),
    "coronal": np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], float),
    "oblique": Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix(),
}


def affine(orientation="oblique", spacing=(0.7, 0.9, 3.0), position=(-101.5, 33.25, 7.125)):
    """An affine from an orientation, spacing and position in LPS."""
    return geometry.from_lps(position, ORIENTATIONS[orientation], spacing)


def test_lps_and_ras_differ_in_the_signs_of_x_and_y():
    a = geometry.from_lps((1, 2, 3), np.eye(3), (4, 5, 6))
    assert a.tolist() == [[-4, 0, 0, -1], [0, -5, 0, -2], [0, 0, 6, 3], [0, 0, 0, 1]]


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_lps_round_trip(orientation):
    position, directions, spacing = geometry.to_lps(affine(orientation))
    # float64 rounding of numbers near 100
    np.testing.assert_allclose(position, (-101.5, 33.25, 7.125), atol=1e-12)
    np.testing.assert_allclose(directions, ORIENTATIONS[orientation], atol=1e-12)
    np.testing.assert_allclose(spacing, (0.7, 0.9, 3.0), atol=1e-12)


@pytest.mark.parametrize(("factor", "moved"), [(2, -0.25), (4, -0.375), (0.5, 0.5), (0.25, 1.5)])
def test_first_centre_moves_by_the_half_pixel_rule(factor, moved):
    a = geometry.resample(np.eye(4), (factor, 1, 1))
    assert a[0, 3] == moved
    assert a[0, 0] == 1 / factor


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("scale", [2, 4])
def test_centre_and_corners_stay(orientation, scale):
    before, shape = affine(orientation), (7, 30, 20)
    after = geometry.resample(before, (scale, scale, 1))
    large = (7, 30 * scale, 20 * scale)
    # float64 rounding of coordinates near 100 mm
    np.testing.assert_allclose(geometry.centre(after, large), geometry.centre(before, shape), atol=1e-11)
    np.testing.assert_allclose(geometry.corners(after, large), geometry.corners(before, shape), atol=1e-11)


def test_shift_moves_to_an_index():
    a = affine()
    np.testing.assert_allclose(geometry.shift(a, (3, 4, 5))[:3, 3], (a @ [3, 4, 5, 1])[:3], atol=1e-12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: a * np.nan, "finite"),
        (lambda a: np.diag([0.0, 1, 1, 1]), "spacing"),
        (lambda a: np.diag([1e9, 1, 1, 1]), "spacing"),
        (lambda a: a + np.array([[0, 1.1, 0, 0]] + [[0] * 4] * 3), "lean"),
        (lambda a: a + np.array([[0, 1, 0, 0], [1, 0, 0, 0]] + [[0] * 4] * 2), "lean"),  # two axes along one line
    ],
)
def test_absurd_geometry_is_refused(change, words):
    with pytest.raises(InputError, match=words):
        geometry.check(change(np.eye(4)))


def test_a_tilted_gantry_leans_by_its_tilt_and_is_no_straight_grid():
    tilted = np.diag([0.5, 0.5, 3.0, 1.0])
    tilted[1, 2] = 3 * np.tan(np.radians(30))
    geometry.check(tilted)
    assert geometry.lean_degrees(tilted) == pytest.approx(30)
    with pytest.raises(InputError, match="right angles"):
        geometry.check_straight(tilted)
