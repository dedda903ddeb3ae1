"""What every projection engine promises: line integrals that agree with analysis, whatever the grid, the beam and the angle."""

from functools import cache

import numpy as np
import pytest

from phantoms import Blob, Ellipsoid, box, cut, grid, rotation, truth, voxels
from radloupe.core.errors import InputError
from radloupe.drr.engines.fast import fast_engine
from radloupe.drr.engines.reference import rotate_and_sum
from radloupe.drr.project_options import ENGINES
from radloupe.drr.volume import Volume
from radloupe.imaging.camera import CArm, View

SAMPLED = {"fast"}  # resamples the slices on the way, so single rays are right only where the field is smooth around them
RAYS = sorted(set(ENGINES) - SAMPLED)
CONE = {"sdd": 1020, "sid": 530}
ANGLES = [(20, -10, 0), (-75, 35, 10), (130, -25, -40)]

SHARP = {
    "ellipsoids": [
        Ellipsoid((2, -3, 1), rotation(20, 30, 40) @ np.diag([66, 56, 62.0])),
        Ellipsoid((10, 5, 9), np.diag([20, 15, 25.0]), 0.03),
    ],
    "box": [box((1, 2, -2), rotation(40, -40, 40) @ np.diag([55, 38, 34.0]))],  # no face along the rays: its shadow's edge would be a step
    "half-space": [cut(box((1, 2, -2), rotation(40, -40, 40) @ np.diag([55, 38, 34.0])), (6, -4, 2), rotation(10, 50, 30)[0])],
}
SMOOTH = [Blob((2, -3, 1), rotation(20, 30, 40) @ np.diag([13, 11, 12.0])), Blob((-6, 8, 9), np.diag([10, 12, 11.0]), -0.005)]


TURNED = [Blob(rotation(0, 0, -35) @ b.centre, rotation(0, 0, -35) @ b.axes, b.value) for b in SMOOTH]
DIRECTIONS = {
    "oblique": rotation(15, -20, 40),
    "flipped": np.diag([-1.0, 1.0, -1.0]),
    "permuted": np.eye(3)[[2, 0, 1]],
    "sheared": np.array([[1, 0, 0], [0, 1, 0.4], [0, 0, 1.0]]),  # a gantry tilted by 22 degrees
    "mirrored and oblique": rotation(40, 10, -30) @ np.diag([1, -1, 1.0]),
}
SCENES = {
    **{name: (bodies, (150, 150, 150), (1, 1, 1), None) for name, bodies in SHARP.items()},
    "smooth": (SMOOTH, (100, 104, 96), (1, 1, 1), None),
    "turned": (TURNED, (100, 104, 96), (1, 1, 1), None),
    "thick": (SMOOTH, (32, 110, 110), (1, 1, 5), None),
    **{name: (SMOOTH, (80, 90, 100), (1.1, 1.2, 1.3), directions) for name, directions in DIRECTIONS.items()},
}


@pytest.fixture(autouse=True)
def grids_for_small_images_too(monkeypatch):
    monkeypatch.setattr(fast_engine, "RAY", np.inf)


@cache
def volume(name):
    bodies, shape, spacing, directions = SCENES[name]
    affine = grid(shape, spacing, directions)
    return Volume(voxels(bodies, shape, affine, parts=3 if name in SHARP else 1), affine)


def image(engine, values, view, quality="default"):
    return ENGINES[engine](values, quality)(view)


def error(found, expected):
    """Root mean square error as a part of the largest value."""
    return np.sqrt(np.mean((found - expected) ** 2)) / np.abs(expected).max()


def psnr(found, expected):
    return -20 * np.log10(error(found, expected))


def beams(angles, pixel, shape=(60, 64)):
    """A parallel view and a cone that magnifies it about twice."""
    return [CArm(size=shape, pixel=pixel).view(angles), CArm(size=shape, pixel=pixel * 1020 / 530, **CONE).view(angles)]


def ray(start, end):
    """A detector of one pixel at `end` and a source at `start`."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    helper = np.eye(3)[np.abs(end - start).argmin()]
    u = np.cross(end - start, helper)
    u /= np.linalg.norm(u)
    v = np.cross(end - start, u)
    return View((1, 1), end, u, v / np.linalg.norm(v), source=start)


def uniform(shape=(20, 24, 28), spacing=(1.5, 0.75, 2.0), value=0.02):
    return Volume(np.full(shape, value, np.float32), grid(shape, spacing))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", SHARP)
def test_sharp_bodies_match_analysis(engine, name):
    for view in beams(ANGLES[0], 2.6):  # the whole body is in the image
        # What is left is the voxels': any projector shows 0.003 with edges in 1 mm voxels.
        assert error(image(engine, volume(name), view), truth(SHARP[name], view)) <= 0.004


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("angles", ANGLES)
def test_smooth_bodies_match_analysis(engine, angles):
    for view in beams(angles, 1.5):
        assert error(image(engine, volume("smooth"), view), truth(SMOOTH, view)) <= 5e-4  # linear interpolation rounds the peaks off


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("angles", [(0, 0, 0), (90, 0, 0), (180, 0, 30), (0, 90, 0), (0, -90, 45)])
def test_chords_of_a_uniform_box(engine, angles):
    body = uniform()
    half = np.diag(body.to_lps)[:3] * body.values.shape[::-1] / 2
    for view in (CArm(size=(6, 5), pixel=1.0).view(angles), CArm(size=(6, 5), pixel=2.0, **CONE).view(angles)):
        expected = truth([box((0, 0, 0), np.diag(half))], view)
        # Rays in and out through opposite faces, where every sum of slices is exact; float32 keeps seven digits.
        assert np.abs(image(engine, body, view) / expected - 1).max() <= 1e-5


@pytest.mark.parametrize("engine", RAYS)
@pytest.mark.parametrize(
    ("start", "end", "chord"),
    [
        ((0, -99, 0), (0, 99, 0), 8),  # along an axis
        ((-4, -99, 0), (-4, 99, 0), 8 / 2),  # in a face, half of which is outside
        ((-4, -99, -4), (-4, 99, -4), 8 / 4),  # along an edge
        ((-99, -99, -99), (99, 99, 99), 8 * 3**0.5),  # through two corners
        ((-99, -99, 1), (99, 99, 1), 8 * 2**0.5),  # through two edges
        ((-4, -12, 0), (4, 12, 0), 8 * 10**0.5 / 3),  # through opposite faces, aslant
        ((-8, -12, 0), (16, 12, 0), 4 * 2**0.5),  # in by one face and out by its neighbour
        ((-2, -12, 0), (10, 12, 0), 2 * 5**0.5),  # the same, steeper
        ((5.01, -99, 0), (5.01, 99, 0), 0),  # a voxel outside
        ((0, 99, 0), (0, 199, 0), 0),  # with the box behind the source
    ],
)
def test_rays_through_faces_edges_and_corners(engine, start, end, chord):
    cube = uniform((8, 8, 8), (1, 1, 1), 1.0)
    found = image(engine, cube, ray(start, end)).item()
    assert found == pytest.approx(chord, rel=1e-5, abs=0)  # at these slopes the slices are crossed at the same fractions on both sides


@pytest.mark.parametrize("engine", ENGINES)
def test_rays_that_miss_are_exactly_zero(engine):
    for view in beams((30, 20, 0), 5.0, (30, 30)):
        assert not image(engine, uniform(), view)[[0, -1]].any()


@pytest.mark.parametrize("engine", ENGINES)
def test_source_inside_is_refused(engine):
    body = uniform((8, 8, 8), (1, 1, 1))
    for place in ((0.0, 0.0, 0.0), (4.4, 0.0, 0.0)):  # the field ends one voxel beyond the last centre, at 4.5
        with pytest.raises(InputError, match="source outside the volume"):
            image(engine, body, ray(place, (99, 0, 0)))
    assert image(engine, body, ray((4.6, 0, 0), (-99, 0, 0))).item() > 0


@pytest.mark.parametrize("engine", sorted(set(ENGINES) - {"reference"}))
@pytest.mark.parametrize("angles", ANGLES)
def test_agrees_with_the_reference(engine, angles):
    for view in beams(angles, 2.6):
        found, expected = image(engine, volume("ellipsoids"), view), image("reference", volume("ellipsoids"), view)
        if engine in SAMPLED:
            assert psnr(found, expected) >= 60
        else:
            assert np.abs(found - expected).max() <= 1e-5 * expected.max()  # single against double precision


@pytest.mark.parametrize("engine", sorted(SAMPLED))
@pytest.mark.parametrize("angles", ANGLES)
def test_fine_is_finer(engine, angles):
    for view in beams(angles, 2.6):
        expected = image("reference", volume("ellipsoids"), view)
        assert psnr(image(engine, volume("ellipsoids"), view, "fine"), expected) >= 70


@pytest.mark.parametrize("engine", ENGINES)
def test_turning_the_volume_is_turning_the_arm(engine):
    body = volume("smooth")
    quarter = Volume(np.ascontiguousarray(np.rot90(body.values, axes=(1, 2))), grid(body.values.transpose(0, 2, 1).shape))
    for with_turned, with_arm, tolerance in (
        (quarter, 90, 1e-5),
        (volume("turned"), 35, 5e-4),
    ):  # the same voxels; new voxels, as good as above
        for still, moved in zip(beams((0, 15, 0), 2.6), beams((with_arm, 15, 0), 2.6), strict=True):
            assert error(image(engine, with_turned, still), image(engine, body, moved)) <= tolerance


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", DIRECTIONS)
def test_any_affine(engine, name):
    for view in beams((20, -10, 0), 1.5):
        assert error(image(engine, volume(name), view), truth(SMOOTH, view)) <= 7e-4  # 5e-4 at 1 mm, and these voxels are up to 1.3 mm


@pytest.mark.parametrize("engine", ENGINES)
def test_gaps_between_slices_are_filled_linearly(engine):
    shape = (6, 40, 40)
    levels = np.linspace(0.01, 0.06, 6, dtype=np.float32)
    ramp = Volume(np.broadcast_to(levels[:, None, None], shape).copy(), grid(shape, (1, 1, 5)))
    view = CArm(size=(5, 3), pixel=1.25).view((0, 0, 0))  # rows from the fourth slice down to the third
    expected = 40 * np.linspace(0.04, 0.03, 5)
    assert image(engine, ramp, view)[:, 1] == pytest.approx(expected, rel=1e-4 if engine in SAMPLED else 1e-5)  # 16 bits or float32


@pytest.mark.parametrize("engine", ENGINES)
def test_thick_slices(engine):
    for view in beams((20, -10, 0), 1.5):
        # Linear interpolation widens a Gaussian by a sixth of a squared voxel: 5 mm cost 25 times as much as 1 mm along one of two axes.
        assert error(image(engine, volume("thick"), view), truth(SMOOTH, view)) <= 12 * 5e-4


@pytest.mark.parametrize("engine", ENGINES)
def test_slabs_obey_beer_and_lambert(engine):
    layers = np.repeat([0.02059, 0.0, 0.05730, 0.001], [12, 5, 4, 9])  # water, a gap, bone, lung
    slab = Volume(np.broadcast_to(layers[None, :, None], (24, 30, 24)).astype(np.float32), grid((24, 30, 24), (1, 2, 1)))
    view = CArm(size=(4, 4), pixel=2.0).view((0, 0, 0))
    expected = np.exp(-0.02059 * 24 - 0.0573 * 8 - 0.001 * 18)
    assert np.exp(-image(engine, slab, view)) == pytest.approx(np.full((4, 4), expected), rel=1e-4)  # far finer than a detector sees


@pytest.mark.parametrize("engine", ENGINES)
def test_values_may_be_negative(engine):
    body, view = volume("smooth"), beams(ANGLES[0], 2.6)[1]
    minus = image(engine, Volume(-body.values, body.to_lps), view)
    assert error(-minus, image(engine, body, view)) <= 1e-5  # the integral is linear; only rounding differs


@pytest.mark.parametrize("engine", ENGINES)
def test_matter_is_never_negative(engine):
    for view in beams(ANGLES[0], 2.6):
        assert image(engine, volume("box"), view).min() == 0


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("angles", ANGLES)
def test_rotating_and_summing_is_a_parallel_beam(engine, angles):
    view = CArm(size=(60, 64), pixel=1.5).view(angles)
    turn = np.stack([view.u / 1.5, view.v / 1.5, view.direction], axis=1)
    plain = rotate_and_sum(volume("smooth"), turn, view.shape, 1.5)
    assert error(image(engine, volume("smooth"), view), plain) <= 5e-4  # readings at other places of a field with corners
