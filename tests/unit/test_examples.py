"""The scripts in examples/ run and learn."""

import math
import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_plain_pytorch_loop_learns(capsys):
    values = runpy.run_path(str(EXAMPLES / "plain_pytorch.py"))["main"](30)
    assert sum(values[-5:]) < 0.5 * sum(values[:5])  # an untrained network starts from noise: a fifth of it is left after 30 steps
    assert "step 20" in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore::FutureWarning")  # Lightning's own
def test_the_lightning_module_trains():
    pytest.importorskip("lightning")
    assert math.isfinite(runpy.run_path(str(EXAMPLES / "lightning_module.py"))["main"](2))
