"""Outputs appear whole or not at all."""

import errno
import os
import resource
import subprocess
import sys

import pytest

from radloupe.core import files
from radloupe.core.errors import LimitError, UsageError


def test_a_file_appears_when_the_work_is_done(tmp_path):
    path = tmp_path / "new" / "a.bin"
    with files.atomic(path) as temporary:
        temporary.write_bytes(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert sorted(p.name for p in path.parent.iterdir()) == ["a.bin"]


def test_a_folder_replaces_a_folder(tmp_path):
    path = tmp_path / "series"
    with files.atomic(path, folder=True) as temporary:
        (temporary / "old").write_text("old")
    with files.atomic(path, overwrite=True, folder=True) as temporary:
        (temporary / "new").write_text("new")
    assert sorted(p.name for p in path.iterdir()) == [".radloupe.json", "new"]
    assert [p.name for p in tmp_path.iterdir()] == ["series"]


def test_a_failure_keeps_the_previous_file_and_leaves_nothing(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"previous")
    with pytest.raises(ZeroDivisionError), files.atomic(path, overwrite=True) as temporary:
        temporary.write_bytes(b"half")
        raise ZeroDivisionError
    assert path.read_bytes() == b"previous"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


def test_a_failure_removes_the_folders_that_were_created(tmp_path):
    with pytest.raises(ZeroDivisionError), files.atomic(tmp_path / "x" / "y" / "a.bin"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_existing_outputs_are_refused(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"previous")
    with pytest.raises(UsageError, match="exists already"), files.atomic(path):
        pytest.fail("must not get here")


def test_a_file_at_the_path_of_a_folder_is_a_usage_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="not a folder"), files.atomic(tmp_path / "file" / "a.bin"):
        pytest.fail("must not get here")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_a_limit_error(tmp_path, code):
    with pytest.raises(LimitError, match="No space"), files.atomic(tmp_path / "a.bin"):
        raise OSError(code, os.strerror(code))
    assert list(tmp_path.iterdir()) == []


def test_a_real_file_size_limit_leaves_nothing(tmp_path):
    code = f"""
import resource, signal
from pathlib import Path
from radloupe.core import errors, files
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, {resource.RLIM_INFINITY}))
try:
    with files.atomic(Path(r"{tmp_path}") / "a.bin") as path:
        path.write_bytes(bytes(200_000))
except errors.LimitError:
    print("limit")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "limit"
    assert list(tmp_path.iterdir()) == []


def test_kill_during_writing_keeps_the_previous_file(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"previous")
    code = f"""
import os, signal
from pathlib import Path
from radloupe.core import files
with files.atomic(Path(r"{path}"), overwrite=True) as temporary:
    temporary.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert path.read_bytes() == b"previous"


def test_fingerprints_agree_for_bytes_and_files(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, appendix B.1
    assert files.sha256(b"abc") == files.sha256(tmp_path / "a") == known
