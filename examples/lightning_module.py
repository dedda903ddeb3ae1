"""A Radloupe network as a `LightningModule` with an adversarial loss: `python examples/lightning_module.py` (`pip install lightning`)."""

import lightning
import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from radloupe.losses import L1Loss, VanillaGANLoss
from radloupe.networks import create_network
from radloupe.networks.registry import PARTS

Pair = tuple[Tensor, Tensor]


class SuperResolution(lightning.LightningModule):
    """SRGAN in small: L1 and an adversarial loss for the generator, a discriminator beside it."""

    def __init__(self, scale: int = 2, weight: float = 1e-3) -> None:
        super().__init__()
        self.automatic_optimization = False  # two optimisers take turns
        self.generator = create_network("srresnet", scale, channels=1, width=16, blocks=1)
        self.discriminator = PARTS["patchgan"](channels=1, layers=1, width=8)
        self.pixels, self.gan, self.weight = L1Loss(), VanillaGANLoss(), weight

    def training_step(self, batch: Pair, index: int) -> None:
        """One update of the discriminator and one of the generator."""
        low, high = batch
        first, second = self.optimizers()
        sr = self.generator(low)
        critique = self.gan.discriminator(self.discriminator(sr.detach()), self.discriminator(high))
        first.zero_grad()
        self.manual_backward(critique)
        first.step()
        loss = self.pixels(sr, high) + self.weight * self.gan(self.discriminator(sr), self.discriminator(high).detach())
        second.zero_grad()
        self.manual_backward(loss)
        second.step()
        self.log_dict({"loss": loss, "discriminator": critique})

    def configure_optimizers(self) -> tuple[torch.optim.Optimizer, torch.optim.Optimizer]:
        """Adam for both."""
        return torch.optim.Adam(self.discriminator.parameters(), 1e-4), torch.optim.Adam(self.generator.parameters(), 1e-3)


def main(steps: int = 20) -> float:
    """Train on random blocks and return the last loss."""
    torch.manual_seed(0)
    high = torch.rand(16, 1, 8, 8).repeat_interleave(4, -1).repeat_interleave(4, -2)
    data = DataLoader(TensorDataset(torch.nn.functional.avg_pool2d(high, 2), high), batch_size=8)
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "enable_model_summary": False}
    trainer = lightning.Trainer(accelerator="cpu", max_steps=2 * steps, **quiet)  # Lightning counts the steps of both optimisers
    trainer.fit(SuperResolution(), data)
    return float(trainer.callback_metrics["loss"])


if __name__ == "__main__":
    print(main())
