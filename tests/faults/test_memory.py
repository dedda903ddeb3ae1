"""The input, not the output, decides how much memory an enlargement takes."""

import json
import subprocess
import sys

import numpy as np
import pytest
import tifffile

from radloupe.core.limits import parse_bytes

RUN = "from radloupe.cli.main import main; main()"


def upscale(folder, side, memory):
    """Enlarge a 16-bit radiograph by four in a process of its own; gives its report and the path of the result."""
    small = np.random.default_rng(0).integers(0, 65_536, (side // 8, side // 8), dtype=np.uint16)
    tifffile.imwrite(folder / "a.tif", np.kron(small, np.ones((8, 8), np.uint16)))
    out = folder / "out.tif"
    command = [sys.executable, "-c", RUN, "upscale", folder / "a.tif", "-o", out, "--model", "xray-x4", "--memory", memory, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["outputs"][0], out


def test_the_peak_is_of_this_program_and_not_of_the_one_that_started_it():
    ballast = np.ones(2**26)  # 512 MiB in this process, which the child's `ru_maxrss` would begin with
    code = "from radloupe.inference.memory import peak_bytes; print(peak_bytes())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < ballast.nbytes / 4


def test_a_small_budget_is_kept(tmp_path):
    report, out = upscale(tmp_path, 1024, "640MiB")
    assert report["shape_out"] == [1, 4096, 4096]
    assert report["peak_memory_bytes"] < parse_bytes("640MiB")
    with tifffile.TiffFile(out) as file:
        assert (file.pages[0].shape, file.pages[0].dtype) == ((4096, 4096), np.uint16)


@pytest.mark.long
def test_a_large_radiograph_stays_under_one_and_a_half_gibibytes(tmp_path):
    report, out = upscale(tmp_path, 3072, "1.5GiB")
    assert report["peak_memory_bytes"] < parse_bytes("1.5GiB")
    with tifffile.TiffFile(out) as file:
        assert file.pages[0].shape == (12_288, 12_288)
