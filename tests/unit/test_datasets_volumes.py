"""The data sets of volumes, from small phantoms laid out as the downloads are."""

import json
import warnings

import nibabel
import numpy as np
import pytest
from PIL import Image as PILImage

from radloupe.core.errors import InputError, RadloupeWarning, UsageError
from radloupe.data.builder import build
from radloupe.data.collections import patient_of
from radloupe.data.dataset_manifest import patient_salt
from radloupe.data.patients import patient_key
from radloupe.drr.view_series import grid
from radloupe.imaging.camera import detector_axes
from radloupe.papers.ct_uct import lungs
from radloupe.papers.ct_uct.ct_uct_patches import to_16_bits
from radloupe.papers.ct_uct.lungs import lung_mask
from radloupe.papers.datasets import DATASETS
from radloupe.papers.transform_mri.mri_slices import framed
from radloupe.papers.ttsr_fd.synxray import along_new_lines


def save(path, values, spacing=1.0):
    """A NIfTI file of values (z, y, x)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(values.T, np.diag([spacing] * 3 + [1.0])), path)


def made(name, folder, out, seed=0, **settings):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        build(DATASETS[name], name, folder, out, seed, settings)
    assert {one.category for one in said} <= {RadloupeWarning}
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]


def pixels(out, row, role="high"):
    return np.asarray(PILImage.open(out / row[role]))


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def head(seed=0, shape=(24, 40, 36)):
    """A head of soft tissue in a skull, in HU, with something in it that differs from head to head."""
    z, y, x = (np.linspace(-1, 1, n)[tuple(slice(None) if k == axis else None for k in range(3))] for axis, n in enumerate(shape))
    radius = np.sqrt(z**2 + y**2 + x**2)
    hu = np.full(shape, -1000.0)
    hu[radius < 0.9] = 1200
    hu[radius < 0.75] = 40
    centre = np.random.default_rng(seed).uniform(-0.3, 0.3, 3)
    hu[np.sqrt((z - centre[0]) ** 2 + (y - centre[1]) ** 2 + (x - centre[2]) ** 2) < 0.2] = 600
    return hu.astype(np.int16)


def heads(folder, count=3):
    for n in range(count):
        save(folder / f"patient{n}" / "series.nii.gz", head(n))
    return folder


SMALL = {"size": 48, "side": 16, "pairs": 12, "validation": 4, "groups": 3, "crops": 2, "step": 90, "test_step": 60, "engine": "reference"}


def test_synxray_pairs_and_groups(tmp_path):
    rows = made("synxray-s", heads(tmp_path / "ct"), tmp_path / "d", **SMALL)
    parts = {part: [row for row in rows if row["split"] == part] for part in ("train", "validation", "test")}
    assert [len(parts[part]) for part in parts] == [12, 4, 3]
    assert len({row["patient"] for row in rows}) == 3
    for part, mine in parts.items():
        assert len({row["patient"] for row in mine}) == 1, "one of three patients is held out for each part"
        for row in mine:
            side = 48 if part == "test" else 16
            assert pixels(tmp_path / "d", row).shape == pixels(tmp_path / "d", row, "reference").shape == (side, side)
            step = 90 if part == "train" else 60
            assert all(angle % step == 0 for angle in row["parameters"]["angles"])
            assert all(abs(angle) <= 45 for angle in row["parameters"]["reference_angles"])


def test_synxray_test_views_are_not_those_of_training(tmp_path):
    rows = made("synxray-s", heads(tmp_path / "ct", 1), tmp_path / "d", **SMALL, split="views")
    views = {part: {tuple(row["parameters"]["angles"]) for row in rows if row["split"] == part} for part in ("train", "validation", "test")}
    assert not views["train"] & views["test"] and not views["validation"] & views["test"] and not views["train"] & views["validation"]
    assert all(row["parameters"]["shared_patient"] for row in rows)


def test_no_test_view_is_a_training_view_from_behind():
    train, other = grid(24.0), along_new_lines(grid(20.0), grid(24.0))
    lines = [np.array([detector_axes(view)[2] for view in views]) for views in (train, other)]
    assert (60.0, 0.0, 0.0) in grid(20.0) and (240.0, 0.0, 0.0) in train
    assert np.abs(lines[0] @ lines[1].T).max() < np.cos(np.radians(0.08))
    among = np.abs(lines[1] @ lines[1].T) - np.eye(len(other))
    assert among.max() < np.cos(np.radians(0.08))
    assert len(other) > 60, "enough for 30 test groups and as many others"


def test_synxray_references_can_be_near_the_view(tmp_path):
    rows = made("synxray-s", heads(tmp_path / "ct"), tmp_path / "d", **SMALL, around="view", reference=10)
    for row in rows:
        pairs = zip(row["parameters"]["angles"], row["parameters"]["reference_angles"], strict=True)
        assert all(abs(reference - angle) <= 10 for angle, reference in pairs)


def test_synxray_is_the_same_for_the_same_seed(tmp_path):
    heads(tmp_path / "ct")
    for out, seed in (("a", 0), ("b", 0), ("c", 1)):
        made("synxray-s", tmp_path / "ct", tmp_path / out, seed, **SMALL)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert contents(tmp_path / "a") != contents(tmp_path / "c")


def test_synxray_has_fewer_pairs_where_there_are_fewer_views(tmp_path):
    rows = made("synxray-l", heads(tmp_path / "ct"), tmp_path / "d", **{**SMALL, "step": 180, "pairs": 1350})
    assert sum(row["split"] == "train" for row in rows) == 4 * 2  # 2 x 2 views of one patient, 2 crops of each
    assert "4 views for train, not 675" in (tmp_path / "d" / "dataset.json").read_text()


def test_synxray_of_one_patient_needs_a_word(tmp_path):
    with pytest.raises(InputError, match="split=views"):
        made("synxray-s", heads(tmp_path / "ct", 1), tmp_path / "d", **SMALL)


def test_synxray_refuses_what_is_no_ct(tmp_path):
    for n in range(3):
        save(tmp_path / "ct" / f"p{n}.nii.gz", np.ones((8, 8, 8), np.int16))
    with pytest.raises(InputError, match="Hounsfield"):
        made("synxray-s", tmp_path / "ct", tmp_path / "d", **SMALL)


@pytest.mark.parametrize(
    ("name", "patient"),
    [
        ("openms_patient01_study2_T1.nii.gz", "patient01"),
        ("Patient_7/ses1/ct.nrrd", "patient_7"),
        ("LIDC-IDRI-0314_chest.nii.gz", "LIDC-IDRI-0314"),
        ("anna/first.mha", "anna"),
    ],
)
def test_patients_are_identified_by_the_path(name, patient, tmp_path):
    assert patient_of(tmp_path / name, tmp_path) == patient


def brain(seed):
    return (np.random.default_rng(seed).random((9, 20, 30)) * 300).astype(np.int16)


def ixi(folder):
    for n in range(10):
        for contrast in ("T1", "T2"):
            save(folder / f"IXI-{contrast}" / f"IXI{n:03d}-Guys-0{n}-{contrast}.nii.gz", brain(n))
    return folder


def simon(folder):
    for n in range(10):
        save(folder / "sub-032633" / f"ses-{n:03d}" / "anat" / f"sub-032633_ses-{n:03d}_T1w.nii.gz", brain(n))
    return folder


def sisrmri(folder):
    for n in range(10):
        save(folder / f"case{n}" / "t2.nii.gz", brain(n))
    return folder


@pytest.mark.parametrize(("layout", "settings"), [(ixi, {}), (simon, {"unit": "session"}), (sisrmri, {})])
def test_mri_is_split_7_2_1(layout, settings, tmp_path):
    rows = made("mri-slices", layout(tmp_path / "mri"), tmp_path / "d", size=24, **settings)
    subjects = {part: len({row["patient"] for row in rows if row["split"] == part}) for part in ("train", "validation", "test")}
    assert subjects == {"train": 7, "validation": 2, "test": 1}


def test_one_person_is_not_split_in_silence(tmp_path):
    with pytest.raises(InputError, match="unit=session"):
        made("mri-slices", simon(tmp_path / "mri"), tmp_path / "d")
    made("mri-slices", tmp_path / "mri", tmp_path / "d", unit="session", size=24)
    assert "one person may be in all of them" in (tmp_path / "d" / "dataset.json").read_text()


def test_mri_slices_are_the_middle_ones_on_the_volume_s_range(tmp_path):
    save(tmp_path / "mri" / "case0" / "t2.nii.gz", brain(0))
    for n in (1, 2):
        save(tmp_path / "mri" / f"case{n}" / "t2.nii.gz", brain(n))
    every = made("mri-slices", tmp_path / "mri", tmp_path / "d", size=24)
    rows = [row for row in every if row["patient"] == patient_key("case0", patient_salt(tmp_path / "d"))]
    assert [row["parameters"]["slice"] for row in rows] == [2, 3, 4, 5, 6, 7][: len(rows)] or len(rows) == 5
    values = brain(0)
    for row in rows:
        # columns 3 to 26 of 30; two empty rows above and below the 20
        expected = np.pad(values[row["parameters"]["slice"]][:, 3:27], ((2, 2), (0, 0))) * (65_535 / values.max())
        assert np.abs(pixels(tmp_path / "d", row) - expected).max() <= 0.5 + 1e-6  # rounded to 16 bits


def test_mri_contrast_can_be_chosen(tmp_path):
    assert len(made("mri-slices", ixi(tmp_path / "mri"), tmp_path / "all", size=24)) == 2 * len(
        made("mri-slices", tmp_path / "mri", tmp_path / "t2", size=24, contrast="T2")
    )
    with pytest.raises(InputError, match="'PD'"):
        made("mri-slices", tmp_path / "mri", tmp_path / "pd", contrast="PD")


def test_framing_cuts_and_pads_about_the_middle():
    assert framed(np.arange(1, 6)[None], 3).tolist() == [[0, 0, 0], [2, 3, 4], [0, 0, 0]]


def chest(seed=0, shape=(10, 60, 70)):
    """Soft tissue with two lungs, and a vessel of 4 pixels in each."""
    _, y, x = np.mgrid[: shape[0], : shape[1], : shape[2]]
    hu = np.full(shape, -1000.0)
    hu[((y - 30) / 27) ** 2 + ((x - 35) / 33) ** 2 < 1] = 30
    for centre in (20, 50):
        lung = ((y - 30) / 20) ** 2 + ((x - centre) / 12) ** 2 < 1
        hu[lung] = -850 + 20 * np.random.default_rng(seed).random(shape)[lung]
        hu[((y - 30) ** 2 + (x - centre) ** 2 <= 4)] = 40
    return hu.astype(np.int16)


def test_the_lungs_are_found_with_their_vessels_and_without_the_room():
    pytest.importorskip("SimpleITK")
    hu = chest()
    mask = lung_mask(hu, (2.0, 2.0, 8.0))
    y, x = np.mgrid[:60, :70]
    lungs_ = sum(((y - 30) / 20) ** 2 + ((x - c) / 12) ** 2 < 1 for c in (20, 50)).astype(bool)
    assert mask[:, 30, [20, 50]].all(), "a vessel belongs to its lung"
    assert not mask[:, :, 0].any() and not mask[:, 0].any(), "the room does not"
    assert (mask == lungs_).mean() > 0.98  # closing rounds the outline by at most a pixel of about 200 on it, of 4200


def test_the_lungs_are_found_in_a_ct_that_is_cropped_to_them():
    """They reach every rim of the slices there, as the room does in a whole CT."""
    pytest.importorskip("SimpleITK")
    hu = chest()
    whole = lung_mask(hu, (2.0, 2.0, 8.0))
    part = (slice(None), slice(15, 45), slice(10, 60))
    assert (lung_mask(hu[part], (2.0, 2.0, 8.0)) == whole[part]).mean() > 0.98  # closing sees less at the new rim


def test_neither_gas_nor_the_room_is_lung():
    pytest.importorskip("SimpleITK")
    hu = chest()
    hu[:, 52:60, 5:65] = -1000  # a hollow between the patient and the table, next to the lungs' closing radius
    hu[:, 26:34, 33:37] = -995  # a windpipe as wide as that radius between the lungs
    mask = lung_mask(hu, (2.0, 2.0, 8.0))
    assert not mask[hu < -950].any()


def test_a_chest_without_lungs_is_refused():
    pytest.importorskip("SimpleITK")
    with pytest.raises(InputError, match="no air inside"):
        lung_mask(np.full((3, 20, 20), 40, np.int16), (1.0, 1.0, 1.0))


def test_without_simpleitk_the_error_says_what_to_do(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(lungs, "import_module", missing)
    with pytest.raises(UsageError, match=r"SimpleITK.*mask=none"):
        lung_mask(chest(), (1.0, 1.0, 1.0))


def both_domains(folder, micro=3):
    for n in range(3):
        save(folder / "clinical" / f"c{n}.nii.gz", chest(n), spacing=2.0)
    for n in range(micro):
        save(folder / "micro" / f"m{n}.nii.gz", np.random.default_rng(n).integers(0, 30_000, (4, 40, 40)).astype(np.uint16), spacing=0.05)
    return folder


UCT = {"patches": 5, "clinical_side": 4, "micro_side": 32}


def test_ct_uct_patches_lie_in_the_lungs_and_keep_their_domain(tmp_path):
    pytest.importorskip("SimpleITK")
    rows = made("ct-uct", both_domains(tmp_path / "source"), tmp_path / "d", **UCT)
    assert len(rows) == 6 * 5
    for row in rows:
        clinical = row["parameters"]["domain"] == "clinical"
        assert pixels(tmp_path / "d", row, "image").shape == ((4, 4) if clinical else (32, 32))
        if clinical:
            z, y, x = row["parameters"]["corner"]
            lung = lung_mask(chest(), (2.0, 2.0, 2.0))[z, y : y + 4, x : x + 4]
            assert lung.all()
    for domain in ("clinical", "micro"):
        assert {row["split"] for row in rows if row["parameters"]["domain"] == domain} == {"train", "validation", "test"}


def test_ct_uct_ranges(tmp_path):
    source = both_domains(tmp_path / "source")
    rows = made("ct-uct", source, tmp_path / "d", **UCT, mask="none", micro_top=15_000)
    for row in rows:
        low, high = row["parameters"]["range"]
        if row["parameters"]["domain"] == "micro":
            assert (low, high) == pytest.approx((0, 15_000), abs=50)  # thousands of random values up to 30000 come as near to zero
    assert to_16_bits(np.array([[-1000.0, 500.0, 2000.0]]), -1000, 2000).tolist() == [[0, 32_768, 65_535]]  # 32767.5 to even


def test_substitute_tissue_is_labelled(tmp_path):
    rows = made("ct-uct", both_domains(tmp_path / "source"), tmp_path / "d", **UCT, mask="none", tissue="bone")
    assert {row["parameters"]["tissue"] for row in rows} == {"bone"}
    assert "bone, in place of lung" in (tmp_path / "d" / "dataset.json").read_text()


def test_ct_uct_of_one_volume_can_be_split_by_slices(tmp_path):
    save(tmp_path / "source" / "clinical" / "c.nii.gz", chest(shape=(40, 20, 20)))
    save(tmp_path / "source" / "micro" / "m.nii.gz", np.random.default_rng(0).integers(0, 99, (40, 32, 32)).astype(np.uint8))
    with pytest.raises(InputError, match="split=slices"):
        made("ct-uct", tmp_path / "source", tmp_path / "d", **UCT, mask="none")
    rows = made("ct-uct", tmp_path / "source", tmp_path / "d", **UCT, mask="none", split="slices")
    ends = {"train": (0, 27), "validation": (30, 32), "test": (35, 39)}
    assert {row["split"] for row in rows} == set(ends)
    assert all(ends[row["split"]][0] <= row["parameters"]["corner"][0] <= ends[row["split"]][1] for row in rows)
    assert all(row["parameters"]["shared_patient"] for row in rows)


def test_ct_uct_of_too_few_slices_says_what_it_did_not_find(tmp_path):
    for domain in ("clinical", "micro"):
        save(tmp_path / "source" / domain / "v.nii.gz", np.random.default_rng(0).integers(0, 99, (3, 32, 32)).astype(np.int16))
    rows = made("ct-uct", tmp_path / "source", tmp_path / "d", **UCT, mask="none", split="slices")
    assert "validation" not in {row["split"] for row in rows}
    assert "gives 0 patches" in (tmp_path / "d" / "dataset.json").read_text()


def test_ct_uct_says_which_side_to_change(tmp_path):
    with pytest.raises(InputError, match="micro_side=N"):
        made("ct-uct", both_domains(tmp_path / "source"), tmp_path / "d", patches=2, mask="none")


def test_ct_uct_names_the_missing_folder(tmp_path):
    (tmp_path / "source").mkdir()
    save(tmp_path / "source" / "clinical" / "c.nii.gz", chest())
    with pytest.raises(InputError, match=r"clinical and micro.*the volumes of micro"):
        made("ct-uct", tmp_path / "source", tmp_path / "d", mask="none")


def test_ct_projections_are_split_by_patient_and_degraded_as_in_xpgan(tmp_path):
    rows = made("ct-projections", heads(tmp_path / "source"), tmp_path / "d", views=2, patches=2, step=90, side=32, size=48)
    assert len(rows) == 3 * 2 * 2  # a patient for each part
    assert len({row["patient"] for row in rows}) == 3
    for row in rows:
        assert (pixels(tmp_path / "d", row).shape, pixels(tmp_path / "d", row, "low").shape) == ((32, 32), (8, 8))
        assert "xpgan" in row["parameters"]["degradation"]


def test_test_views_come_with_a_near_one(tmp_path):
    rows = made("synxray-s", heads(tmp_path / "source"), tmp_path / "d", **SMALL, near=4)
    tests = [row for row in rows if row["split"] == "test"]
    assert tests
    for row in tests:
        high, near, other = (pixels(tmp_path / "d", row, role).astype(float) for role in ("high", "near", "reference"))
        assert 0 < np.abs(near - high).mean() < np.abs(other - high).mean()
    assert not any("near" in row for row in rows if row["split"] != "test")


def test_clinical_ct_has_one_range(tmp_path):
    rows = made("ct-uct", both_domains(tmp_path / "source"), tmp_path / "d", **UCT, mask="none", clinical_range=(-1000.0, 0.0))
    clinical = [row for row in rows if row["parameters"]["domain"] == "clinical"]
    assert {tuple(row["parameters"]["range"]) for row in clinical} == {(-1000.0, 0.0)}
    assert max(pixels(tmp_path / "d", row, "image").max() for row in clinical) == 65_535  # soft tissue of 30 HU is cut off
