"""A command that is told to stop leaves nothing behind."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image as PILImage

RUN = "from radloupe.cli.main import main; main()"


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_upscale_leaves_nothing(tmp_path, order):
    PILImage.fromarray(np.random.default_rng(0).integers(0, 256, (2500, 2500), dtype=np.uint8)).save(tmp_path / "a.png")
    command = [sys.executable, "-c", RUN, "upscale", tmp_path / "a.png", "-o", tmp_path / "new" / "out.tif", "--model", "mri-x2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not (tmp_path / "new").exists():  # until it has begun to write
        time.sleep(0.05)
    process.send_signal(order)
    out, err = process.communicate()
    assert process.returncode not in (0, 1)
    assert out == ""
    assert "Traceback" not in err
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
