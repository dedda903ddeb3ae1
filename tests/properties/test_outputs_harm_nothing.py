"""Whatever a folder holds, and whatever is named as output, no byte changes that the user did not name."""

import contextlib
import io
import os
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import nibabel
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image as PILImage

from dicom_factory import mr, series
from radloupe.cli.main import main
from radloupe.core import files
from radloupe.core.errors import UsageError
from radloupe.core.files.output_safety import canonical

FOLDERS = (".", "a", "a/b", "c")
NAMES = ("x.png", "y.png", "a", "b", "c", "out")
PLACES = sorted({(Path(folder) / name).as_posix() for folder in FOLDERS for name in NAMES} | set(FOLDERS))


def image():
    """The bytes of a small PNG: what every file is, so that commands have something to read."""
    made = io.BytesIO()
    PILImage.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).save(made, "png")
    return made.getvalue()


IMAGE = image()


@dataclass
class Tree:
    """A folder with files of the user's, and folders that this program wrote."""

    top: Path
    ours: set[Path] = field(default_factory=set)
    """Files in folders that this program wrote."""

    def add(self, kind, name, target):
        """Add one thing where there is room for it; what does not fit is left out."""
        path, other = self.top / name, self.top / target
        if os.path.lexists(path) or not path.parent.is_dir() or path.parent.is_symlink():
            return
        if kind == "file":
            path.write_bytes(IMAGE)
        elif kind == "folder":
            path.mkdir()
        elif kind == "link":
            path.symlink_to(os.path.relpath(other, path.parent))
        elif kind == "hard link" and other.is_file() and not other.is_symlink():
            path.hardlink_to(other)
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "ours":
            with files.atomic(path, folder=True) as folder:
                (folder / "x.png").write_bytes(IMAGE)
            self.ours |= {path / item.name for item in path.iterdir()}

    def state(self):
        """Everything in the tree: its mode, and the bytes or the target of a link."""
        found = {}
        for path in sorted(self.top.rglob("*")):
            mode = path.lstat().st_mode
            found[path] = (mode, path.readlink() if stat.S_ISLNK(mode) else path.read_bytes() if stat.S_ISREG(mode) else None)
        return found


def below(path, tops):
    """Whether a path is one of some others, or in one."""
    return any(path == top or top in path.parents for top in tops)


def lost(tree, before, named):
    """What is not as it was though nobody named it; what was made on the way to an output is no loss."""
    after = tree.state()
    changed = {path for path in before | after if before.get(path) != after.get(path) and not below(path, named)}
    return {path for path in changed if path in before or not any(path in name.parents for name in named)}


def overlaps(output, source):
    """Whether an output is, holds or lies in an input, found out by walking up, one `samefile` after the other."""
    one, other = Path(os.path.realpath(output)), Path(os.path.realpath(source))

    def inside(low, high):
        return high.exists() and any(p.exists() and p.samefile(high) for p in (low, *low.parents))

    return inside(one, other) or inside(other, one)


kinds = st.sampled_from(["file", "file", "folder", "folder", "link", "hard link", "ours", "pipe"])
places = st.sampled_from(PLACES)
things = st.tuples(kinds, places, places)


@contextlib.contextmanager
def grown(steps):
    """A tree of some things, the folders first so that more of the rest finds room."""
    with tempfile.TemporaryDirectory() as top:
        tree = Tree(Path(top).resolve() / "top")
        tree.top.mkdir()
        for step in [("folder", "a", "."), ("file", "x.png", "."), *sorted(steps, key=lambda step: step[0] != "folder")]:
            tree.add(*step)
        yield tree


@settings(max_examples=400, deadline=None)  # a tree takes a millisecond
@given(st.lists(things, max_size=12), places, st.lists(places, max_size=2), st.booleans(), st.booleans())
def test_one_output_replaces_only_what_is_named_and_may_go(steps, output, sources, folder, overwrite):
    with grown(steps) as tree:
        path, inputs = tree.top / output, [tree.top / source for source in sources if (tree.top / source).exists()]
        before, meets = tree.state(), any(overlaps(path, source) for source in inputs)
        filled = path.is_dir() and not path.is_symlink() and any(path.iterdir())
        may_go = before.keys() - tree.ours if filled else set()
        try:
            with files.atomic(path, overwrite, folder, inputs=inputs) as temporary:
                (temporary / "new").write_text("new") if folder else temporary.write_text("new")
        except UsageError:
            assert tree.state() == before
            return
        assert not meets
        assert overwrite or path not in before
        assert not lost(tree, before, [canonical(path)])
        assert not any(path in one.parents for one in may_go)  # of a folder that goes, we wrote everything
        assert path not in before or not stat.S_ISLNK(before[path][0])


def command(name, source, output):
    """A command that reads `source` and writes `output`, as small as it gets."""
    return {
        "degrade": ["degrade", source, "-o", output, "--preset", "bicubic", "--scale", 2],
        "upscale": ["upscale", source, "-o", output, "--scale", 2],
        "project": ["project", source, "-o", output, "--size", "8x8"],
        "project --views": ["project", source, "-o", output, "--size", "8x8", "--views", "random:2"],
        "dataset": ["dataset", "mura-mini", "--source", source, "-o", output],
        "train": ["train", "srresnet", "--data", source, "--run", output, "--budget", "small", "--max-minutes", 0],
        "publish": ["publish", source, "--name", "mine", "-o", output],
        "convert": ["convert", source, "--network", "psrgan", "--scale", 4, "-o", output],
        "evaluate --csv": ["evaluate", "--model", "bicubic", "--data", source, "--degrade", "bicubic", "--scale", 2, "--csv", output],
        "evaluate --report": ["evaluate", "--model", "bicubic", "--data", source, "--degrade", "bicubic", "--scale", 2, "--report", output],
        "reproduce": ["reproduce", "aid/1", "--data", source, "--run", output, "--networks", "tiny", "--minutes", 0],
        "demo": ["demo", "-o", output],
    }[name]


COMMANDS = (
    *("degrade", "upscale", "project", "project --views", "dataset", "train", "publish", "convert"),
    *("evaluate --csv", "evaluate --report", "reproduce", "demo"),
)
REPLACE = {"degrade", "upscale", "project", "project --views", "publish", "convert", "evaluate --csv", "evaluate --report", "demo"}
SOURCELESS = {"demo"}


def run(arguments):
    """The exit code of a command line."""
    quiet = io.StringIO()
    with (
        patch.object(sys, "argv", ["radloupe", *map(str, arguments)]),
        contextlib.redirect_stdout(quiet),
        contextlib.redirect_stderr(quiet),
    ):
        try:
            main()
        except SystemExit as end:
            return end.code or 0
    return 0


@pytest.mark.parametrize("name", COMMANDS)
# some of them make an image or a page, which takes a tenth of a second; the demo is asked for only where something stands already
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(steps=st.lists(things, max_size=10), source=places, output=places, overwrite=st.booleans())
def test_no_command_changes_what_is_not_named(name, steps, source, output, overwrite):
    with grown(steps) as tree:
        path, read = tree.top / output, tree.top / source
        assume(name not in SOURCELESS or os.path.lexists(path))  # making the page itself takes seconds
        before = tree.state()
        code = run([*command(name, read, path), *(["--overwrite"] if overwrite and name in REPLACE else [])])
        place = Path(os.path.realpath(path)) if path.is_dir() else canonical(path)  # many results go into a folder, and a run, too
        assert code in (0, 2, 3, 5)
        assert not lost(tree, before, [place])
        theirs = {one for one in before if below(one, [place]) and one not in tree.ours and stat.S_ISREG(before[one][0])}
        kept = {one for one in theirs if one.is_file() and one.read_bytes() == IMAGE}
        replaced = theirs - kept
        assert replaced <= {path, *(Path(os.path.realpath(path)) / one.name for one in reading(read))} if overwrite else not replaced


def reading(source):
    """The files that a command may take for its images: results in a folder have their names."""
    return [source, *source.iterdir()] if source.is_dir() else [source]


DANGERS = {
    "the source": lambda top: top / "study" / "series",
    "what holds it": lambda top: top / "study",
    "what lies in it": lambda top: top / "study" / "series" / "new",
    "a link to it": lambda top: top / "way",
    "a link to what holds it": lambda top: top / "upper",
    "its parent by dots": lambda top: top / "study" / "series" / "..",
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A volume in a folder of its own, with what else a user has there."""
    top = tmp_path_factory.mktemp("top")
    (top / "study" / "series").mkdir(parents=True)
    (top / "study" / "notes.txt").write_text("mine")
    (top / "way").symlink_to("study/series")
    (top / "upper").symlink_to("study")
    for number in (1, 2):
        (top / "study" / "series" / f"{number}.png").write_bytes(IMAGE)
    nibabel.Nifti1Image(np.zeros((8, 8, 8), np.int16), np.eye(4)).to_filename(top / "study" / "series" / "ct.nii.gz")
    return Tree(top)


@pytest.mark.parametrize("danger", DANGERS)
@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in {*SOURCELESS, "degrade", "upscale"}])
def test_every_command_refuses_to_write_on_around_or_in_its_source(study, name, danger):
    source, before = study.top / "study" / "series", study.state()
    source = source / "ct.nii.gz" if name == "convert" else source
    output = DANGERS[danger](study.top)
    if name == "convert" and danger == "what lies in it":
        output = source / "new"
    assert run([*command(name, source, output), *(["--overwrite"] if name in REPLACE else [])]) == 2
    assert study.state() == before


@pytest.mark.parametrize("danger", ["what holds it", "a link to what holds it", "its parent by dots", "the source"])
@pytest.mark.parametrize("name", ["degrade", "upscale"])
def test_a_series_is_never_replaced_by_its_result(tmp_path, name, danger):
    tree = Tree(tmp_path)
    (tmp_path / "study").mkdir()
    series(tmp_path / "study" / "series", mr, 3)
    (tmp_path / "study" / "notes.txt").write_text("mine")
    (tmp_path / "upper").symlink_to("study")
    before = tree.state()
    code = run([*command(name, tmp_path / "study" / "series", DANGERS[danger](tmp_path)), "--overwrite"])
    assert (code, tree.state()) == (2, before)


@pytest.mark.skipif(shutil.which("mknod") is None or os.getuid() != 0, reason="making a device is not permitted here")
def test_a_device_stays_a_device(tmp_path):
    device = tmp_path / "null.png"
    os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    (tmp_path / "x.png").write_bytes(IMAGE)
    assert run([*command("degrade", tmp_path / "x.png", device), "--overwrite"]) == 2
    assert stat.S_ISCHR(device.stat().st_mode)
