"""Image pool: a history of fake images for the discriminator (Shrivastava et al., CVPR 2017; CycleGAN)."""

import numpy as np
import torch
from torch import Tensor


def from_pool(pools: dict[str, Tensor], name: str, images: Tensor, size: int, rng: np.random.Generator) -> Tensor:
    """The fakes that a discriminator sees for a batch of new ones; updates the pool `name`.

    Until the pool holds `size` images, new ones are stored and returned. Then each new image is returned with probability one half, and
    otherwise replaces a stored one, which is returned instead.
    """
    kept = list(pools[name].to(images.device)) if name in pools else []
    out = []
    for image in images:
        if len(kept) < size:
            kept.append(image)
            out.append(image)
        elif rng.random() < 0.5:
            index = int(rng.integers(size))
            out.append(kept[index])
            kept[index] = image
        else:
            out.append(image)
    pools[name] = torch.stack(kept)
    return torch.stack(out)
