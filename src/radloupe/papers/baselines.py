"""Baselines of the papers: one supervised and one GAN recipe, with each method's learning rate, patch size and weights.

Source: the released options of each method where they are public (`docs/networks.md` names the papers).
"""

from dataclasses import replace
from typing import Any

from radloupe.training.recipe import AdversarialTerm, DataConfig, LearningRateSchedule, LossTerm, NetworkConfig, Optimiser, Phase, Recipe

HALVING = LearningRateSchedule(milestones=(200_000, 400_000, 600_000, 800_000))  # half, every 200,000 updates: RCAN, KAIR, LIIF, LTE
PERCEPTION = LossTerm("perceptual", 1.0, settings={"like": "aid"})  # VGG19 conv5_4 before its ReLU, L1: as in ESRGAN


def supervised(
    name: str,
    row: str,
    paper: str,
    lr: float = 1e-4,
    steps: int = 1_000_000,
    schedule: LearningRateSchedule = HALVING,
    patch: int = 48,
    **data: Any,
) -> Recipe:
    """Supervised recipe: L1 loss at x4."""
    phase = Phase(steps, loss_terms=(LossTerm("l1"),), schedule=schedule, name="full")
    return Recipe(name, paper, {"generator": NetworkConfig(row, 4, optimiser=Optimiser(lr=lr))}, (phase,), DataConfig(patch=patch, **data))


def averaged(recipe: Recipe) -> Recipe:
    """The recipe with an exponential moving average (EMA) of the weights."""
    return replace(recipe, networks={**recipe.networks, "generator": replace(recipe.networks["generator"], ema_decay=0.999)})


def adversarial(base: Recipe, name: str, paper: str, discriminator: NetworkConfig, *phases: Phase) -> Recipe:
    """GAN recipe of a network, after a phase of L1 loss alone."""
    first = replace(base.phases[0], name="pixels")
    return replace(base, name=name, paper=paper, networks={**base.networks, "discriminator": discriminator}, phases=(first, *phases))


RGB: dict[str, Any] = {"channels": 3}
EDSR_BASELINE = supervised("edsr-baseline", "edsr-baseline", "Lim et al., CVPRW 2017", steps=300_000, **RGB, value_range=(0.0, 255.0))
EDSR = supervised("edsr", "edsr", "Lim et al., CVPRW 2017", steps=300_000, **RGB, value_range=(0.0, 255.0))
RCAN = supervised("rcan", "rcan", "Zhang et al., ECCV 2018", **RGB, value_range=(0.0, 255.0))
RCAN = replace(RCAN, note="Trained from scratch; the authors begin x4 from x2 (networks.generator.pretrained).")
SRRESNET = supervised("srresnet", "srresnet", "Ledig et al., CVPR 2017", patch=24, schedule=LearningRateSchedule(), **RGB)
SRRESNET = replace(SRRESNET, phases=(replace(SRRESNET.phases[0], loss_terms=(LossTerm("mse"),)),))
RRDB = supervised("rrdb", "rrdb", "Wang et al., ECCVW 2018", lr=2e-4, patch=32, **RGB)
ONE_SCALE = "One scale at a time; the paper draws one from 1 to 4 for every patch."
LIIF = replace(supervised("liif", "liif-edsr", "Chen et al., CVPR 2021", value_range=(-1.0, 1.0), **RGB), note=ONE_SCALE)
LTE = replace(supervised("lte", "lte-edsr", "Lee and Jin, CVPR 2022", value_range=(-1.0, 1.0), **RGB), note=ONE_SCALE)
SWINIR_RATE = LearningRateSchedule(milestones=(250_000, 400_000, 450_000, 475_000))
SWINIR = averaged(supervised("swinir", "swinir", "Liang et al., ICCVW 2021", 2e-4, 500_000, SWINIR_RATE, batch=32, **RGB))
SWINIR_LIGHT = averaged(supervised("swinir-light", "swinir-light", "Liang et al., ICCVW 2021", 2e-4, 500_000, SWINIR_RATE, batch=32, **RGB))
SPAN = supervised("span", "span", "Wan et al., CVPRW 2024", 5e-4, batch=64, **RGB)
SAFMN = supervised("safmn", "safmn", "Sun et al., ICCV 2023", 1e-3, 500_000, LearningRateSchedule(cosine=True), batch=64, **RGB)
SAFMN = replace(SAFMN, note="L1 alone, without the authors' small Fourier term.")
ARSSR_2D = supervised("arssr-2d", "arssr-2d", "Wu et al., JBHI 2023, in two dimensions", batch=15, patch=10)
ARSSR_2D = replace(
    ARSSR_2D,
    phases=(
        replace(ARSSR_2D.phases[0], steps=2500, unit="epochs", schedule=LearningRateSchedule(milestones=tuple(range(200, 2500, 200)))),
    ),
    note="One scale at a time, whole patches; the paper draws one from 2 to 4, and 8000 positions of each patch.",
)
DRFSA_LIKE = supervised(
    "drfsa-like", "drfsa-like", "after the title of Wang et al., BIBM 2023; not their network", patch=32, value_range=(-1.0, 1.0)
)
SRMD = supervised("srmd", "srmd", "Zhang et al., CVPR 2018", patch=24, **RGB)
SRMD = replace(SRMD, phases=(replace(SRMD.phases[0], procedure="non-blind"),))
DPSR = supervised("dpsr", "dpsr", "Zhang et al., CVPR 2019", patch=24, **RGB)
DPSR = replace(DPSR, phases=(replace(DPSR.phases[0], procedure="non-blind"),))

SRGAN_GAN = Phase(
    100_000,
    loss_terms=(LossTerm("perceptual", 6e-3, settings={"like": "srgan"}), LossTerm("mse", 0.0, weight_without_vgg=1.0)),
    adversarial_terms=(AdversarialTerm("discriminator", "vanilla", 1e-3),),
    name="gan",
)
SRGAN = adversarial(
    SRRESNET,
    "srgan",
    "Ledig et al., CVPR 2017",
    NetworkConfig("srgan-discriminator"),
    SRGAN_GAN,
    replace(SRGAN_GAN, lr=0.1, name="gan, slower"),
)
SOFT = LossTerm("l1", 1e-2, weight_without_vgg=1.0)  # alone it would leave all of the objective to the discriminator
GAN = Phase(
    400_000,
    loss_terms=(SOFT, PERCEPTION),
    adversarial_terms=(AdversarialTerm("discriminator", "relativistic", 5e-3),),
    schedule=LearningRateSchedule(milestones=(50_000, 100_000, 200_000, 300_000)),
    name="gan",
)
ESRGAN_ADAM = Optimiser(lr=2e-4, betas=(0.9, 0.99))  # BasicSR's; half of it against the discriminator
ESRGAN = adversarial(
    averaged(replace(RRDB, networks={"generator": replace(RRDB.networks["generator"], optimiser=ESRGAN_ADAM)})),
    "esrgan",
    "Wang et al., ECCVW 2018",
    NetworkConfig("vgg128-discriminator", optimiser=ESRGAN_ADAM),
    replace(GAN, lr=0.5),
)
ONE_GAN = replace(GAN, schedule=LearningRateSchedule(milestones=(100_000, 200_000, 1_200_000, 2_000_000)), name="full")
PSRGAN = replace(
    supervised("psrgan", "psrgan", "Huang et al., IEEE SPL 2021, released options", patch=24, batch=32, **RGB),
    networks={
        "generator": NetworkConfig("psrgan", 4, initialisation="orthogonal"),
        "discriminator": NetworkConfig("vgg96-discriminator", initialisation="orthogonal"),
    },
    phases=(ONE_GAN,),
)
SPSR = replace(
    supervised("spsr", "spsr", "Ma et al., CVPR 2020", patch=32, batch=30, **RGB),
    networks={
        "generator": NetworkConfig("spsr", 4, initialisation="kaiming"),
        "discriminator": NetworkConfig("vgg128-discriminator"),
        "gradient-discriminator": NetworkConfig("vgg128-discriminator"),
    },
    phases=(
        replace(
            GAN,
            steps=500_000,
            procedure="gradients",
            loss_terms=(
                SOFT,
                PERCEPTION,
                LossTerm("mse", 1e-2, ("sr_gradient", "high_gradient")),
                LossTerm("l1", 0.5, ("gradient", "high_gradient")),
            ),
            adversarial_terms=(
                *GAN.adversarial_terms,
                AdversarialTerm("gradient-discriminator", "relativistic", 5e-3, "sr_gradient", "high_gradient"),
            ),
        ),
    ),
    note="All of it from the first step; the authors begin from RRDB's weights, and with the fusion layers alone for 5,000 updates.",
)
