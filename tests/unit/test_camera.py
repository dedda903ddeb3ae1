"""Where the source, the detector and the patient are, and what other programs are told about it."""

import numpy as np
import pytest

from radloupe.core.errors import InputError, RadloupeError, UsageError
from radloupe.drr import interop
from radloupe.imaging.camera import VIEWS, CArm, View

LEFT, POSTERIOR, HEAD = np.eye(3)
CLOSE = {"atol": 1e-9}  # mm: a thousand millimetres in float64 leave twelve digits
OBLIQUE = {"angles": (33.0, -21.0, 12.0), "sdd": 1100.0, "sid": 600.0, "isocentre": (7.0, -150.0, 420.0), "size": (31, 47)}
OBLIQUE |= {"pixel": (0.8, 1.3), "offset": (4.0, -9.0)}


def aimed(angles=(0.0, 0.0, 0.0), **arm):
    return CArm(**arm).view(angles)


def middle(view):
    rows, columns = view.shape
    return view.origin + (rows - 1) / 2 * view.v + (columns - 1) / 2 * view.u


def towards(view):
    return middle(view) - view.source if view.direction is None else view.direction


@pytest.mark.parametrize(
    ("name", "ray", "right"),
    [("PA", -POSTERIOR, LEFT), ("AP", POSTERIOR, LEFT), ("LLAT", LEFT, POSTERIOR), ("RLAT", -LEFT, -POSTERIOR)],
)
@pytest.mark.parametrize("beam", ["cone", "parallel"])
def test_named_views_stand_where_radiographers_put_them(name, ray, right, beam):
    view = CArm(beam=beam).view(name)
    np.testing.assert_allclose(towards(view) / np.linalg.norm(towards(view)), ray, **CLOSE)
    np.testing.assert_allclose(view.u, right, **CLOSE)
    np.testing.assert_allclose(view.v, -HEAD, **CLOSE)


@pytest.mark.parametrize(("angles", "place"), [((30, 0, 0), LEFT), ((-30, 0, 0), -LEFT), ((0, 30, 0), HEAD), ((0, -30, 0), -HEAD)])
def test_positive_angles_move_the_detector_to_the_left_and_to_the_head(angles, place):
    view = CArm(beam="cone").view(angles)
    assert middle(view) @ place == pytest.approx((1020 - 530) / 2)  # sin 30 of what lies behind the isocentre
    assert view.source @ place == pytest.approx(-530 / 2)


def test_the_isocentre_meets_the_middle_and_distances_are_kept():
    view = aimed(**(OBLIQUE | {"offset": (0.0, 0.0)}))
    assert np.linalg.norm(towards(view)) == pytest.approx(1100)
    assert np.linalg.norm(np.array(OBLIQUE["isocentre"]) - view.source) == pytest.approx(600)
    seen = interop.to_matrix(view) @ [*OBLIQUE["isocentre"], 1]
    np.testing.assert_allclose(seen[:2] / seen[2], [23, 15], **CLOSE)


def test_axes_are_a_proper_rotation_and_a_mirror_turns_only_columns():
    view, mirrored = aimed(**OBLIQUE), aimed(**OBLIQUE, mirror=True)
    axes = np.array([view.u / 1.3, view.v / 0.8, -view.normal])
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), **CLOSE)
    assert np.linalg.det(axes) == pytest.approx(1)
    np.testing.assert_allclose(mirrored.u, -view.u, **CLOSE)
    np.testing.assert_allclose(mirrored.source, view.source, **CLOSE)
    np.testing.assert_allclose(mirrored.normal, view.normal, **CLOSE)


def test_roll_turns_the_detector_clockwise_as_shown():
    view = CArm(pixel=2.0).view((0, 0, 90))
    np.testing.assert_allclose([view.u, view.v], [-2 * HEAD, -2 * LEFT], **CLOSE)


def test_offsets_shift_the_detector_down_and_right():
    view = CArm(offset=(5.0, 3.0), pixel=(0.5, 0.25)).view()
    np.testing.assert_allclose(middle(view), -5 * HEAD + 3 * LEFT, **CLOSE)


def test_distances_make_a_cone():
    assert CArm().view().source is None
    assert CArm(sid=400).view().source is not None
    assert CArm(sdd=1500).view().source is not None


@pytest.mark.parametrize(
    "settings",
    [
        {"angles": (np.nan, 0, 0)},
        {"angles": (0, 361, 0)},
        {"angles": (0, 0)},
        {"angles": "LATERAL"},
        {"beam": "fan"},
        {"beam": "parallel", "sdd": 1000},
        {"sdd": 500, "sid": 500},
        {"sdd": np.inf},
        {"sid": -10},
        {"pixel": 0},
        {"pixel": (1, np.nan)},
        {"isocentre": (0, np.inf, 0)},
        {"offset": (0, 1e9)},
        {"size": (0, 5)},
        {"size": (70_000, 5)},
    ],
    ids=str,
)
def test_absurd_views_are_refused(settings):
    with pytest.raises(RadloupeError):
        aimed(**settings)


def test_a_view_has_one_kind_of_ray():
    with pytest.raises(InputError):
        View((2, 2), np.zeros(3), LEFT, HEAD)


@pytest.mark.parametrize("beam", ["cone", "parallel"])
def test_a_matrix_says_where_points_are_seen(beam):
    view = CArm(beam=beam, size=(5, 7)).view("LLAT")
    pixels = view.pixels()
    for share in (0.2, 0.7, 1.0):  # points on the ray of a pixel
        points = pixels - 300 * share * view.direction if beam == "parallel" else view.source + share * (pixels - view.source)
        seen = np.c_[points.reshape(-1, 3), np.ones(35)] @ interop.to_matrix(view).T
        np.testing.assert_allclose(seen[:, :2] / seen[:, 2:], np.indices((5, 7))[::-1].reshape(2, -1).T, **CLOSE)


def same(found, view):
    for name in ("origin", "u", "v", "source", "direction"):
        if getattr(view, name) is not None:
            np.testing.assert_allclose(getattr(found, name), getattr(view, name), **CLOSE)
    assert found.shape == view.shape


def test_a_matrix_round_trip_keeps_the_view():
    view = aimed(**OBLIQUE)
    same(interop.from_matrix(interop.to_matrix(view), view.shape), view)
    same(interop.from_matrix(5 * interop.to_matrix(view), view.shape, sdd=1100), view)


def test_a_parallel_matrix_round_trip_keeps_the_rays():
    view = CArm(size=(9, 9), pixel=0.7).view((40, 10, 5))
    found = interop.from_matrix(interop.to_matrix(view), view.shape)
    np.testing.assert_allclose([found.u, found.v, found.direction], [view.u, view.v, view.direction], **CLOSE)
    np.testing.assert_allclose(np.cross(found.origin - view.origin, view.direction), 0, **CLOSE)


@pytest.mark.parametrize(
    "broken", [np.zeros((3, 4)), np.full((3, 4), np.nan), np.eye(4)[[0, 1, 3]] * [1, 0, 0, 1], np.eye(3, 4)[[0, 0, 2]]]
)
def test_what_is_no_projection_is_refused(broken):
    with pytest.raises(InputError):
        interop.from_matrix(broken, (3, 3))


def test_gantry_angles_follow_iec_61217():
    for angle, source in ((0, -POSTERIOR), (90, LEFT), (180, POSTERIOR), (270, -LEFT)):
        view = interop.gantry(angle, CArm(sdd=1500, sid=1000))
        np.testing.assert_allclose(view.source, 1000 * source, **CLOSE)
    same(interop.gantry(0, CArm(sdd=1500, sid=1000)), CArm(sdd=1500, sid=1000).view("AP"))
    assert interop.gantry(0).angles == VIEWS["AP"]


def test_rtk_round_trip_keeps_the_view():
    same(interop.from_rtk(interop.to_rtk(aimed(**OBLIQUE))), aimed(**OBLIQUE))


def test_nanodrr_sees_the_same_pixels():
    view = aimed(**OBLIQUE)
    camera = interop.to_nanodrr(view)
    rows, columns = (n.ravel() for n in np.indices(view.shape))
    rays = camera.k_inv @ [columns + 0.5, rows + 0.5, np.ones(rows.size)] * camera.sdd  # nanodrr counts from corners
    ras = camera.rt_inv @ [*rays, np.ones(rows.size)]
    np.testing.assert_allclose((np.diag([-1, -1, 1]) @ ras[:3]).T, view.pixels().reshape(-1, 3), **CLOSE)
    same(interop.from_nanodrr(camera), view)


def test_plastimatch_gets_the_geometry():
    settings = {"sdd": 1500, "sid": 1000, "size": (100, 200), "pixel": 2, "isocentre": (0, 0, 50), "offset": (0, 20)}
    for mirror, column in ((False, 109.5), (True, 89.5)):  # 10 columns off the middle, counted from the other side
        arguments = interop.to_plastimatch(CArm(**settings, mirror=mirror).view("PA"))
        said = dict(zip(arguments[::2], arguments[1::2], strict=True))
        found = {flag: [float(x) for x in text.split()] for flag, text in said.items()}
        assert found["--nrm"] == [0, 1, 0] and found["--vup"] == [0, 0, 1] and found["--isocenter"] == [0, -500, 50]
        assert found["--sid"] == [1500] and found["--dim"] == [200, 100]
        assert found["--detector-size"] == [400, 200] and found["--image-center"] == [column, 49.5]


def test_others_take_only_rectangular_cones():
    skewed = View((3, 3), HEAD * 100, LEFT, LEFT + POSTERIOR, source=np.zeros(3))
    for view in (CArm().view(), skewed):
        for export in (interop.to_rtk, interop.to_plastimatch, interop.to_nanodrr):
            with pytest.raises(InputError):
                export(view)


def test_deepdrr_angles_have_the_opposite_sign():
    assert interop.swap_deepdrr((10.0, -20.0, 3.0)) == (-10.0, 20.0, 3.0)


def test_unknown_views_name_the_known_ones():
    with pytest.raises(UsageError, match="LLAT"):
        CArm().view("LAT")
