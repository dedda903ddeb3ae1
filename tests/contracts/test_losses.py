"""What every loss promises, and the sums of them."""

import warnings

import pytest
import torch

from radloupe import losses
from radloupe.core.errors import InputError, RadloupeWarning, UsageError
from radloupe.losses import GAN_LOSSES, LOSSES, functional
from radloupe.losses.modules import INPUTS, GANLossModule, LossModule
from radloupe.losses.pixel import l1, mse
from radloupe.losses.weighted import Term, first_not_finite, weighted, without

FEATURES = torch.nn.Conv2d(3, 4, 3)


@pytest.fixture(params=LOSSES)
def loss(request):
    return LOSSES[request.param]


@pytest.fixture(params=GAN_LOSSES)
def gan_loss(request):
    return GAN_LOSSES[request.param]


def batch(seed):
    return torch.rand(2, 1, 16, 18, generator=torch.Generator().manual_seed(seed)) + 0.1


def value(loss, image, truth):
    """The loss of two batches, whatever it takes."""
    if loss.takes == "image":
        return loss.value(image)
    if loss.takes == "maps":
        return loss.value([image, image[..., ::2, ::2]], [truth, truth[..., ::2, ::2]])
    return loss.value(image, truth, *([FEATURES] if loss.takes == "features" else []))


def test_a_loss_keeps_its_word_for_identical_images(loss):
    same = value(loss, batch(0), batch(0)).item()
    assert same >= 0 if loss.identical is None else same == pytest.approx(loss.identical, abs=1e-6)  # float32


def test_a_loss_is_above_that_for_others_and_one_number(loss):
    other = value(loss, batch(0), batch(1))
    assert other.shape == ()
    assert other.item() > (loss.identical or 0) + 1e-4  # the batches differ by a third on average; no loss is that blind


@pytest.mark.parametrize("truth", [0, 1], ids=["the same", "another"])
def test_gradients_are_finite_and_reach_the_image(loss, truth):
    image = batch(0).requires_grad_()
    value(loss, image, batch(truth)).backward()
    assert torch.isfinite(image.grad).all()
    assert truth == 0 or image.grad.abs().max() > 0


def test_gradients_are_finite_for_empty_images(loss):
    image = torch.zeros(2, 1, 16, 18, requires_grad=True)
    value(loss, image, torch.zeros(2, 1, 16, 18)).backward()
    assert torch.isfinite(image.grad).all()


def test_half_precision_is_computed_in_float32(loss):
    half, other = (batch(seed).bfloat16() for seed in (0, 1))
    expected = value(loss, half.float(), other.float())
    with torch.autocast("cpu", torch.bfloat16):
        found = value(loss, half, other)
    assert found.dtype == torch.float32
    assert torch.equal(found, expected)


def test_batches_of_different_shapes_are_refused(loss):
    if loss.takes == "image":
        pytest.skip("it takes one image")
    with pytest.raises(InputError, match="one shape"):
        value(loss, batch(0), batch(0)[:1])


def test_a_gan_loss_is_finite_for_scores_of_any_size(gan_loss):
    ends = torch.tensor([0.0, 1.0]) if gan_loss.scores == "probabilities" else torch.tensor([-1e4, 1e4])
    fake, real = ends.clone().requires_grad_(), ends.flip(0).requires_grad_()
    (gan_loss.generator(fake, real) + gan_loss.discriminator(fake, real)).backward()
    assert torch.isfinite(fake.grad).all()
    assert torch.isfinite(real.grad).all()


def test_both_sides_of_a_gan_loss_pull_apart(gan_loss):
    fake, real = torch.full((4,), 0.4, requires_grad=True), torch.full((4,), 0.6, requires_grad=True)
    (up,) = torch.autograd.grad(gan_loss.generator(fake, real), fake)
    down, rises = torch.autograd.grad(gan_loss.discriminator(fake, real), (fake, real))
    assert (up < 0).all(), "the generator wants fake images to score higher"
    assert (down > 0).all(), "the discriminator wants them lower"
    assert (rises < 0).all(), "and real ones higher"


def test_a_gan_loss_takes_half_precision(gan_loss):
    scores = torch.tensor([0.25, 0.5], dtype=torch.bfloat16)
    assert gan_loss.generator(scores, scores).dtype == gan_loss.discriminator(scores, scores).dtype == torch.float32


@pytest.mark.parametrize("row", LOSSES)
def test_every_loss_is_a_module_and_a_function(row):
    (module,) = (kind for kind in modules_of(LossModule) if kind.function is LOSSES[row].value)
    assert LOSSES[row].value in vars(functional).values()
    built = module(FEATURES) if LOSSES[row].takes == "features" else module()
    inputs = ([batch(0)], [batch(1)]) if LOSSES[row].takes == "maps" else (batch(0), batch(1))[: INPUTS[LOSSES[row].takes]]
    assert torch.equal(built(*inputs), LOSSES[row].value(*inputs, **built.settings))
    assert module.__doc__ == LOSSES[row].value.__doc__


@pytest.mark.parametrize("row", GAN_LOSSES)
def test_every_gan_loss_is_a_module(row):
    (module,) = (kind for kind in modules_of(GANLossModule) if kind.sides is GAN_LOSSES[row])
    fake, real = torch.tensor([0.25, 0.5]), torch.tensor([0.75, 1.0])
    assert torch.equal(module()(fake, real), GAN_LOSSES[row].generator(fake, real))
    assert torch.equal(module().discriminator(fake, real), GAN_LOSSES[row].discriminator(fake, real))


def modules_of(base):
    """The public classes of a kind."""
    found = (getattr(losses, name) for name in losses.__all__)
    return [one for one in found if isinstance(one, type) and issubclass(one, base)]


def test_a_module_keeps_its_settings_and_refuses_others():
    image, truth = batch(0), batch(1)
    loss = losses.CharbonnierLoss(epsilon=0.5)
    assert torch.equal(loss(image, truth), functional.charbonnier_loss(image, truth, epsilon=0.5))
    assert repr(loss) == "CharbonnierLoss(epsilon=0.5)"
    with pytest.raises(UsageError, match="Did you mean 'epsilon'"):
        losses.CharbonnierLoss(epsilom=0.5)
    with pytest.raises(UsageError, match="features"):
        losses.PerceptualLoss()
    assert list(losses.PerceptualLoss(FEATURES).parameters())  # a frozen network moves with the module that uses it


ONE, THREE = torch.ones(1, 1, 2, 2), torch.full((1, 1, 2, 2), 3.0)


def test_a_sum_keeps_the_names_and_values_of_its_parts():
    total, parts = weighted([Term("l1", 2.0, l1), Term("mse", 0.5, mse), Term("off", 0.0, mse)], THREE, ONE)
    assert total.item() == 2 * 2 + 0.5 * 4
    assert {name: part.item() for name, part in parts.items()} == {"l1": 2, "mse": 4}


def test_a_sum_is_differentiated_through_its_total_only():
    image = THREE.clone().requires_grad_()
    total, parts = weighted([Term("l1", 2.0, l1)], image, ONE)
    assert total.requires_grad
    assert not parts["l1"].requires_grad


def test_the_first_not_finite_part_is_named():
    good, bad = torch.tensor(1.0), torch.tensor(float("nan"))
    assert first_not_finite({"a": good, "b": bad, "c": good / 0}) == "b"
    assert first_not_finite({"a": good}) is None


@pytest.mark.parametrize("terms", [[], [Term("l1", 0.0, l1)], [Term("l1", 1.0, l1)] * 2], ids=["none", "weightless", "twins"])
def test_sums_without_a_meaning_are_refused(terms):
    with pytest.raises(UsageError, match="Expected terms"):
        weighted(terms, ONE, ONE)


def test_missing_weights_turn_a_term_off_with_one_warning():
    terms = (Term("pixel", 1e-5, l1), Term("perceptual", 1.0, mse))
    with pytest.warns(RadloupeWarning, match="without perceptual.*pixel weighs 1, not 1e-05") as said:
        left = without(terms, {"perceptual"}, {"pixel": 1.0})
    assert len(said) == 1
    assert [(term.name, term.weight) for term in left] == [("pixel", 1.0)]


def test_there_is_no_warning_where_nothing_is_missing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert without((Term("pixel", 1.0, l1),), ()) == (Term("pixel", 1.0, l1),)


def test_an_unknown_term_is_not_turned_off_in_silence():
    with pytest.raises(UsageError, match="pixel"):
        without((Term("pixel", 1.0, l1),), {"perceptual"})
