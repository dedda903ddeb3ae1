"""The slab engine: as exact as promised, and the same whatever the order of voxels, threads and instructions."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from radloupe.core import seeds
from radloupe.core.errors import InputError
from radloupe.drr.engines import exact
from radloupe.drr.engines.fast import fast_engine
from radloupe.drr.engines.fast.gather import FRAME, add_samples, split_positions
from radloupe.drr.engines.fast.packed_volume import halve
from radloupe.drr.volume import Volume
from radloupe.imaging.camera import CArm, View

SIZES = (40, 52, 60)  # z y x
TILTED = np.array([[0.9, 0.3, 0.1, -20.0], [-0.3, 1.1, 0.2, 5.0], [0.0, -0.2, 1.3, 30.0], [0.0, 0.0, 0.0, 1.0]])
LEAST_DB = {"default": 60.0, "fine": 70.0, "preview": 30.0}  # the promises; preview has no more than every second voxel
CONE = {"sdd": 400.0, "sid": 240.0}


def blobs(sign=1.0):
    """Soft spots amid zeros, of the size of a few voxels."""
    spots = np.pad(seeds.generator(0, "blobs").standard_normal([n - 16 for n in SIZES], np.float32), 8)
    return Volume(np.float32(sign) * np.maximum(gaussian_filter(spots, 3.0) - 0.01, 0), TILTED)


RAY = fast_engine.RAY


@pytest.fixture(autouse=True)
def grids_for_small_images_too(monkeypatch):
    monkeypatch.setattr(fast_engine, "RAY", np.inf)


@pytest.fixture(scope="module")
def volume():
    return blobs()


def middle(volume):
    return (volume.to_lps @ [*(np.array(volume.values.shape[::-1]) - 1) / 2, 1.0])[:3]


def psnr(image, known):
    return 10 * np.log10(np.abs(known).max() ** 2 / np.mean((image - known) ** 2, dtype=float))


@pytest.mark.parametrize("quality", LEAST_DB)
@pytest.mark.parametrize("distances", [{}, CONE, {"sdd": 200.0, "sid": 100.0}], ids=str)
@pytest.mark.parametrize("angles", [(0.0, 0.0, 0.0), (90.0, 0.0, 0.0), (0.0, 90.0, 0.0), (33.0, -21.0, 8.0), (45.0, 45.0, 0.0)], ids=str)
def test_is_as_near_to_exact_as_promised(volume, quality, distances, angles):
    view = CArm(isocentre=middle(volume), size=(61, 47), pixel=1.9, **distances).view(angles)
    image, known = fast_engine.prepare(volume, quality)(view), exact.prepare(volume)(view)
    assert image.dtype == np.float32 and image.shape == view.shape
    assert psnr(image, known) > LEAST_DB[quality]


def test_negative_values_are_kept():
    view = CArm(isocentre=middle(blobs()), size=(40, 40), pixel=2.0, **CONE).view((20.0, 10.0, 0.0))
    up, down = (fast_engine.prepare(blobs(sign))(view) for sign in (1.0, -1.0))
    np.testing.assert_allclose(down, -up, atol=2e-3 * up.max())  # the cubic rings by so much, and is cut off at zero only in the first
    mixed = Volume(blobs().values - np.float32(0.02), TILTED)
    assert psnr(fast_engine.prepare(mixed, "fine")(view), exact.prepare(mixed)(view)) > 60  # the volume now ends with a step


def test_zeros_give_zeros():
    view = CArm(isocentre=(0.0, 0.0, 0.0), size=(9, 9)).view()
    assert (fast_engine.prepare(Volume(np.zeros((4, 5, 6), np.float32), np.eye(4)))(view) == 0).all()


def test_what_rays_miss_is_exactly_zero(volume):
    view = CArm(isocentre=middle(volume), size=(150, 150), pixel=2.0, **CONE).view()
    image, known = fast_engine.prepare(volume)(view), exact.prepare(volume)(view)
    near = gaussian_filter((known > 0).astype(float), 2.0) > 0  # a cubic reads two grid points around: a few pixels here
    assert (known == 0).sum() > 5000 and (image[~near] == 0).all()


def test_a_box_gives_its_chord_in_the_middle():
    # Along the axis all slices are alike but for their scale: only the codes round, to 1/65534.
    box = Volume(np.full((20, 22, 24), 0.25, np.float32), np.diag([1.0, 1.5, 2.0, 1.0]))
    for angles, chord in (((0.0, 0.0, 0.0), 22 * 1.5), ((90.0, 0.0, 0.0), 24.0), ((0.0, 90.0, 0.0), 20 * 2.0)):
        image = fast_engine.prepare(box)(CArm(isocentre=middle(box), size=(5, 5), pixel=0.5).view(angles))
        np.testing.assert_allclose(image, 0.25 * chord, rtol=1e-5)


@pytest.mark.parametrize("distances", [{}, CONE], ids=str)
def test_seams_between_regions_do_not_show(distances):
    # Rays with |dx| = |dy| in a smooth ball: neighbours on both sides of the seam differ as little as they do in `exact`.
    z, y, x = np.mgrid[-24:25, -24:25, -24:25]
    ball = Volume(np.exp(-(x**2 + y**2 + z**2) / 128).astype(np.float32), np.eye(4))
    view = CArm(isocentre=middle(ball), size=(41, 41), pixel=1.0, **distances).view((45.0, 0.0, 0.0))
    image, known = fast_engine.prepare(ball)(view), exact.prepare(ball)(view)
    np.testing.assert_allclose(np.diff(image), np.diff(known), atol=2e-3 * known.max())  # 60 dB are 1e-3


@pytest.mark.parametrize("order", [(2, 1, 0), (1, 0, 2), (0, 2, 1)])
def test_the_order_and_direction_of_axes_do_not_matter(volume, order):
    flips = np.diag([-1.0, 1.0, -1.0, 1.0])
    flips[:3, 3] = SIZES[2] - 1, 0, SIZES[0] - 1
    lps = (TILTED @ flips)[:, [*(2 - np.array(order))[::-1], 3]]
    other = Volume(np.ascontiguousarray(volume.values[::-1, :, ::-1].transpose(order)), lps)
    view = CArm(isocentre=middle(volume), size=(40, 40), pixel=2.0, **CONE).view((25.0, 40.0, 0.0))
    # Grids begin at the other end or along the other axis, so the images differ, but neither may be worse.
    assert psnr(fast_engine.prepare(other)(view), exact.prepare(volume)(view)) > LEAST_DB["default"]


def test_a_source_beside_the_volume_sees_one_side_of_it(volume):
    there = volume.to_lps
    source, target = (there @ [-20.0, 26.0, 20.0, 1.0])[:3], (there @ [30.0, 50.0, 30.0, 1.0])[:3]
    u, v = np.array([2.0, 0.0, 0.0]), np.array([0.0, 0.0, 2.0])
    view = View((60, 60), target - 30 * (u + v), u, v, source=source)
    assert psnr(fast_engine.prepare(volume, "fine")(view), exact.prepare(volume)(view)) > 60  # the nearest slices are seen very large


def test_impossible_views_are_refused(volume):
    render, iso = fast_engine.prepare(volume), middle(volume)
    with pytest.raises(InputError, match="outside"):
        render(CArm(isocentre=iso, size=(9, 9), sdd=300.0, sid=4.0).view())
    with pytest.raises(InputError, match="edge on"):
        render(View((9, 9), iso, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), direction=np.array([1.0, 0, 0])))


def test_one_row_or_one_column_is_an_image_too(volume):
    view = CArm(isocentre=middle(volume), size=(31, 33), pixel=2.0, **CONE).view((10.0, 0.0, 0.0))
    whole, render = fast_engine.prepare(volume)(view), fast_engine.prepare(volume)
    row = render(View((1, 33), view.origin + 15 * view.v, view.u, view.v, source=view.source))
    column = render(View((31, 1), view.origin + 16 * view.u, view.u, view.v, source=view.source))
    # What is seen less of gets a finer grid: both are within 60 dB (1e-3) of the truth on average, twice that anywhere in a smooth volume.
    np.testing.assert_allclose(row[0], whole[15], atol=2e-3 * whole.max())
    np.testing.assert_allclose(column[:, 0], whole[:, 16], atol=2e-3 * whole.max())


@pytest.mark.parametrize("values", [np.ones((1, 200, 180), np.float32), np.ones((30, 31, 32), np.float32)], ids=["a slice", "few pixels"])
def test_images_that_need_large_grids_are_rendered_ray_by_ray(monkeypatch, values):
    # One slice cut hardly aslant would need a grid of some 10000 x 10000 points.
    monkeypatch.setattr(fast_engine, "RAY", RAY)
    monkeypatch.setattr(fast_engine, "add_slices", None)  # would fail
    flat = Volume(values, np.eye(4))
    view = CArm(isocentre=middle(flat), size=(40, 40) if len(values) == 1 else (3, 3), pixel=4.0).view((0.0, 89.9, 0.0))
    np.testing.assert_allclose(fast_engine.prepare(flat)(view), exact.prepare(flat)(view), rtol=1e-5, atol=1e-5)


SHAPES = [(37, 43), (1, 33), (31, 1), (2, 2)]


@pytest.mark.parametrize("distances", [{}, CONE, {"sdd": 200.0, "sid": 100.0}], ids=str)
@pytest.mark.parametrize("angles", [(0.0, 0.0, 0.0), (90.0, 0.0, 0.0), (0.0, 90.0, 0.0), (33.0, -21.0, 8.0), (-135.0, 45.0, 0.0)], ids=str)
@pytest.mark.parametrize("values", [blobs, lambda: Volume(blobs().values - np.float32(0.02), TILTED)], ids=["matter", "negative"])
def test_ray_by_ray_is_exact_but_for_rounded_values(monkeypatch, values, distances, angles):
    monkeypatch.setattr(fast_engine, "RAY", 0)
    volume = values()
    for shape in SHAPES:
        view = CArm(isocentre=middle(volume), size=shape, pixel=2.5, **distances).view(angles)
        image, known = fast_engine.prepare(volume)(view), exact.prepare(volume)(view)
        # Half a code, 1/131070 of the range, in each slice; the range is up to six times the largest mean along a ray.
        np.testing.assert_allclose(image, known, atol=6 / 131070 * np.abs(known).max())


def test_ray_by_ray_reads_no_farther_than_the_border(monkeypatch):
    monkeypatch.setattr(fast_engine, "RAY", 0)
    bright = Volume(np.ones((17, 9, 16), np.float32), np.eye(4))  # rows of sixteen without a frame: what is read beyond is the next row
    for angles in ((0.0, 0.0, 0.0), (90.0, 0.0, 0.0), (0.0, 90.0, 0.0), (20.0, 30.0, 0.0)):
        view = CArm(isocentre=middle(bright), size=(60, 60), pixel=0.5).view(angles)
        np.testing.assert_allclose(fast_engine.prepare(bright)(view), exact.prepare(bright)(view), atol=1e-4)  # float32 positions times 17


def test_several_threads_give_the_same_bytes(volume):
    render, view = fast_engine.prepare(volume), CArm(isocentre=middle(volume), size=(64, 64), **CONE).view((20.0, 10.0, 0.0))
    with ThreadPoolExecutor(6) as pool:
        images = list(pool.map(render, [view] * 24))
    assert all(np.array_equal(image, images[0]) for image in images)


def test_sixteen_at_once_read_what_one_by_one_read():
    generator = seeds.generator(3, "gather")
    line, totals = np.zeros(64 + 2 * FRAME, np.float32), np.zeros((2, 96), np.float32)
    line[FRAME : FRAME + 64] = generator.random(64, np.float32)
    bases, steps, weights = np.zeros(6, np.int32), np.zeros(96, np.int32), np.zeros(96, np.float32)
    split_positions(-0.4, 0.6, 0, 96, bases, steps, weights)
    for total, stride in zip(totals, (0.6, 99.0), strict=True):  # a stride too wide for vectors
        add_samples(total, 0, line, FRAME, bases, steps, weights, 0, 96, stride)
    known = np.interp(-0.4 + 0.6 * np.arange(96), np.arange(-FRAME, 64 + FRAME), line)
    np.testing.assert_allclose(totals, [known, known], atol=1e-5)  # positions are rounded to float32


def test_halving_keeps_position_and_mass(volume):
    odd = Volume(volume.values[:39, :51, :59], volume.to_lps)
    small = halve(odd)
    assert small.values.shape == (20, 26, 30)
    np.testing.assert_allclose(8 * small.values.sum(dtype=float), odd.values.sum(dtype=float), rtol=1e-5)
    index = np.stack(np.meshgrid(*map(np.arange, odd.values.shape), indexing="ij"))[::-1].reshape(3, -1)
    coarse = np.stack(np.meshgrid(*map(np.arange, small.values.shape), indexing="ij"))[::-1].reshape(3, -1)
    centres = [
        v.to_lps[:3, :3] @ (at * v.values.ravel()).sum(axis=1, dtype=float) / v.values.sum(dtype=float) + v.to_lps[:3, 3]
        for v, at in ((odd, index), (small, coarse))
    ]
    np.testing.assert_allclose(centres[0], centres[1], atol=1e-3)  # mm; the centre of mass stays where it is
