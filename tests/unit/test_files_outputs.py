"""What an output may replace, and where it may never stand."""

import json
import os
import shutil
import socket
import subprocess
import sys

import pytest

from radloupe.core import files
from radloupe.core.errors import UsageError
from radloupe.core.files import writing
from radloupe.core.files.record import RECORD


def put(path, text="new", **how):
    """Write a folder with one file as a command does."""
    with files.atomic(path, folder=True, **how) as folder:
        (folder / "a.txt").write_text(text)
    return path


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.fixture
def made(tmp_path):
    """A folder that this program wrote."""
    return put(tmp_path / "made", "old")


def refused(path, match, overwrite=True, **how):
    """Both ways to be refused, the early look and the writing itself, which leave everything as it was."""
    before = names(path.parent)
    with pytest.raises(UsageError, match=match):
        files.check_output(path, overwrite, **how)
    with pytest.raises(UsageError, match=match):
        put(path, overwrite=overwrite, **how)
    assert names(path.parent) == before


def test_a_folder_without_a_record_stays(tmp_path):
    (tmp_path / "study" / "series").mkdir(parents=True)
    (tmp_path / "study" / "notes.txt").write_text("mine")
    refused(tmp_path / "study", "found notes.txt, series in .* and no such record. Remove the folder yourself")


def test_an_empty_folder_is_replaced(tmp_path):
    (tmp_path / "out").mkdir()
    assert names(put(tmp_path / "out", overwrite=True)) == [RECORD, "a.txt"]


def test_a_copy_of_a_folder_is_known(tmp_path, made):
    shutil.copytree(made, tmp_path / "copy", copy_function=shutil.copyfile)  # as `cp -r`: other times, same bytes
    assert (put(tmp_path / "copy", overwrite=True) / "a.txt").read_text() == "new"


def test_a_folder_that_lost_a_file_is_replaced(made):
    (made / "a.txt").unlink()
    assert (put(made, overwrite=True) / "a.txt").read_text() == "new"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda folder: (folder / "b.dcm").touch(), "b.dcm"),
        (lambda folder: (folder / ".hidden").touch(), ".hidden"),
        (lambda folder: (folder / "empty").mkdir(), "empty"),
        (lambda folder: (folder / "link").symlink_to("/"), "link"),
        (lambda folder: os.mkfifo(folder / "pipe"), "pipe"),
        (lambda folder: (folder / "a.txt").write_text("edited"), "a.txt"),
    ],
    ids=["file", "hidden file", "folder", "link", "pipe", "edit"],
)
def test_what_was_added_or_changed_is_named_and_stays(made, change, named):
    change(made)
    refused(made, f"found {named}, which was added or changed")


def test_an_edit_of_the_same_size_and_time_is_seen(made):
    times = (made / "a.txt").stat()
    (made / "a.txt").write_text("odd")
    os.utime(made / "a.txt", ns=(times.st_atime_ns, times.st_mtime_ns))
    refused(made, "found a.txt, which was added or changed")


def test_a_file_replaced_by_a_folder_or_a_link_is_seen(tmp_path, made):
    (made / "a.txt").rename(tmp_path / "elsewhere")
    (made / "a.txt").symlink_to(tmp_path / "elsewhere")
    refused(made, "a.txt")
    (made / "a.txt").unlink()
    (made / "a.txt").mkdir()
    refused(made, "a.txt")


def edited(record):
    record["holds"]["mine.txt"] = [0, files.sha256(b"")]
    return json.dumps(record)


@pytest.mark.parametrize(
    "text",
    [
        edited,
        lambda record: "",
        lambda record: "[" * 100_000,
        lambda record: json.dumps(record)[:-20],
        lambda record: json.dumps([record]),
        lambda record: json.dumps(record | {"program": "other"}),
        lambda record: json.dumps(record | {"holds": ["a.txt"], "sha256": files.sha256(b'["a.txt"]')}),
        lambda record: json.dumps(record | {"holds": {"a.txt": [3]}, "sha256": files.sha256(b'{"a.txt": [3]}')}),
        lambda record: json.dumps(record | {"holds": {"a.txt": "x"}, "sha256": files.sha256(b'{"a.txt": "x"}')}),
    ],
    ids=["edited", "empty", "deep", "cut off", "list", "foreign", "no sizes", "half", "text"],
)
def test_a_record_that_is_not_as_it_was_written_counts_for_nothing(made, text):
    (made / "mine.txt").touch()
    (made / RECORD).write_text(text(json.loads((made / RECORD).read_text())))
    refused(made, "no such record")


def test_the_record_of_another_folder_does_not_fit(tmp_path, made):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("mine")
    shutil.copy(made / RECORD, tmp_path / "mine")
    refused(tmp_path / "mine", "found a.txt, which was added or changed")


def test_a_record_that_is_a_link_counts_for_nothing(tmp_path, made):
    (made / RECORD).rename(tmp_path / "record")
    (made / RECORD).symlink_to(tmp_path / "record")
    refused(made, "no such record")


def test_many_names_are_cut_short(made):
    for number in range(5):
        (made / f"b{number}").touch()
    refused(made, "found b0, b1, b2 and 2 more, which")


def test_names_stand_for_a_record(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.txt").write_text("damaged")
    assert names(put(tmp_path / "out", overwrite=True, names=["a.txt"])) == ["a.txt"]
    (tmp_path / "out" / "mine.txt").touch()
    refused(tmp_path / "out", "found mine.txt", names=["a.txt"])


def test_a_file_does_not_replace_a_folder_nor_a_folder_a_file(tmp_path, made):
    with pytest.raises(UsageError, match="Expected to write a file, found a folder"), files.atomic(made, overwrite=True):
        pytest.fail("must not get here")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="Expected to write a folder, found a file"):
        put(tmp_path / "file", overwrite=True)


@pytest.mark.parametrize("overwrite", [False, True])
def test_links_pipes_and_sockets_are_no_outputs(tmp_path, monkeypatch, overwrite):
    monkeypatch.chdir(tmp_path)  # a socket's path has at most 107 letters
    os.mkfifo("pipe")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("socket")
        for name, kind in [("pipe", "named pipe"), ("socket", "socket"), ("link", "link"), ("dangling", "link"), ("loop", "link")]:
            refused(tmp_path / name, f"found a {kind}", overwrite)


def test_nothing_is_written_below_a_link_that_leads_nowhere(tmp_path):
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(UsageError, match="leads nowhere"):
        put(tmp_path / "dangling" / "out")
    assert not (tmp_path / "nowhere").exists()


def test_devices_roots_homes_and_mounts_are_no_outputs(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(put(tmp_path / "home")))
    for place, kind in [("/dev/null", "a device"), ("/", "the root"), ("/proc", "a mount point"), (tmp_path / "home", "a home directory")]:
        with pytest.raises(UsageError, match=f"found {kind}"):
            files.check_output(type(tmp_path)(place), overwrite=True)


def test_the_folder_that_one_stands_in_goes_by_its_name(made, monkeypatch):
    monkeypatch.chdir(made)
    for place in (".", "../made", "../made/."):
        put(type(made)(place), overwrite=True)
        monkeypatch.chdir(made)
    assert names(made) == [RECORD, "a.txt"] and names(made.parent) == ["made", f"made/{RECORD}", "made/a.txt"]


@pytest.fixture
def study(tmp_path):
    """A series of one file, and the ways to it."""
    series = tmp_path / "study" / "series"
    series.mkdir(parents=True)
    (series / "1.dcm").write_text("source")
    (tmp_path / "way").symlink_to("study")
    (tmp_path / "hard.dcm").hardlink_to(series / "1.dcm")
    (tmp_path / "soft.dcm").symlink_to(series / "1.dcm")
    return tmp_path


@pytest.mark.parametrize("source", ["study/series", "study/series/1.dcm", "way/series", "hard.dcm", "soft.dcm"])
@pytest.mark.parametrize("output", ["study/series/1.dcm", "way/series/1.dcm", "hard.dcm", "way/series/../series/1.dcm"])
def test_an_input_is_never_an_output_by_whatever_name(study, source, output):
    refused(study / output, "apart from everything", inputs=[study / source])


@pytest.mark.parametrize("output", ["study", "study/series", "way", "way/series", ".", "study/series/new", "way/series/new/deep"])
def test_an_output_neither_holds_nor_lies_in_an_input(study, output):
    refused(study / output, "apart from everything", inputs=[study / "study" / "series"])


def test_an_input_in_a_folder_of_links_is_not_replaced(study):
    (study / "links").mkdir()
    (study / "links" / "1.dcm").symlink_to(study / "study" / "series" / "1.dcm")
    refused(study / "study" / "series" / "1.dcm", "apart from everything", inputs=[study / "links"])
    refused(study / "links", "apart from everything", inputs=[study / "links" / "1.dcm"])


def test_a_folder_that_leads_back_up_is_an_input_all_the_same(study):
    (study / "study" / "up").symlink_to(study)
    files.check_output(study / "out", inputs=[study / "study"])
    refused(study / "study" / "series" / "1.dcm", "apart from everything", inputs=[study / "study"])


def test_a_folder_of_ours_that_shares_a_file_with_an_input_stays(study):
    out = put(study / "out", "source")
    (study / "in.dcm").hardlink_to(out / "a.txt")
    refused(out, "holds a file of", inputs=[study / "in.dcm"])


def test_a_new_output_beside_its_input_is_written(study):
    assert put(study / "study" / "large", inputs=[study / "study" / "series"]).is_dir()
    files.check_outputs([study / "way" / "a.dcm", study / "b.dcm"], inputs=[study / "soft.dcm"])


def test_an_output_that_does_not_exist_yet_is_apart_from_another(tmp_path):
    with pytest.raises(UsageError, match="apart from everything"):
        files.check_output(tmp_path / "report" / "a.csv", inputs=[tmp_path / "report"])


def test_what_comes_while_the_work_goes_on_stays(tmp_path):
    with pytest.raises(UsageError, match="exists already"), files.atomic(tmp_path / "a.txt") as temporary:
        temporary.write_text("ours")
        (tmp_path / "a.txt").write_text("theirs")
    assert (tmp_path / "a.txt").read_text() == "theirs" and names(tmp_path) == ["a.txt"]


def test_what_is_added_while_the_work_goes_on_stays(made):
    with pytest.raises(UsageError, match="found mine"), files.atomic(made, overwrite=True, folder=True):
        (made / "mine").touch()
    assert names(made.parent) == ["made", f"made/{RECORD}", "made/a.txt", "made/mine"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_comes_after_the_last_look_stays(made, monkeypatch, overwrite):
    path = made.parent / "a.txt"
    if overwrite:
        path.write_text("old")
    exchange = writing.put

    def late(new, path, before):
        path.write_text("theirs")
        exchange(new, path, before)

    monkeypatch.setattr(writing, "put", late)
    with pytest.raises(UsageError), files.atomic(path, overwrite) as temporary:
        temporary.write_text("ours")
    assert path.read_text() == "theirs" and len(list(made.parent.iterdir())) == 2


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_folder_comes_back_when_its_replacement_fails(made, monkeypatch, moment):
    rename = type(made).rename

    def failing(self, target):
        if moment == "before" and self == made:
            (made / "mine").touch()  # after the last look, before the folder steps aside
        elif moment == "after" and target == made and self.parent.name.startswith(files.TEMPORARY) and (self / "b.txt").exists():
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(type(made), "rename", failing)
    with pytest.raises((UsageError, KeyboardInterrupt)), files.atomic(made, overwrite=True, folder=True) as folder:
        (folder / "b.txt").touch()
    mine = ["made/mine"] if moment == "before" else []
    assert names(made.parent) == ["made", f"made/{RECORD}", "made/a.txt", *mine]


def test_a_header_replaces_no_data_but_its_own(tmp_path):
    (tmp_path / "a.raw").write_text("of another header")
    with pytest.raises(UsageError, match=r"a\.raw exists already"), files.atomic(tmp_path / "a.mhd", overwrite=True) as temporary:
        temporary.touch()
        temporary.with_suffix(".raw").touch()
    assert (tmp_path / "a.raw").read_text() == "of another header" and names(tmp_path) == ["a.raw"]


def test_a_header_does_not_replace_the_data_of_an_input(tmp_path):
    for name, text in (("in.nhdr", "data file: a.raw"), ("a.mhd", "ElementDataFile = a.raw"), ("a.raw", "shared")):
        (tmp_path / name).write_text(text)
    output, source = tmp_path / "a.mhd", tmp_path / "in.nhdr"
    with pytest.raises(UsageError, match=r"a\.raw, which is named by"), files.atomic(output, overwrite=True, inputs=[source]) as temporary:
        temporary.touch()
        temporary.with_suffix(".raw").touch()
    assert (tmp_path / "a.raw").read_text() == "shared" and output.read_text() == "ElementDataFile = a.raw"


MOUNTED = """
import subprocess, sys
from pathlib import Path
from radloupe.core import files
from radloupe.core.errors import UsageError

def refused(path, **how):
    try:
        files.check_output(path, overwrite=True, **how)
    except UsageError:
        return
    sys.exit(f"{path} was not refused")

top = Path(sys.argv[1])
with files.atomic(top / "made", folder=True) as folder:
    (folder / "part").mkdir()
    (folder / "a").touch()
for name in ("source/part", "there"):
    (top / name).mkdir(parents=True)
(top / "source" / "a").touch()
(top / "file").touch()
for one, other in (("source", "there"), ("source/part", "made/part"), ("source/a", "file")):
    subprocess.run(["mount", "--bind", top / one, top / other], check=True)
for place in ("there", "made", "file"):
    refused(top / place)
for place in ("there/new", "made/part/new"):
    refused(top / place, inputs=[top / "source"])
refused(top / "source" / "a", inputs=[top / "there"])
"""


@pytest.mark.skipif(
    shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode != 0,
    reason="mounting in a name space of one's own is not permitted here",
)
def test_bound_folders_are_no_outputs_and_hide_no_input(tmp_path):
    done = subprocess.run(["unshare", "-rm", sys.executable, "-c", MOUNTED, tmp_path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
