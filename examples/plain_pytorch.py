"""A Radloupe network in a plain PyTorch loop with Radloupe's losses: run `python examples/plain_pytorch.py`.

A small EDSR learns to double the resolution of a CT slice that ships with pydicom; any dataset of tensors (batch channel y x) from 0 to 1
takes its place.
"""

import torch
from pydicom.data import get_testdata_file
from torch import Tensor
from torch.nn import functional as F

import radloupe as rl
from radloupe.losses import CharbonnierLoss, FourierLoss
from radloupe.networks import create_network

SCALE, PATCH, BATCH = 2, 16, 8


def ct_slice() -> Tensor:
    """A CT slice (1 1 y x), its HU from -1000 to 1000 brought to 0..1."""
    pixels = rl.read(str(get_testdata_file("CT_small.dcm"))).pixels[:, :1]
    return ((torch.from_numpy(pixels.astype("float32")) + 1000) / 2000).clamp(0, 1)


def crops(image: Tensor, rng: torch.Generator) -> Tensor:
    """Random patches (batch 1 y x) of an image."""
    side = PATCH * SCALE
    corners = torch.randint(min(image.shape[-2:]) - side + 1, (BATCH, 2), generator=rng).tolist()
    return torch.cat([image[..., y : y + side, x : x + side] for y, x in corners])


def main(steps: int = 60) -> list[float]:
    """Train, print the loss, and return it for every step."""
    torch.manual_seed(0)
    rng = torch.Generator().manual_seed(0)
    network = create_network("edsr-baseline", SCALE, channels=1, width=16, blocks=2).train()
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    pixels, spectrum = CharbonnierLoss(epsilon=1e-3), FourierLoss(norm="ortho")
    low_value, high_value = network.spec.input_range
    image = ct_slice() * (high_value - low_value) + low_value
    values = []
    for step in range(steps):
        high = crops(image, rng)
        low = F.interpolate(high, scale_factor=1 / SCALE, mode="bicubic", antialias=True)
        sr = network(low)
        loss = pixels(sr, high) + 0.05 * spectrum(sr, high)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        values.append(loss.item())
        if step % 10 == 0:
            print(f"step {step}: loss {loss.item():.4g}")
    return values


if __name__ == "__main__":
    main()
