"""Projection from Python: a CT in, DRRs with their geometry and unit out, and one clear paragraph for what cannot be."""

from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

import radloupe as rl
from phantoms import grid
from radloupe.cli.main import app
from radloupe.core.errors import InputError, LimitError, UsageError
from radloupe.drr.detector.flat_panel import Detector
from radloupe.drr.physics.hu_to_mu import Lookup
from radloupe.drr.physics.overrides import overlay
from radloupe.drr.physics.spectra import tube_spectrum
from radloupe.drr.project_options import BEAMS, KINDS
from radloupe.drr.projection import to_counts
from radloupe.drr.projector import Projector
from radloupe.formats.dicom.dicom_format import view_of
from radloupe.imaging import geometry
from radloupe.imaging.camera import VIEWS, CArm, View
from radloupe.imaging.pixel_info import PixelInfo, Storage

SHAPE, SPACING = (20, 24, 30), (1.5, 1.5, 3.0)
EXACT = {"engine": "exact", "size": (9, 11)}
WATER = Lookup((-1000.0, 0.0, 1000.0), (0.0, 0.02, 0.04))


def ct(shape=SHAPE, hu=0, dtype="int16", spacing=SPACING):
    """A body of one kind of tissue with a margin of air, away from the origin."""
    pixels = np.full((1, *shape), -1000, dtype)
    pixels[:, 3:-3, 4:-4, 5:-5] = hu
    affine = geometry.LPS_TO_RAS @ grid(shape, spacing)
    affine[:3, 3] += (40, -25, 300)
    return rl.Image(pixels, affine, PixelInfo("HU", "CT", storage=Storage("int16", 16)), ("a step",))


def labelled(image):
    """Left half and right half of the body, apart from the rest."""
    marks = np.zeros(image.pixels.shape, np.uint8)
    marks[..., 5:15], marks[..., 15:-5] = 7, 3
    return replace(image, pixels=marks, info=PixelInfo())


def test_water_attenuates_by_its_thickness():
    drr = rl.project(ct(), lut=WATER, **EXACT)
    assert drr.pixels.shape == (1, 1, 9, 11)
    assert drr.pixels.dtype == np.float32
    assert drr.info.unit == "line integral"
    assert drr.pixels[0, 0, 4, 5] == pytest.approx(0.02 * 16 * 1.5, rel=1e-6)  # 16 voxels of water; float32


def test_the_image_lies_where_the_detector_is():
    image = ct()
    view = CArm(sdd=1020, sid=530, size=(9, 11)).view((20, -10, 5), image)
    drr = rl.project(image, view, engine="exact")
    for row, column in ((0, 0), (8, 10), (3, 7)):
        place = geometry.LPS_TO_RAS @ drr.affine @ [column, row, 0, 1]
        assert place[:3] == pytest.approx(view.pixels()[row, column], abs=1e-9)  # float64
    assert drr.spacing[2] == pytest.approx(1)
    assert drr.history == ("a step", "Projected by a cone of rays at C-arm angles 20, -10, 5 degrees.")
    assert drr.source.view is view


def test_beam_and_pixels_follow_what_is_given():
    image = ct()
    assert CArm().view(ct=image).source is None
    assert CArm().view(ct=image).spacing == pytest.approx((1.5, 1.5))  # in-plane
    cone = CArm(sdd=1000, sid=500).view(ct=image)
    assert cone.spacing == pytest.approx((3.0, 3.0))  # an in-plane pixel at the isocentre
    middle = (geometry.LPS_TO_RAS @ [*geometry.centre(image.affine, image.shape), 1])[:3]
    assert np.linalg.norm(cone.source - middle) == pytest.approx(500)
    assert CArm(beam="cone").view(ct=image).source is not None


def test_a_coronal_stack_has_the_same_pixels():
    assert CArm().view(ct=ct(spacing=(1.5, 3.0, 1.5))).spacing == pytest.approx((1.5, 1.5))


@pytest.mark.parametrize("name", VIEWS)
def test_views_have_names(name):
    assert rl.project(ct(), angles=name, **EXACT).pixels.max() > 0


def test_the_default_engine_is_the_fast_one():
    image = ct()
    assert np.array_equal(rl.project(image, size=(9, 11)).pixels, rl.project(image, size=(9, 11), engine="fast").pixels)


def test_a_series_is_a_list_and_a_projector_does_the_same():
    image = ct()
    views = [CArm(size=(9, 11)).view((angle, 0, 0), image) for angle in (0, 24, 48)]
    series = rl.project(image, views, engine="exact")
    prepared = Projector(image, engine="exact")
    assert len(series) == 3
    assert all(np.array_equal(prepared.render(v).pixels, s.pixels) for v, s in zip(views, series, strict=True))
    assert rl.project(image, [], engine="exact") == []


def test_a_batch_of_views_is_the_views_one_by_one():
    image = ct()
    prepared, views = Projector(image), [CArm(size=(9, 11)).view((angle, 0, 0), image) for angle in range(0, 60, 6)]
    assert np.array_equal(prepared.render_batch(views), [prepared.line_integrals(view) for view in views])
    with pytest.raises(UsageError, match="views of one shape, found 2 shapes among 2 views"):
        prepared.render_batch([views[0], CArm(size=(9, 12)).view(ct=image)])
    with pytest.raises(UsageError, match="found 0 shapes"):
        prepared.render_batch([])


def test_labels_are_channels_that_add_up():
    image = ct(hu=300)
    view = CArm(sdd=900, sid=450, size=(9, 11)).view((25, 10, 0), image)
    whole, parts = (rl.project(image, view, engine="exact", masks=m).pixels for m in (None, labelled(image)))
    assert parts.shape[0] == 3  # labels 0, 3 and 7
    assert parts.sum(axis=0) == pytest.approx(whole[0], abs=1e-6)  # float32
    assert not parts[0].any()  # nothing but air outside
    left, right = (np.average(np.arange(11), weights=p.sum(axis=(0, 1))) for p in (parts[1], parts[2]))
    assert abs(left - right) > 2  # they lie apart


def test_many_energies_harden():
    image = ct(hu=0)
    shallow, deep = (rl.project(ct((20, n, 30)), spectrum="100kV", **EXACT).pixels.max() for n in (16, 24))
    assert 1.9 < deep / shallow < 2  # twice the water, less than twice the attenuation
    projector = Projector(image, engine="exact", spectrum=100)
    view = CArm(size=(9, 11)).view(ct=image)
    assert projector.render(view).source.kvp == 100
    assert projector.line_integrals(view, 60).max() > projector.line_integrals(view).max()  # softer rays are stopped more


def test_a_spectrum_of_one_energy_is_monochromatic():
    at_70 = tube_spectrum(100)
    at_70 = replace(at_70, photons=(at_70.kev == 70.5).astype(float))
    with_table = rl.project(ct(hu=0), lut=Lookup((-1000.0, 0.0), (0.0, 0.01924), air_hu=-900.0), **EXACT)
    drr = rl.project(ct(hu=0), spectrum=at_70, **EXACT)
    assert drr.pixels == pytest.approx(with_table.pixels, abs=0.003)  # .002 of the table, and NIST's .1929 to four digits


@pytest.mark.parametrize("beam", [None, "100kV"])
def test_an_implant_is_put_in(beam):
    image = ct()
    implant = np.zeros(SHAPE, bool)
    implant[9:11, 10:14, 13:17] = True
    view = CArm(size=(9, 11)).view(ct=image)
    plain, changed = (
        Projector(image, engine="exact", spectrum=beam, change=how).line_integrals(view)[0]
        for how in (None, lambda v: overlay(v, implant, 1.0))
    )
    darker = changed > plain + 0.1
    assert darker[4, 5]
    assert not darker[[0, -1]].any()


def test_counts_follow_photons_and_seed():
    image = ct()
    once, again, other = (rl.project(image, kind="counts", photons=500, seed=s, **EXACT) for s in (1, 1, 2))
    assert np.array_equal(once.pixels, again.pixels)
    assert not np.array_equal(once.pixels, other.pixels)
    assert once.info.unit == "photons"
    assert rl.project(image, kind="counts", lut=Lookup((0.0, 1.0), (0.0, 0.0)), **EXACT).pixels.mean() == pytest.approx(
        10_000, rel=0.005
    )  # 99 pixels of 10000 quanta: the mean is good to a thousandth


def test_images_of_a_series_have_their_own_noise():
    view = CArm(size=(9, 11)).view(ct=ct())
    one, two = rl.project(ct(), [view, view], kind="counts", engine="exact")
    assert not np.array_equal(one.pixels, two.pixels)


def test_channels_have_their_own_noise():
    drr = Projector(ct(), engine="exact", masks=labelled(ct())).render(CArm(size=(9, 11)).view(ct=ct()))
    empty = replace(drr, pixels=np.zeros_like(drr.pixels))
    counts = to_counts(empty, Detector(photons=100), seed=0).pixels
    assert not np.array_equal(counts[0], counts[1])


def test_noise_of_line_integrals_goes_with_photons():
    clean, few, many = (rl.project(ct(), photons=n, **EXACT).pixels for n in (None, 1e3, 1e9))
    assert np.abs(many - clean).max() < 1e-3  # 1e9 quanta: 3e-5 a pixel
    assert np.abs(few - clean).std() > 0.01


def test_display_is_grey_with_one_window_for_all_views():
    image = ct(hu=500)
    views = [CArm(size=(9, 11), pixel=8.0).view((angle, 0, 0), image) for angle in (0, 90)]  # air all around
    paths = rl.project(image, views, engine="exact")
    grey = rl.project(image, views, kind="display", engine="exact")
    assert [g.pixels.dtype for g in grey] == [np.uint8] * 2
    brightest = max(range(2), key=lambda i: paths[i].pixels.max())
    assert grey[brightest].pixels.max() == 255
    assert grey[1 - brightest].pixels.max() < 255
    dark = rl.project(image, views[0], kind="display", polarity="fluoroscopy", bits=16, engine="exact")
    assert dark.pixels.dtype == np.uint16
    assert dark.pixels[0, 0, 4, 5] < dark.pixels[0, 0, 0, 0]
    assert dark.info.storage == Storage("uint16", 16)


@pytest.mark.parametrize(
    ("extension", "kind"), [(".nii.gz", "attenuation"), (".nrrd", "attenuation"), (".png", "display"), (".dcm", "display")]
)
def test_images_can_be_written_and_read_back(tmp_path, extension, kind):
    drr = rl.project(ct(), kind=kind, angles=(15, 5, 0), sdd=1020, sid=530, **EXACT)
    back = rl.read(rl.write(drr, tmp_path / f"drr{extension}"))
    assert np.array_equal(back.pixels, drr.pixels)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("beam", BEAMS)
def test_every_kind_and_beam_can_be_written_as_dicom(tmp_path, kind, beam):
    drr = rl.project(ct(), kind=kind, beam=beam, size=(9, 11))
    path = rl.write(drr, tmp_path / "a.dcm")
    step = drr.pixels.max() / 65535 if kind == "attenuation" else 1  # 16 bits; counts are whole quanta, grey levels whole numbers
    np.testing.assert_allclose(rl.read(path).pixels, drr.pixels, atol=0.51 * step)
    assert view_of(path).spacing == pytest.approx(drr.source.view.spacing)


def test_python_and_command_line_compute_the_same(tmp_path):
    options = {"views": "random:3", "kind": "display", "dose": 0.5, "spectrum": "chest", "seed": 4, "isocentre": (40.0, -20.0, 310.0)}
    options |= {"detector": Detector(blur_mm=0.3), "intensity_scale": "linear", "look": True, "polarity": "fluoroscopy", "size": (64, 80)}
    series = rl.project(ct(), bits=8, **options)
    path = rl.write(replace(ct(), source=None), tmp_path / "ct.nii.gz")
    command = ("--views", "random:3", "--kind", "display", "--dose", "0.5", "--kvp", "chest", "--seed", "4", "--isocentre", "40,-20,310")
    command += ("--set", "blur_mm=0.3", "--intensity-scale", "linear", "--look", "--polarity", "fluoroscopy", "--size", "64x80")
    assert CliRunner().invoke(app, ["project", str(path), "-o", str(tmp_path / "s"), *command]).exit_code == 0
    for item, drr in enumerate(series):
        assert np.array_equal(rl.read(tmp_path / "s" / f"view{item}.png").pixels, drr.pixels)


def test_the_isocentre_that_was_asked_for_is_kept():
    drr = rl.project(ct(), isocentre=(40.0, -20.0, 310.0), sdd=1020, **EXACT)
    assert drr.source.isocentre.tolist() == [40.0, -20.0, 310.0]


def test_an_enlarged_image_is_written_where_it_lies(tmp_path):
    drr = rl.project(ct(), kind="display", angles=(15, 5, 0), sdd=1020, sid=530, **EXACT)
    enlarged = drr.resampled(np.repeat(np.repeat(drr.pixels, 2, -1), 2, -2), (2, 2, 1), "Enlarged.")
    before, after = drr.source.view, view_of(rl.write(enlarged, tmp_path / "drr.dcm"))
    assert after.shape == (18, 22)
    assert after.source == pytest.approx(before.source, abs=1e-5)  # decimal strings have ten digits or so
    corner = before.origin - 0.5 * (before.u + before.v)  # of the detector: it stays
    assert after.origin - 0.5 * (after.u + after.v) == pytest.approx(corner, abs=1e-5)


def test_a_tilted_gantry_is_accepted():
    image = ct()
    affine = image.affine.copy()
    affine[:3, 2] += (0, 0.9, 0)
    assert rl.project(replace(image, affine=affine), **EXACT).pixels.max() > 0


def bad(**changes):
    return replace(ct(), **changes)


def nan():
    pixels = ct().pixels.astype(np.float32)
    pixels[0, 5, 5, 5] = np.nan
    return bad(pixels=pixels)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (bad(info=PixelInfo("arbitrary", "MR")), "CT in Hounsfield units"),
        (bad(info=PixelInfo("stored", "XR")), "CT in Hounsfield units"),
        (ct((1, 24, 30)), "at least two slices"),
        (ct((20, 24, 1)), "at least two slices"),
        (bad(pixels=np.zeros((2, *SHAPE), np.int16)), "one CT volume"),
        (nan(), "NaN"),
    ],
)
def test_what_is_no_ct_volume_is_refused(image, words):
    with pytest.raises(InputError, match=words) as caught:
        rl.project(image, **EXACT)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"angles": (0, np.nan, 0)}, "angles"),
        ({"angles": (1e9, 0, 0)}, "angles"),
        ({"angles": (0, 0)}, "angles"),
        ({"angles": "SIDEWAYS"}, "view among"),
        ({"sdd": 100, "sid": 500}, "sdd > sid"),
        ({"sdd": np.inf}, "distances"),
        ({"beam": "fan"}, "parallel, cone"),
        ({"beam": "parallel", "sid": 500}, "no source"),
        ({"pixel": 0}, "pitch"),
        ({"pixel": np.nan}, "pitch"),
        ({"lut": "tissues"}, "Did you mean 'tissue'"),
        ({"engine": "quick"}, "engine 'quick'"),
        ({"quality": "best"}, "default, fine, preview"),
        ({"kind": "movie"}, "attenuation, display, counts"),
        ({"spectrum": "90kVp"}, "spectrum"),
        ({"spectrum": 1000}, "kV"),
        ({"photons": -5}, "photons"),
        ({"photons": 5, "detector": Detector()}, "both"),
        ({"kind": "display", "window": (2, 1)}, "window"),
        ({"kind": "display", "bits": 12}, "bits"),
        ({"polarity": "dark"}, "polarity 'dark'"),
        ({"intensity_scale": "square"}, "log, linear"),
        ({"photons": 5, "dose": 1.0}, "both"),
        ({"dose": 0.0}, "above 0"),
        ({"spectrum": 80, "lut": "deepdrr"}, "both"),
        ({"tissues": {"bones": 2.0}}, "bone"),
        ({"views": "ring:8"}, "grid:DEGREES"),
    ],
)
def test_settings_without_sense_are_refused(settings, words):
    with pytest.raises(UsageError, match=words) as caught:
        rl.project(ct(), **{**EXACT, **settings})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("size", [(0, 5), (-3, 5)])
def test_detectors_without_pixels_are_refused(size):
    with pytest.raises(InputError, match="at least one pixel"):
        rl.project(ct(), size=size)


def test_detectors_without_end_are_refused():
    with pytest.raises(LimitError, match="detector"):
        rl.project(ct(), size=(10**6, 10**6))


@pytest.mark.parametrize("engine", ["exact", "fast"])
def test_a_source_inside_the_ct_is_refused(engine):
    with pytest.raises(InputError, match="source outside"):
        rl.project(ct(), sdd=20, sid=10, size=(9, 11), engine=engine)


def test_views_that_are_none_are_refused():
    view = CArm(size=(3, 3)).view()
    broken = [replace(view, u=view.v), replace(view, origin=view.origin * np.nan), replace(view, direction=np.full(3, np.inf))]
    for wrong in broken:
        with pytest.raises(InputError, match="Expected a view"):
            rl.project(ct(), wrong, engine="exact")
    with pytest.raises(InputError, match="source"):
        View((3, 3), view.origin, view.u, view.v)


def test_masks_must_be_labels_on_the_grid():
    image = ct()
    marks = labelled(image)
    moved = marks.affine.copy()
    moved[0, 3] += 1
    many = np.arange(np.prod(SHAPE), dtype=np.int32).reshape(1, *SHAPE)
    wrong = {
        "whole numbers": replace(marks, pixels=marks.pixels.astype(np.float32)),
        "on the CT's grid": replace(marks, affine=moved),
        "CT's grid": replace(marks, pixels=marks.pixels[:, 1:]),
    }
    for words, masks in wrong.items():
        with pytest.raises(InputError, match=words):
            rl.project(image, masks=masks, **EXACT)
    with pytest.raises(LimitError, match="256 labels"):
        rl.project(image, masks=replace(marks, pixels=many), **EXACT)


def test_a_table_refuses_another_beam():
    with pytest.raises(UsageError, match="spectrum"):
        Projector(ct(), engine="exact").line_integrals(CArm(size=(3, 3)).view(ct=ct()), 80)
