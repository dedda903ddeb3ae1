"""The ray-driven engine: what is exact, what misses, what is refused, and work from several threads and processes."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from radloupe.core import seeds
from radloupe.core.errors import InputError
from radloupe.drr.engines import exact, reference
from radloupe.drr.engines.jit import run_parallel
from radloupe.drr.volume import Volume
from radloupe.imaging.camera import CArm, View

SHEARED = np.array([[1.0, 0.3, 0.0, -20.0], [0.0, 1.2, -0.2, 5.0], [0.1, 0.0, -0.9, 30.0], [0.0, 0.0, 0.0, 1.0]])
SIZES = (9, 11, 13)  # z y x


@pytest.fixture(scope="module")
def noise():
    return Volume(seeds.generator(0, "noise").random(SIZES, np.float32) - np.float32(0.3), SHEARED)


@pytest.fixture(scope="module")
def box():
    return Volume(np.full(SIZES, 0.25, np.float32), np.diag([2.0, 3.0, 4.0, 1.0]))


def middle(volume):
    return (volume.to_lps @ [*(np.array(SIZES[::-1]) - 1) / 2, 1.0])[:3]


def rays(volume, starts, ends):
    """Integrals between points given in voxels (x, y, z)."""
    there = volume.to_lps
    return exact.integrate(volume, starts @ there[:3, :3].T + there[:3, 3], ends @ there[:3, :3].T + there[:3, 3])


@pytest.mark.parametrize("distances", [{}, {"sdd": 120.0, "sid": 60.0}, {"sdd": 900.0, "sid": 600.0}], ids=str)
@pytest.mark.parametrize("angles", [(0.0, 0.0, 0.0), (90.0, 0.0, 0.0), (33.0, -21.0, 8.0), (45.0, 45.0, 0.0)], ids=str)
def test_equals_the_reference(noise, distances, angles):
    view = CArm(isocentre=middle(noise), size=(23, 31), pixel=1.7, **distances).view(angles)
    image, known = exact.prepare(noise)(view), reference.prepare(noise)(view)
    assert image.dtype == np.float32
    # Both sum some ten products in double precision and round once to float32.
    np.testing.assert_allclose(image, known, rtol=0, atol=2e-7 * np.abs(known).max())


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_uniform_box_gives_its_chord_from_face_to_face(box, axis):
    # Rays from every direction through the middle of one face that leave through the opposite one.
    generator, sizes = seeds.generator(1, "chords"), np.array(SIZES[::-1])
    starts = generator.uniform(2, sizes - 3, (500, 3))
    ends = starts + generator.uniform(-1, 1, (500, 3))
    starts[:, axis], ends[:, axis] = -40, sizes[axis] + 60
    slope = (ends - starts) / (ends - starts)[:, [axis]]
    reach = np.stack([starts + (k - starts[:, [axis]]) * slope for k in (-1, sizes[axis])])
    kept = ((reach >= 0) & (reach <= sizes - 1) | (np.arange(3) == axis)).all(axis=(0, 2))
    chords = 0.25 * sizes[axis] * np.linalg.norm(slope * np.diag(box.to_lps)[:3], axis=1)
    assert kept.sum() > 100
    np.testing.assert_allclose(rays(box, starts, ends)[kept], chords[kept], rtol=1e-6)  # the rounding to float32


def test_rays_along_faces_edges_and_corners(box):
    # The field falls to zero over the voxel around the outermost centres: halfway, on the box's faces, it is a half, on its edges a
    # quarter. The corners of the box lie on its edges.
    high, wide = SIZES[1] - 0.5, SIZES[2] - 0.5
    starts = np.array([[6, 5, -30], [-0.5, 5, -30], [wide, 5, -30], [-0.5, high, -30], [wide, -0.5, -30], [0, 0, -30], [-1, 5, -30]], float)
    ends = starts + np.array([0.0, 0, 7])
    np.testing.assert_allclose(rays(box, starts, ends), 0.25 * SIZES[0] * 4.0 * np.array([1, 0.5, 0.5, 0.25, 0.25, 1, 0]), rtol=1e-6)


def test_rays_that_miss_are_exactly_zero(noise):
    far = np.array([[50.0, 5, -30], [5, -1.01, -30], [5, SIZES[1] + 0.01, -30], [5, 5, -30]])
    towards = far + np.array([[0.0, 0, 9], [0, 0, 9], [0, 0, 9], [0, 0, -9]])  # the last one looks away
    assert (rays(noise, far, towards) == 0).all()


def test_a_view_with_its_back_to_the_volume_is_zero(noise):
    view = CArm(isocentre=middle(noise), size=(9, 9), sdd=300.0, sid=150.0).view()
    away = View(view.shape, 2 * view.source - view.origin, -view.u, -view.v, source=view.source)
    assert (exact.prepare(noise)(away) == 0).all()


def test_the_end_may_lie_in_front_of_the_volume(noise):
    start, end = np.array([[6.0, 5, -30]]), np.array([[6.5, 5, 40]])
    np.testing.assert_allclose(rays(noise, start, end), rays(noise, start, 0.9 * start + 0.1 * end), rtol=1e-6)


def test_a_source_inside_is_refused(noise):
    view = CArm(isocentre=middle(noise), size=(9, 9), sdd=300.0, sid=4.0).view()
    with pytest.raises(InputError, match="outside"):
        exact.prepare(noise)(view)
    with pytest.raises(InputError, match="start outside"):
        rays(noise, np.array([[6.0, 5, 4]]), np.array([[6.0, 5, 40]]))


def test_a_ray_of_no_length_is_refused(noise):
    with pytest.raises(InputError, match="no length"):
        rays(noise, np.array([[6.0, 5, -9]]), np.array([[6.0, 5, -9]]))


def test_several_threads_may_render_at_once(noise):
    view = CArm(isocentre=middle(noise), size=(40, 40)).view((20.0, 10.0, 0.0))
    render = exact.prepare(noise)
    with ThreadPoolExecutor(6) as pool:
        images = list(pool.map(render, [view] * 24))
    assert all(np.array_equal(image, images[0]) for image in images)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # from Python 3.12 on
def test_a_forked_process_may_render_too(noise):
    view = CArm(isocentre=middle(noise), size=(40, 40)).view()
    render = exact.prepare(noise)
    here = render(view)
    answers = multiprocessing.get_context("fork").SimpleQueue()
    child = multiprocessing.get_context("fork").Process(target=lambda: answers.put(render(view)))
    child.start()
    child.join(20)
    assert child.exitcode == 0 and np.array_equal(answers.get(), here)


def test_what_goes_wrong_in_a_helping_thread_is_raised():
    def refuse(part):
        raise ValueError(part)

    with pytest.raises(ValueError):
        run_parallel(refuse, range(8))
