"""Series of views: the grid of the paper, and angles that a seed draws."""

import numpy as np
import pytest

from radloupe.core.errors import LimitError, UsageError
from radloupe.drr.view_series import series


@pytest.mark.parametrize(("name", "count", "step"), [("grid:24", 15, 24), ("grid:20", 18, 20), ("grid:22.5", 16, 22.5)])
def test_grid_covers_the_full_circle_about_both_axes(name, count, step):
    angles = np.array(series(name)).reshape(count, count, 3)
    np.testing.assert_allclose(angles[:, 0, 0], step * np.arange(count))
    np.testing.assert_allclose(angles[0, :, 1], step * np.arange(count))
    assert not angles[..., 2].any()


def test_random_views_follow_the_seed_and_keep_when_more_are_drawn():
    assert series("random:5", 7) == series("random:9", 7)[:5]
    assert series("random:5", 7) != series("random:5", 8)
    many = np.array(series("random:2000"))[:, :2]
    assert np.abs(many).max() <= 45
    assert many.std(0) == pytest.approx([26, 26], abs=1)  # 90 / sqrt(12), and a standard error of 0.3


@pytest.mark.parametrize("bad", ["grid", "grid:0", "grid:7", "grid:-24", "random:0", "random:1.5", "random:x", "ring:8", ""])
def test_unknown_series_is_a_usage_error(bad):
    with pytest.raises(UsageError, match="Expected"):
        series(bad)


@pytest.mark.parametrize("many", ["grid:1", "random:10001"])
def test_too_many_views_are_a_limit(many):
    with pytest.raises(LimitError, match="at most"):
        series(many)
