"""One odd file among many is named in a row of its own, and the rest is done."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from pydicom import dcmread, uid
from pydicom.data import get_testdata_file

import radloupe as rl
from dicom_factory import AXIAL, OBLIQUE, cr, ct, dx, enhanced, mr, ramp, save, series
from radloupe.core.errors import InputError
from radloupe.formats.contents import survey

HOW = ("--preset", "bicubic", "--scale", 2)  # the quickest command that goes through every step of a batch
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)


@pytest.fixture
def degrade(radloupe):
    """Degrade inputs into an output; gives the exit code, the rows and standard error."""

    def run(*arguments):
        code, out, err = radloupe("degrade", *arguments, *HOW, "--json")
        return code, json.loads(out)["outputs"] if out else None, err

    return run


def grey(path, shape=(8, 10)):
    path.parent.mkdir(parents=True, exist_ok=True)
    PILImage.fromarray(np.arange(shape[0] * shape[1], dtype=np.uint8).reshape(shape)).save(path)
    return path


def colour(path):
    PILImage.fromarray(np.arange(240, dtype=np.uint8).reshape(8, 10, 3)).save(path)
    return path


def slices(folder, outputs, make=ct, name="{}", **changes):
    """Slices at multiples of 2.5 mm, in files of their number."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in outputs:
        ds = make(index)
        for keyword, value in changes.items():
            setattr(ds, keyword, value)
        save(ds, folder / f"{name.format(index)}.dcm")
    return folder


def messages(rows):
    """Name, status and output's name of each row."""
    return [(Path(row["input"]).name, row["status"], row["output"] and Path(row["output"]).name) for row in rows]


def heights(folder):
    """Along z, in mm, of each slice that was written."""
    return sorted(float(dcmread(path).ImagePositionPatient[2]) for path in folder.glob("*.dcm"))


def odd_files(folder):
    """What lies about in folders of images, among them."""
    good = grey(folder / "a.png")
    (folder / "notes.txt").write_text("call back")
    (folder / "Thumbs.db").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100))
    colour(folder / "colour.png")
    (folder / "cut.png").write_bytes(good.read_bytes()[:60])
    (folder / "empty.png").touch()
    (folder / "gone.png").symlink_to(folder / "nowhere.png")
    grey(folder / "z.png")


def test_odd_files_that_are_named_fail_and_the_others_are_done(degrade, tmp_path):
    odd_files(tmp_path / "in")
    code, rows, err = degrade(*sorted((tmp_path / "in").iterdir()), "-o", tmp_path / "out")
    assert code == 3
    assert messages(rows) == [
        ("Thumbs.db", "failed", None),
        ("a.png", "done", "a.png"),
        ("colour.png", "failed", None),
        ("cut.png", "failed", None),
        ("empty.png", "failed", None),
        ("gone.png", "failed", None),
        ("notes.txt", "failed", None),
        ("z.png", "done", "z.png"),
    ]
    assert all(row["exit_code"] == 3 and row["reason"] for row in rows if row["status"] == "failed")
    assert [row["reason"] for row in rows if row["status"] == "done"] == [None, None]
    assert "2 done, 6 failed, 0 skipped" in err
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a.png", "z.png"]


def test_in_a_folder_what_is_no_image_is_skipped_and_an_image_that_cannot_be_used_fails(degrade, tmp_path):
    odd_files(tmp_path / "in")
    code, rows, err = degrade(tmp_path / "in", "-o", tmp_path / "out")
    assert code == 3
    found = {name: status for name, status, _ in messages(rows)}
    assert found == {
        **dict.fromkeys(("a.png", "z.png"), "done"),
        **dict.fromkeys(("colour.png", "cut.png", "empty.png", "gone.png"), "failed"),
        **dict.fromkeys(("notes.txt", "Thumbs.db"), "skipped"),
    }
    assert "2 done, 4 failed, 2 skipped" in err


def test_a_folder_with_nothing_worse_than_notes_is_done(degrade, tmp_path):
    grey(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "notes.txt").write_text("call back")
    code, rows, err = degrade(tmp_path / "in", "-o", tmp_path / "out")
    assert (code, messages(rows)) == (0, [("a.png", "done", "a.png"), ("notes.txt", "skipped", None)])
    assert "1 done, 0 failed, 1 skipped" in err


@pytest.mark.parametrize("recursive", [True, False])
def test_a_folder_without_images_fails(degrade, tmp_path, recursive):
    (tmp_path / "in" / "below").mkdir(parents=True)
    (tmp_path / "in" / "notes.txt").write_text("call back")
    code, rows, err = degrade(tmp_path / "in", "-o", tmp_path / "out", *["--recursive"] * recursive)
    assert code == 3
    assert messages(rows)[-1] == ("in", "failed", None)
    assert ("--recursive to look" in err) != recursive
    assert not (tmp_path / "out").exists()


def test_a_single_input_that_fails_keeps_its_message_and_has_a_row(radloupe, tmp_path):
    bad = colour(tmp_path / "colour.png")
    plain = radloupe("degrade", bad, "-o", tmp_path / "low.png", *HOW)
    code, out, err = radloupe("degrade", bad, "-o", tmp_path / "low.png", *HOW, "--json")
    assert (code, err) == (plain[0], plain[2]) and code == 3
    assert plain[1] == ""
    (row,) = json.loads(out)["outputs"]
    assert (row["input"], row["output"], row["status"], row["exit_code"]) == (str(bad), None, "failed", 3)
    assert row["reason"] in err


def test_failures_that_share_a_class_end_with_its_code_and_mixed_ones_with_three(degrade, tmp_path, monkeypatch):
    from radloupe import degradation
    from radloupe.core.errors import LimitError

    images = [grey(tmp_path / name) for name in ("a.png", "b.png", "c.png")]

    def too_large(*_):
        raise LimitError("too large")

    monkeypatch.setattr(degradation, "degrade", too_large)
    assert degrade(*images, "-o", tmp_path / "out")[0] == 4
    assert degrade(*images, tmp_path / "gone.png", "-o", tmp_path / "out")[0] == 3


@pytest.mark.parametrize(("raised", "code"), [(MemoryError, 4), (ZeroDivisionError, 1)])
def test_whatever_one_image_brings_out_leaves_the_others_to_be_done(degrade, tmp_path, monkeypatch, raised, code):
    from radloupe import degradation

    usual = degradation.degrade

    def breaks(image, *how):
        if image.shape[1] == 6:
            raise raised
        return usual(image, *how)

    monkeypatch.setattr(degradation, "degrade", breaks)
    images = [grey(tmp_path / "a.png", (6, 8)), grey(tmp_path / "b.png")]
    found, rows, _ = degrade(*images, "-o", tmp_path / "out")
    assert (found, messages(rows)) == (code, [("a.png", "failed", None), ("b.png", "done", "b.png")])
    assert rows[0]["exit_code"] == code


def test_a_warning_about_one_of_many_names_its_file(radloupe, tmp_path):
    for name in ("a.png", "b.png"):
        mask = np.zeros((40, 40), np.uint8)
        mask[10:20, 10:20] = 255  # a label map, of which upscale warns
        PILImage.fromarray(mask).save(tmp_path / name)
    code, _, err = radloupe("upscale", tmp_path / "a.png", tmp_path / "b.png", "-o", tmp_path / "out", "--scale", "2")
    assert code == 0
    for name in ("a.png", "b.png"):
        assert any(line.startswith(f"radloupe: {tmp_path / name}: The image looks like a label map") for line in err.splitlines())


def test_links_in_a_circle_are_refused_as_output(radloupe, tmp_path):
    (tmp_path / "in").mkdir()
    grey(tmp_path / "in" / "a.png")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    code, _, err = radloupe("degrade", tmp_path / "in", "-o", tmp_path / "circle", *HOW)
    assert code == 2
    assert "Traceback" not in err


def test_wrong_settings_are_reported_once_before_any_work(radloupe, tmp_path):
    images = [grey(tmp_path / name) for name in ("a.png", "b.png")]
    for wrong in (("--preset", "bicubik"), ("--preset", "bicubic", "--set", "q=1")):
        code, out, err = radloupe("degrade", *images, "-o", tmp_path / "out", *wrong, "--scale", 2, "--json")
        assert (code, out, err.count("radloupe:")) == (2, "", 1)
        assert not (tmp_path / "out").exists()


def test_an_output_that_exists_is_refused_before_anything_is_done(degrade, tmp_path):
    images = [grey(tmp_path / name) for name in ("a.png", "b.png")]
    grey(tmp_path / "out" / "b.png")
    assert degrade(*images, "-o", tmp_path / "out")[:2] == (2, None)
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["b.png"]


def test_two_results_never_share_a_path_nor_lie_in_each_other(degrade, tmp_path):
    code, _, err = degrade(grey(tmp_path / "a" / "x.png"), grey(tmp_path / "b" / "x.png"), "-o", tmp_path / "out")
    assert (code, "same name" in err) == (2, True)
    lone = save(ct(), tmp_path / "scan")
    code, _, err = degrade(lone, slices(tmp_path / "c" / "scan", [0, 1, 5]), "-o", tmp_path / "out")
    assert (code, "inside of another" in err) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_result_that_would_replace_an_input_is_refused_before_anything_is_done(degrade, tmp_path):
    first, second = grey(tmp_path / "a" / "x.png"), grey(tmp_path / "b" / "y.png")
    before = second.read_bytes()
    code, rows, _ = degrade(first, second, "-o", tmp_path / "b", "--overwrite")
    assert (code, rows) == (2, None)
    assert [(p.name, p.read_bytes()) for p in (tmp_path / "b").iterdir()] == [("y.png", before)]


def test_several_results_do_not_go_to_a_file(degrade, tmp_path):
    images = [grey(tmp_path / name) for name in ("a.png", "b.png")]
    code, _, err = degrade(*images, "-o", tmp_path / "low.png")
    assert (code, "Expected a folder" in err) == (2, True)


def test_each_series_of_a_folder_has_its_own_output(degrade, tmp_path):
    folder = slices(tmp_path / "scan", range(3))
    slices(folder, range(4), name="x{}", SeriesInstanceUID="1.2.3", SeriesNumber=7, PatientName="Doe^Jane")
    save(cr(), folder / "chest.dcm")
    report = ct()
    report.SOPClassUID = uid.BasicTextSRStorage
    for keyword in ("PixelData", "Rows", "Columns"):
        delattr(report, keyword)
    save(report, folder / "DICOMDIR")
    code, rows, err = degrade(folder, "-o", tmp_path / "out")
    assert code == 0
    assert [row["shape_in"][0] for row in rows[:3]] == [3, 4, 1]
    assert [row.get("series") for row in rows[:3]] == [Path(rows[0]["output"]).name, "series-7-c47f5b18", None]  # SHA-256 of 1.2.3
    assert messages(rows)[2:] == [("chest.dcm", "done", "chest.dcm"), ("DICOMDIR", "skipped", None)]
    assert heights(tmp_path / "out" / "series-7-c47f5b18") == [30, 32.5, 35, 37.5]
    assert "Doe" not in json.dumps(rows) + err
    assert "3 done, 0 failed, 1 skipped" in err


def test_a_missing_slice_splits_a_series_and_is_named(degrade, tmp_path):
    code, rows, err = degrade(slices(tmp_path / "scan", [0, 1, 2, 4, 5, 7]), "-o", tmp_path / "out")
    assert code == 0
    assert [row["shape_in"][0] for row in rows] == [3, 2, 1]
    first, second, third = (Path(row["output"]) for row in rows)
    assert (heights(first), heights(second)) == ([30, 32.5, 35], [40, 42.5])
    assert third.suffix == ".dcm" and heights(third.parent) == [47.5]
    assert "missing between 35 and 40 mm" in rows[0]["reason"]
    assert "35 and 40 mm" in rows[1]["reason"] and "42.5 and 47.5 mm" in rows[1]["reason"]
    assert err.count("missing between 42.5 and 47.5 mm") == 2  # said of the run before and of the one behind


def test_a_whole_series_is_one_image_whatever_its_headers_count(degrade, tmp_path):
    folder = slices(tmp_path / "scan", [0])
    for index in range(1, 5):  # a CT that moves its table between slices numbers them as acquisitions
        slices(folder, [index], AcquisitionNumber=index + 1, EchoTime=index, ImageType=["ORIGINAL", "PRIMARY", "AXIAL", str(index)])
    code, rows, err = degrade(folder, "-o", tmp_path / "out")
    assert (code, err, [row["shape_in"][0] for row in rows]) == (0, "", [5])
    assert heights(tmp_path / "out") == [30, 32.5, 35, 37.5, 40]


def test_echoes_and_points_in_time_become_stacks_of_their_own(degrade, tmp_path):
    folder = tmp_path / "scan"
    for echo in (10, 90):
        for moment in (1, 2):
            slices(folder, range(3), mr, f"e{echo}t{moment}-{{}}", EchoTime=echo, TemporalPositionIdentifier=moment)
    code, rows, _ = degrade(folder, "-o", tmp_path / "out")
    assert (code, [row["shape_in"][0] for row in rows]) == (0, [3] * 4)
    made = [[dcmread(path) for path in Path(row["output"]).glob("*.dcm")] for row in rows]
    assert all(len({(ds.EchoTime, ds.TemporalPositionIdentifier) for ds in stack}) == 1 for stack in made)
    assert all("EchoTime" in row["reason"] and "TemporalPositionIdentifier" in row["reason"] for row in rows)


def test_a_second_slice_at_one_position_is_apart_and_a_copy_is_skipped(degrade, tmp_path):
    folder = slices(tmp_path / "scan", range(4))
    (folder / "copy of 1.dcm").write_bytes((folder / "1.dcm").read_bytes())
    slices(folder, [2], name="z{}", InstanceNumber=9)
    code, rows, _ = degrade(folder, "-o", tmp_path / "out")
    assert (code, [row["status"] for row in rows]) == (0, ["done", "done", "skipped"])
    assert [row["shape_in"][0] for row in rows[:2]] == [4, 1]
    assert heights(Path(rows[0]["output"])) == [30, 32.5, 35, 37.5]
    assert "same positions" in rows[0]["reason"]
    assert "copy of 1.dcm" in rows[2]["input"] + rows[2]["reason"]


def test_a_localiser_does_not_stop_its_volume(degrade, tmp_path):
    folder = slices(tmp_path / "scan", range(4))
    localiser = ct(pixels=ramp(30, 10), orientation=CORONAL)
    localiser.ImageType, localiser.InstanceNumber = ["ORIGINAL", "PRIMARY", "LOCALIZER"], 0
    save(localiser, folder / "scout.dcm")
    code, rows, _ = degrade(folder, "-o", tmp_path / "out")
    assert (code, [row["shape_in"] for row in rows]) == (0, [[1, 30, 10], [4, 12, 10]])
    assert all("orientation" in row["reason"] for row in rows)


def test_a_damaged_slice_is_named_and_the_gap_it_leaves_splits_the_series(degrade, tmp_path):
    folder = slices(tmp_path / "scan", range(5))
    (folder / "2.dcm").write_bytes((folder / "2.dcm").read_bytes()[:-100])
    (folder / "notes.txt").write_text("call back")
    code, rows, err = degrade(folder, "-o", tmp_path / "out")
    assert code == 3
    assert messages(rows)[2:] == [("2.dcm", "failed", None), ("notes.txt", "skipped", None)]
    assert [heights(Path(row["output"])) for row in rows[:2]] == [[30, 32.5], [37.5, 40]]
    assert "2 done, 1 failed, 1 skipped" in err


@pytest.mark.parametrize("far", [1e300, 1e7])
def test_a_slice_that_lies_nowhere_fails_alone(degrade, tmp_path, far):
    folder = slices(tmp_path / "scan", range(3))
    slices(folder, [3], ImagePositionPatient=[0, 0, far])
    code, rows, _ = degrade(folder, "-o", tmp_path / "out")
    assert (code, [row["status"] for row in rows]) == (3, ["done", "failed"])
    assert "ImagePositionPatient" in rows[1]["reason"]


def test_a_series_that_changes_its_distance_half_way_is_two_runs(degrade, tmp_path):
    code, rows, _ = degrade(slices(tmp_path / "scan", [0, 1, 2, 3, 4, 5, 7, 9, 11, 13]), "-o", tmp_path / "out")
    assert (code, [row["shape_in"][0] for row in rows]) == (0, [6, 4])
    assert heights(Path(rows[1]["output"])) == [47.5, 52.5, 57.5, 62.5]


def test_images_without_a_position_stay_files_of_their_names(degrade, tmp_path):
    (tmp_path / "in").mkdir()
    save(cr(), tmp_path / "in" / "one.dcm")
    save(dx(), tmp_path / "in" / "two.dcm")
    save(enhanced(), tmp_path / "in" / "volume.dcm")
    code, rows, _ = degrade(tmp_path / "in", "-o", tmp_path / "out")
    assert (code, messages(rows)) == (0, [(name, "done", name) for name in ("one.dcm", "two.dcm", "volume.dcm")])


def tree(root):
    """A folder of folders: images, a series alone, a series beside images, and links."""
    grey(root / "p.png")
    grey(root / "b" / "q.png")
    slices(root / "ct", range(3))
    slices(root / "b" / "mixed", range(2))
    grey(root / "b" / "mixed" / "p.png")
    (root / "b" / "loop").symlink_to(root)
    return root


def test_recursive_keeps_the_layout_in_sorted_order(degrade, tmp_path):
    root = tree(tmp_path / "in")
    code, rows, _ = degrade(root, "-o", tmp_path / "out", "--recursive")
    assert code == 0
    made = [str(Path(row["output"]).relative_to(tmp_path / "out")) for row in rows if row["status"] == "done"]
    assert made == ["p.png", "b/q.png", made[2], "b/mixed/p.png", "ct"]
    assert made[2].startswith("b/mixed/series-3-")
    assert [(Path(row["input"]).name, row["status"]) for row in rows if row["status"] != "done"] == [("loop", "skipped")]


def test_without_recursive_folders_inside_are_named_and_left_alone(degrade, tmp_path):
    code, rows, _ = degrade(tree(tmp_path / "in"), "-o", tmp_path / "out")
    assert (code, messages(rows)) == (0, [("p.png", "done", "p.png"), ("b", "skipped", None), ("ct", "skipped", None)])


def test_recursive_follows_no_link_out_of_the_tree(degrade, tmp_path):
    outside = grey(tmp_path / "elsewhere" / "secret.png")
    grey(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "link.png").symlink_to(outside)
    (tmp_path / "in" / "folder").symlink_to(outside.parent)
    (tmp_path / "in" / "again.png").symlink_to(tmp_path / "in" / "a.png")
    code, rows, _ = degrade(tmp_path / "in", "-o", tmp_path / "out", "--recursive")
    found = {name: status for name, status, _ in messages(rows)}
    assert (code, found) == (0, {"a.png": "done", "again.png": "done", "link.png": "skipped", "folder": "skipped"})


def test_recursive_does_not_go_into_the_output_folder(degrade, tmp_path):
    grey(tmp_path / "in" / "a.png")
    grey(tmp_path / "in" / "b" / "c.png")
    how = (tmp_path / "in", "-o", tmp_path / "in" / "low", "--recursive")
    assert degrade(*how)[0] == 0
    code, rows, _ = degrade(*how, "--overwrite")
    assert (code, messages(rows)) == (0, [("a.png", "done", "a.png"), ("c.png", "done", "c.png"), ("low", "skipped", None)])


def test_a_series_with_a_link_out_of_the_tree_is_done_without_it(degrade, tmp_path):
    folder = slices(tmp_path / "scan", range(3))
    slices(tmp_path / "elsewhere", [3])
    (folder / "3.dcm").symlink_to(tmp_path / "elsewhere" / "3.dcm")
    code, rows, _ = degrade(folder, "-o", tmp_path / "out", "--recursive")
    assert (code, [row["status"] for row in rows], rows[0]["shape_in"][0]) == (0, ["done", "skipped"], 3)


def test_the_output_folder_among_the_inputs_is_skipped(degrade, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grey(tmp_path / "a.png")
    grey(tmp_path / "out" / "old.png")
    code, rows, _ = degrade("a.png", "out", "-o", "out")
    assert (code, messages(rows)) == (0, [("a.png", "done", "a.png"), ("out", "skipped", None)])


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_fails_alone(degrade, tmp_path):
    images = [grey(tmp_path / "in" / name) for name in ("a.png", "b.png")]
    images[0].chmod(0)
    code, rows, _ = degrade(tmp_path / "in", "-o", tmp_path / "out")
    assert (code, sorted(row["status"] for row in rows)) == (3, ["done", "failed"])


def test_listing_reads_no_pixels(tmp_path, monkeypatch):
    from radloupe.formats.dicom import header

    folder = series(tmp_path / "scan")
    asked = []
    usual = header.dcmread
    monkeypatch.setattr(header, "dcmread", lambda file, **options: asked.append(options) or usual(file, **options))
    (found,), _ = survey(folder)
    assert len(found.files) == len(asked) == 4
    assert all(options["stop_before_pixels"] for options in asked)


def test_slices_of_a_turned_series_keep_their_order(tmp_path):
    for orientation in (AXIAL, OBLIQUE):
        folder = tmp_path / str(orientation[0])
        folder.mkdir()
        for index in (0, 1, 3, 4):
            save(ct(index, orientation=orientation), folder / f"{index}.dcm")
        found, _ = survey(folder)
        assert [[path.stem for path in item.files] for item in found] == [["0", "1"], ["3", "4"]]


def test_measure_names_what_it_cannot_score_and_scores_the_rest(radloupe, tmp_path):
    for folder in ("ours", "truth"):
        for name in ("a.png", "b.png"):
            grey(tmp_path / folder / name, (16, 16))  # sides on which the 11x11 window of SSIM fits
    (tmp_path / "ours" / "notes.txt").write_text("call back")
    code, out, err = radloupe("measure", tmp_path / "ours", tmp_path / "truth", "--json")
    found = json.loads(out)
    assert (code, [row["name"] for row in found["images"]]) == (0, ["a.png", "b.png"])
    assert [(Path(row["input"]).name, row["status"]) for row in found["set_aside"]] == [("notes.txt", "skipped")]
    colour(tmp_path / "ours" / "colour.png")
    colour(tmp_path / "truth" / "colour.png")
    grey(tmp_path / "truth" / "lonely.png")
    (tmp_path / "ours" / "b.png").write_bytes((tmp_path / "ours" / "b.png").read_bytes()[:60])
    code, out, err = radloupe("measure", tmp_path / "ours", tmp_path / "truth", "--json")
    found = json.loads(out)
    assert (code, [row["name"] for row in found["images"]]) == (3, ["a.png"])
    assert {Path(row["input"]).name: row["status"] for row in found["set_aside"]} == {
        **dict.fromkeys(("b.png", "colour.png", "lonely.png"), "failed"),
        "notes.txt": "skipped",
    }
    assert "lonely.png without a partner" in err
    assert "1 done, 3 failed, 1 skipped" in err


def test_measure_takes_a_series_folder_with_a_report_beside_its_slices(radloupe, tmp_path):
    for folder in ("ours", "truth"):
        slices(tmp_path / folder, range(3))
    (tmp_path / "truth" / "notes.txt").write_text("call back")
    code, out, _ = radloupe("measure", tmp_path / "ours", tmp_path / "truth", "--json")
    assert (code, [row["name"] for row in json.loads(out)["images"]]) == (0, ["ours"])


def test_a_folder_of_several_series_names_them_and_one_can_be_chosen(tmp_path):
    folder = slices(tmp_path / "scan", range(3))
    slices(folder, range(4), name="x{}", SeriesInstanceUID="1.2.3", SeriesNumber=7, PatientName="Doe^Jane")
    with pytest.raises(InputError, match=r"2 series in .*series-3-[0-9a-f]{8} \(3 slices\), series-7-c47f5b18 \(4 slices\)") as error:
        rl.read(folder)
    assert "Doe" not in str(error.value)
    assert rl.read(folder, series="series-7-c47f5b18").shape[0] == 4
    with pytest.raises(InputError, match=r"none named 'series-9'.*series-7-c47f5b18"):
        rl.read(folder, series="series-9")
    with pytest.raises(InputError, match="Expected a folder"):
        rl.read(folder / "0.dcm", series="series-7-c47f5b18")


@pytest.mark.parametrize(
    "name", ["MR_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "MR_small_RLE.dcm", "MR_small_jp2klossless.dcm"]
)
def test_a_slice_that_is_cut_off_is_known_by_its_header_alone(tmp_path, name):
    data = Path(get_testdata_file(name, download=False)).read_bytes()
    (tmp_path / "cut.dcm").write_bytes(data[:-500])  # fewer bytes than the header has, so that its size alone would not tell
    (tmp_path / "whole.dcm").write_bytes(data)
    found, aside = survey(tmp_path)
    assert [item.files for item in found] == [(tmp_path / "whole.dcm",)]
    assert [(item.input.name, item.status) for item in aside] == [("cut.dcm", "failed")]
    assert "ends within its pixels" in aside[0].reason
