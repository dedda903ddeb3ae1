"""Data sets of a table that are not always there, and the illustrations of single degradations."""

import numpy as np
import pytest

from radloupe.core.errors import UsageError
from radloupe.papers.runner.data_plan import chosen
from radloupe.papers.runner.illustrations import single_degradations
from radloupe.papers.table_registry import TABLES

MRI = TABLES["transform-mri/1"]


def test_columns_of_missing_folders_are_left_out_and_named(tmp_path):
    plan = chosen(MRI, tmp_path)
    assert {column.data for column in plan.columns} == {"ixi-t1", "ixi-t2", "ixi-pd"}
    assert plan.differs[-1] == "Left out, as no such folder is there: SIMON, SISRMRI/high."


def test_columns_of_folders_that_are_there_are_kept(tmp_path):
    (tmp_path / "SIMON").mkdir()
    (tmp_path / "SISRMRI" / "high").mkdir(parents=True)
    plan = chosen(MRI, tmp_path)
    assert plan is MRI.paper_data
    assert [column.name for column in plan.columns][-6:] == [f"{name} x{scale}" for name in ("SIMON", "SISRMRI") for scale in (2, 4, 8)]
    assert plan.datasets["simon"].settings["unit"] == "session"  # one person: the paper's split by individuals cannot be made


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="Expected a folder"):
        chosen(MRI, tmp_path / "none")


def test_each_degradation_is_shown_by_itself_and_all_together():
    y, x = np.mgrid[:96, :96]
    high = (127 + 100 * np.sin(x / 5) * np.sin(y / 7)).astype(np.uint8)
    lows = single_degradations(high, 4)
    assert list(lows) == ["none", "JPEG", "motion blur", "Gaussian blur", "photon noise", "motion, Gaussian blur, noise, JPEG"]
    assert {low.shape for low in lows.values()} == {(24, 24)}
    errors = {name: float(np.abs(low - lows["none"]).mean()) for name, low in lows.items()}
    assert all(error > 0 for name, error in errors.items() if name != "none")
    assert max(errors, key=errors.get) in ("JPEG", "motion, Gaussian blur, noise, JPEG")  # quality 3 does the most damage
