"""2D/3D registration: poses of simulated X-ray images, the mask, the flags, and what is refused."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image as PILImage

import radloupe as rl
from radloupe.core.errors import InputError, UsageError
from radloupe.drr.register_options import RegisterOptions
from radloupe.drr.registration import matching
from radloupe.drr.registration.levenberg_marquardt import minimise
from radloupe.drr.registration.local_correlation import LocalCorrelation
from radloupe.drr.registration.pose_error import pose_error
from radloupe.drr.registration.session import RegistrationSession
from radloupe.imaging.camera import volume_centre
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo
from radloupe.imaging.rigid_motion import find_angles, move_view
from radloupe.imaging.view_record import read_record, view_record
from registration_pairs import ARM, cut, moved, torso, xray

IN_PLANE_MM, IN_SPACE_MM = 1.0, 3.0
"""What counts as found. Half a pixel of the finest level is 0.7 mm at the isocentre; depth is known four times less well."""


@cache
def whole():
    ct = torso()
    return ct, volume_centre(ct), RegistrationSession(ct)


@cache
def pair(angles=(8.0, -6.0, 4.0), **look):
    ct, _, _ = whole()
    view = ARM.view(angles, ct)
    return xray(ct, view, **look), view


@pytest.mark.parametrize("look", [{"gamma": 0.7}, {"inverted": True}, pytest.param({}, marks=pytest.mark.long)], ids=str)
def test_the_pose_is_found_whatever_the_look(look):
    _, centre, session = whole()
    image, true = pair(**look)
    found = session.register([image.pixels], [moved(true, centre)])
    error = pose_error(found.view, true, centre)
    assert error.projected < IN_PLANE_MM and error.target < IN_SPACE_MM and not found.flagged
    assert found.inverted == look.get("inverted", False)


@pytest.fixture
def one_round(monkeypatch):
    monkeypatch.setattr(matching, "ROUNDS", 1)  # of further starts: more find nothing here, and take long
    monkeypatch.setattr(matching, "STARTS", 2)


@pytest.mark.parametrize("border", [pytest.param("crop", marks=pytest.mark.long), "collimator"])
def test_what_the_collimator_hides_does_not_count(border):
    _, centre, session = whole()
    image, true = pair()
    pixels, start = image.pixels.copy(), moved(true, centre)
    if border == "collimator":
        pixels[:, :, :30], pixels[..., -25:] = 0, 0
    else:
        pixels, start = pixels[:, :, 30:, :-25], cropped(start, 30, 25)
        true = cropped(true, 30, 25)
    found = session.register([pixels], [start])
    assert pose_error(found.view, true, centre).projected < IN_PLANE_MM and not found.flagged


def cropped(view, top, right):
    return replace(view, shape=(view.shape[0] - top, view.shape[1] - right), origin=view.origin + top * view.v)


def test_a_ct_that_ends_inside_the_image_is_enough(one_round):
    ct, centre, _ = whole()
    image, true = pair()
    session = RegistrationSession(cut(ct, 0.45))  # 130 of 181 mm
    found = session.register([image.pixels], [moved(true, centre)])
    assert pose_error(found.view, true, centre).projected < IN_PLANE_MM and not found.flagged
    assert found.used < 0.9  # the rest was left out
    session.renders = replace(session.renders, beyond=None)  # as if rays that leave through the ends counted
    without = session.register([image.pixels], [moved(true, centre)])
    assert pose_error(without.view, true, centre).projected > pose_error(found.view, true, centre).projected or without.flagged


@pytest.mark.long
def test_two_views_know_depth():
    _, centre, session = whole()
    (front, first), (side, second) = pair(), pair((80.0, 5.0, 0.0))
    found = session.register([front.pixels, side.pixels], [moved(first, centre), moved(second, centre)])
    assert max(pose_error(view, true, centre).target for view, true in zip(found.views, (first, second), strict=True)) < 1.0
    alone = session.register([front.pixels], [moved(first, centre)])
    assert found.error_estimate_mm < alone.error_estimate_mm  # depth of one view is the other's plane


@pytest.mark.parametrize("kind", ["noise", pytest.param("upside down", marks=pytest.mark.long)])
def test_what_the_ct_does_not_show_is_flagged(one_round, kind):
    _, _, session = whole()
    image, true = pair()
    noise = np.random.default_rng(0).random(image.pixels.shape, np.float32)
    assert session.register([noise if kind == "noise" else image.pixels[:, :, ::-1]], [true]).flagged


@pytest.mark.long
def test_the_same_seed_finds_the_same(one_round):
    _, _, session = whole()
    noise = np.random.default_rng(0).random((1, 1, 64, 64), np.float32)
    view = ARM.view()
    one, other = (session.register([noise], [view], seed=3) for _ in range(2))
    assert view_record(one.view) == view_record(other.view)


def test_without_a_distance_depth_is_unknown(tmp_path):
    ct, _, _ = whole()
    image, _ = pair()
    found = rl.register(ct, image, start=(5.0, -4.0, 2.0), pixel=1.8)
    assert found.record()["error_estimate_mm"] is None and found.in_plane_error_mm > 0
    known = rl.register(ct, image, start=(5.0, -4.0, 2.0), pixel=1.8, sdd=1020, sid=640)
    assert known.error_estimate_mm > known.in_plane_error_mm
    assert np.allclose(known.view.angles, (8, -6, 4), atol=0.5)


def test_a_drr_brings_its_own_view():
    ct, centre, _ = whole()
    true = ARM.view((3.0, 2.0, 1.0), ct)
    found = rl.register(ct, rl.project(ct, true))
    assert pose_error(found.view, true, centre).projected < 0.5  # it starts at the truth


GREY = PixelInfo("stored", "XR")


@pytest.mark.parametrize(
    ("image", "options", "words"),
    [
        (Image(np.zeros((1, 1, 64, 64)), info=GREY), {}, "with contrast, found pixels from 0 to 0"),
        (Image(np.zeros((1, 1, 20, 64)), info=GREY), {}, "at least 32 x 32 pixels, found 20 x 64"),
        (Image(np.zeros((3, 1, 64, 64)), info=GREY), {}, "found 3 channels of 1 slices"),
        (Image(np.zeros((1, 5, 64, 64)), info=GREY), {}, "found 1 channels of 5 slices"),
        (Image(np.zeros((1, 1, 64, 64)), info=PixelInfo("HU", "CT")), {}, "Expected an X-ray image, found one of the modality CT"),
        (Image(np.eye(64)[None, None], info=GREY), {"pixel": None}, "Expected the pixel pitch"),
        (Image(np.eye(64)[None, None], info=GREY), {"sid": 1200.0}, "found sid 1200 mm|below the source-to-detector distance"),
        (Image(np.eye(64)[None, None], info=GREY), {"start": "front"}, "Expected a view among"),
        (Image(np.eye(64)[None, None], info=GREY), {"start": [(0.0, 0.0, 0.0)] * 2}, "a start for each of 1 X-ray images, found 2"),
    ],
    ids=str,
)
def test_what_cannot_be_registered_is_refused(image, options, words):
    with pytest.raises((InputError, UsageError), match=words):
        rl.register(whole()[0], image, **({"pixel": 2.0, "sdd": 1020.0} | options))


def test_an_image_beside_the_ct_is_refused():
    _, _, session = whole()
    image, true = pair()
    far = move_view(true, np.zeros(3), np.zeros(3), np.array([0, 0, 900.0]))
    with pytest.raises(InputError, match="found one that starts beside it"):
        session.register([image.pixels], [far])


def test_what_is_no_ct_is_refused():
    with pytest.raises(InputError, match="Expected a CT in Hounsfield units"):
        rl.register(Image(np.zeros((1, 9, 9, 9))), pair()[0])


def test_distances_that_no_device_has_are_refused():
    with pytest.raises(UsageError, match="found 1200 and 1000 mm"):
        RegisterOptions(sdd=1000, sid=1200)


@pytest.mark.parametrize("angles", [(0, 0, 0), (20, -10, 5), (-75, 35, -40), (170, 20, 3)])
@pytest.mark.parametrize("mirror", [False, True])
def test_angles_come_back_from_a_view(angles, mirror):
    assert np.allclose(find_angles(replace(ARM, mirror=mirror).view(angles)), angles, atol=1e-9)


def test_views_come_back_from_their_records():
    view = ARM.view((20, -10, 5))
    again = read_record(json.loads(json.dumps(view_record(view))))
    assert view_record(again) == view_record(view)


@pytest.mark.parametrize(
    "record", [[], {}, {"shape": [4]}, view_record(ARM.view()) | {"u": [1, 2]}, view_record(ARM.view()) | {"shape": [0, 4]}]
)
def test_records_that_are_no_views_are_refused(record):
    with pytest.raises(InputError, match="Expected a view as JSON"):
        read_record(record)


def test_features_ignore_contrast_shade_and_what_is_masked():
    generator = np.random.default_rng(0)
    image, mask = generator.random((40, 50), np.float32), np.ones((40, 50), bool)
    mask[:, 35:] = False
    other = 3 * image - 2 + np.linspace(0, 0.5, 50, dtype=np.float32)  # a shade that is flat within the surroundings
    other[~mask] = 99
    one, two = LocalCorrelation(mask, 4.0).features(np.stack([image, other]))
    assert one @ two > 0.995
    other[~mask] = -99
    again = LocalCorrelation(mask, 4.0).features(other[None])[0]
    assert np.allclose(again, two, atol=1e-6)  # float32 sums in another order; unit vectors of 1400 pixels


def test_an_image_without_contrast_has_no_features():
    assert not LocalCorrelation(np.ones((9, 9), bool), 2.0).features(np.full((1, 9, 9), 7.0, np.float32)).any()


def test_least_squares_goes_along_a_bent_valley():
    # Rosenbrock's function as residuals 10 (y - x^2), 1 - x: the minimum is at (1, 1).
    def residuals(several):
        x, y = several.T
        return np.stack([10 * (y - x**2), 1 - x], axis=1)

    fit = minimise(residuals, np.array([-1.2, 1.0]), 1e-3, 60)
    assert np.allclose(fit.parameters, 1, atol=1e-3)
    assert fit.cost < 1e-6


def test_the_command_writes_a_pose_that_project_takes(radloupe, tmp_path):
    ct, _, _ = whole()
    rl.write(ct, tmp_path / "ct.nii.gz")
    image, _ = pair()
    grey = (image.pixels[0, 0] * 65535).astype(np.uint16)
    PILImage.fromarray(grey).save(tmp_path / "xray.png")
    where = (tmp_path / "ct.nii.gz", tmp_path / "xray.png", "--start", "4,-2,0", "--sdd", 1020, "--sid", 640, "--pixel", 1.8)
    code, out, err = radloupe("register", *where, "-o", tmp_path / "pose.json", "--report", tmp_path / "report", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "") and not found["flagged"]
    assert np.allclose(found["view"]["angles"], (8, -6, 4), atol=0.5)
    assert json.loads((tmp_path / "pose.json").read_text()) == found
    assert "checkerboard with the DRR after" in (tmp_path / "report" / "index.html").read_text()
    code, out, err = radloupe("project", tmp_path / "ct.nii.gz", "-o", tmp_path / "drr.tif", "--view", tmp_path / "pose.json")
    assert code == 0 and rl.read(tmp_path / "drr.tif").shape[1:] == image.shape[1:]
    code, out, err = radloupe("register", *where[:2], "--sdd", 1020)
    assert code == 2 and "--pixel" in err
    code, out, err = radloupe("register", tmp_path / "xray.png", tmp_path / "xray.png", "--pixel", 1)
    assert code == 3 and "Expected a CT" in err
