"""Gradients of the PyTorch projector, for registration and reconstruction."""

import numpy as np
import pytest
import torch

from radloupe.drr.engines import joseph_sums
from radloupe.drr.engines.torch_joseph import project_batch
from radloupe.imaging.camera import CArm

VIEW = CArm(size=(4, 5), pixel=3.0, sdd=100, sid=50).view((25, -15, 5))
PARALLEL = CArm(size=(4, 5), pixel=1.5).view((25, -15, 5))


def values(dtype=torch.float64):
    """Smooth random voxels, so that finite differences mean something."""
    rough = torch.from_numpy(np.random.default_rng(3).random((6, 7, 8)))
    return rough.to(dtype).requires_grad_()


def to_lps():
    turn, _ = np.linalg.qr(np.random.default_rng(4).normal(size=(3, 3)))
    affine = np.eye(4)
    affine[:3, :3] = turn * [1.1, 0.9, 1.3]
    affine[:3, 3] = -affine[:3, :3] @ [3.5, 3, 2.5]
    return torch.from_numpy(affine)


def pose(*views):
    """Source (or direction), origin, u and v of views as leaves that want gradients."""
    rows = [[view.direction if view.source is None else view.source, view.origin, view.u, view.v] for view in views]
    return [torch.tensor(np.array(part), requires_grad=True) for part in zip(*rows, strict=True)]


@pytest.mark.parametrize("samples", [2**17, 16])  # all rays at once; two rays at a time
def test_gradients_match_finite_differences(samples, monkeypatch):
    monkeypatch.setitem(joseph_sums.SAMPLES, "cpu", samples)
    # float64 and steps of 1e-6: differences are good to 1e-8, unless a ray's crossing passes a voxel's centre within the step.
    assert torch.autograd.gradcheck(
        lambda v, a, *p: project_batch(v, a, *p, VIEW.shape), (values(), to_lps().requires_grad_(), *pose(VIEW))
    )


def test_gradients_of_a_parallel_beam():
    def lengths(v, direction, *place):
        return project_batch(v, to_lps(), None, *place, PARALLEL.shape, direction)

    assert torch.autograd.gradcheck(lengths, (values(), *pose(PARALLEL)))


def test_volume_gradient_is_the_transpose():
    v = values()
    images = project_batch(v, to_lps(), *pose(VIEW), VIEW.shape)
    weights = torch.rand(images.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    (back,) = torch.autograd.grad((images * weights).sum(), v)
    assert torch.isclose((back * v).sum(), (images * weights).sum(), rtol=1e-12)  # <Ax, y> = <x, A'y> but for float64 rounding


def test_a_batch_is_its_views():
    views = [CArm(size=(4, 5), pixel=3.0, sdd=100, sid=50).view((angle, 5, 0)) for angle in (0, 40, 80, 170)]
    together = project_batch(values(), to_lps(), *pose(*views), (4, 5))
    alone = [project_batch(values(), to_lps(), *pose(view), (4, 5))[0] for view in views]
    assert torch.allclose(together, torch.stack(alone), rtol=0, atol=1e-12)  # float64 rounding


def test_portions_do_not_change_the_image(monkeypatch):
    whole = project_batch(values(), to_lps(), *pose(VIEW), VIEW.shape)
    monkeypatch.setitem(joseph_sums.SAMPLES, "cpu", 1)  # a ray at a time
    assert torch.equal(project_batch(values(), to_lps(), *pose(VIEW), VIEW.shape), whole)


def test_a_pose_is_found_again():
    """Registration in small: a gradient's descent moves a shifted detector and source back."""
    z, y, x = torch.meshgrid(*(torch.arange(24, dtype=torch.float64) - 11.5,) * 3, indexing="ij")
    blob = torch.exp(-(x**2 + (y - 2) ** 2 + (z + 1) ** 2) / 40)
    affine = torch.eye(4, dtype=torch.float64)
    affine[:3, 3] = -11.5
    view = CArm(size=(16, 16), pixel=3.0, sdd=200, sid=100).view((10, 20, 0))
    source, origin, u, v = (part.detach() for part in pose(view))
    goal = project_batch(blob, affine, source, origin, u, v, view.shape)
    shift = torch.tensor([[3.0, -2.0, 1.5]], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([shift], max_iter=40, line_search_fn="strong_wolfe")

    def mismatch():
        optimiser.zero_grad()
        loss = (project_batch(blob, affine, source + shift, origin + shift, u, v, view.shape) - goal).square().mean()
        loss.backward()
        return loss

    optimiser.step(mismatch)
    assert shift.norm() < 0.03  # a hundredth of a pixel, from one 4 mm away
