"""The mixture of degradations of the robust models: its shares, its noise, and what is never in it."""

import numpy as np
import pytest

from radloupe.core.errors import UsageError
from radloupe.degradation import JPEG, CorrelatedNoise, GaussianNoise, KSpaceCrop, PoissonNoise, Resize, Rician, run, sample

DRAWS = 400
SHAPE = (64, 48)


def chains(name, **settings):
    return [sample(name, SHAPE, 4, seed, settings) for seed in range(DRAWS)]


def share(found):
    return sum(found) / DRAWS


# of 400 draws a share has a standard deviation of at most 0.025: every tolerance below is three of them
THREE = 0.075


@pytest.mark.parametrize("name", ["mixed", "mixed-mri"])
def test_two_in_five_are_clean(name):
    alone = [len(chain) == 1 and (isinstance(chain[0], KSpaceCrop) or chain[0] == Resize(16, 12, "bicubic")) for chain in chains(name)]
    # beside the clean 0.4, a degraded image may by chance get sharp reduction and neither noise nor JPEG
    expected = {"mixed": 0.4 + 0.6 * 0.35 * 0.35 * 0.65, "mixed-mri": 0.4 + 0.6 * (0.5 + 0.5 * 0.35) * 0.35 * 0.65}[name]
    assert share(alone) == pytest.approx(expected, abs=THREE)


def test_mr_comes_from_kspace_half_of_the_time_and_the_rest_never():
    assert share(isinstance(chain[0], KSpaceCrop) for chain in chains("mixed-mri")) == pytest.approx(0.5, abs=THREE)
    assert not any(isinstance(chain[0], KSpaceCrop) for chain in chains("mixed"))


def test_the_noise_of_mr_is_rician():
    kinds = {type(step) for chain in chains("mixed-mri") for step in chain}
    assert Rician in kinds
    assert not kinds & {GaussianNoise, PoissonNoise, CorrelatedNoise}


def test_every_image_has_the_low_size():
    high = np.full(SHAPE, 100.0)
    assert {run(chain, high).shape for chain in chains("mixed")[:60]} == {(16, 12)}


def test_clean_is_all_there_is_where_it_is_asked_for():
    assert all(chain == [Resize(16, 12, "bicubic")] for chain in chains("mixed", clean=1.0))


def test_ranges_are_kept():
    steps = [step for chain in chains("mixed", clean=0.0, noise=(1.0, 2.0), jpeg=(70, 80)) for step in chain]
    assert all(1 <= step.sigma <= 2 for step in steps if isinstance(step, GaussianNoise | CorrelatedNoise))
    assert all(70 <= step.quality <= 80 for step in steps if isinstance(step, JPEG))


def test_photon_noise_has_its_standard_deviation_at_mid_grey():
    photons = next(step for chain in chains("mixed", noise=(3.0, 3.0)) for step in chain if isinstance(step, PoissonNoise))
    # 65,536 numbers: their standard deviation is known to 0.3 %, counting in whole photons adds a little
    assert np.std(photons(np.full((256, 256), 128.0))) == pytest.approx(3.0, rel=0.03)


def test_correlated_noise_keeps_its_variance_and_is_correlated():
    noise = CorrelatedNoise(sigma=5.0, width=1.0, seed=3)(np.zeros((256, 256)))
    assert np.std(noise) == pytest.approx(5.0, rel=0.03)  # about 5,000 independent values
    neighbours = np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1]
    assert neighbours == pytest.approx(np.exp(-1 / 4), abs=0.05)  # a Gaussian of width w correlates by exp(-d^2 / 4 w^2)


def test_a_share_above_one_is_refused():
    with pytest.raises(UsageError, match="clean"):
        sample("mixed", SHAPE, 4, settings={"clean": 1.5})
