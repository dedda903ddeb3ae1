"""Fourier loss."""

import torch

from radloupe.losses.loss import Batch, Loss, Value, chosen, in_float32

NORMS = {name: name for name in ("backward", "ortho", "forward")}


@in_float32
def frequency(image: Batch, truth: Batch, norm: str = "backward", per: str = "bins") -> Value:
    """Fourier loss: mean modulus of the difference of the images' real-to-complex transforms (TTSR-FD, equation 3).

    `norm` is that of `torch.fft.rfft2`; `backward` does not divide. `per="bins"` averages over the bins that a real transform keeps, as
    PyTorch's L1 loss does; `per="chw"` divides their sum by the number of pixels, as the equation is printed. The transform is linear, so
    the difference is transformed once. Raises `UsageError` for other settings.

    >>> import torch
    >>> from radloupe.losses.frequency import frequency
    >>> image = torch.ones(1, 1, 8, 8)
    >>> round(frequency(image, torch.zeros_like(image), norm="ortho").item(), 3)  # one of 8 x 5 bins holds 8
    0.2
    """
    moduli = torch.fft.rfft2(image - truth, norm=chosen("norm", norm, NORMS)).abs()
    return moduli.sum() / chosen("average per", per, {"bins": moduli.numel(), "chw": image.numel()})


FREQUENCY = Loss(frequency)
