"""What the papers compare with: one supervised recipe and one GAN recipe, with each method's own learning rate, patch and weights.

Source: the released options of each method where they are public (`docs/networks.md` names the papers).
"""

from dataclasses import replace
from typing import Any

from radloupe.training.recipe import Aim, Data, Duel, Net, Optimiser, Phase, Rate, Recipe

HALVING = Rate(milestones=(200_000, 400_000, 600_000, 800_000))  # half, every 200,000 updates: RCAN, KAIR, LIIF, LTE
PERCEPTION = Aim("perceptual", 1.0, settings={"like": "aid"})  # VGG19 conv5_4 before its rectifier, L1: ESRGAN's, too


def supervised(
    name: str, row: str, paper: str, lr: float = 1e-4, steps: int = 1_000_000, rate: Rate = HALVING, patch: int = 48, **data: Any
) -> Recipe:
    """L1 between the enlarged and the true patch, x4."""
    phase = Phase(steps, aims=(Aim("l1"),), rate=rate, name="full")
    return Recipe(name, paper, {"generator": Net(row, 4, optimiser=Optimiser(lr=lr))}, (phase,), Data(patch=patch, **data))


def averaged(recipe: Recipe) -> Recipe:
    """The same with a running mean of the weights."""
    return replace(recipe, nets={**recipe.nets, "generator": replace(recipe.nets["generator"], average=0.999)})


def adversarial(base: Recipe, name: str, paper: str, critic: Net, *phases: Phase) -> Recipe:
    """The same network against a critic, begun with a stretch of L1 alone."""
    first = replace(base.phases[0], name="pixels")
    return replace(base, name=name, paper=paper, nets={**base.nets, "critic": critic}, phases=(first, *phases))


RGB: dict[str, Any] = {"channels": 3}
EDSR_BASELINE = supervised("edsr-baseline", "edsr-baseline", "Lim et al., CVPRW 2017", steps=300_000, **RGB, values=(0.0, 255.0))
EDSR = supervised("edsr", "edsr", "Lim et al., CVPRW 2017", steps=300_000, **RGB, values=(0.0, 255.0))
RCAN = supervised("rcan", "rcan", "Zhang et al., ECCV 2018", **RGB, values=(0.0, 255.0))
RCAN = replace(RCAN, note="Begun anew; the authors begin x4 from x2 (nets.generator.begin_from).")
SRRESNET = supervised("srresnet", "srresnet", "Ledig et al., CVPR 2017", patch=24, rate=Rate(), **RGB)
SRRESNET = replace(SRRESNET, phases=(replace(SRRESNET.phases[0], aims=(Aim("mse"),)),))
RRDB = supervised("rrdb", "rrdb", "Wang et al., ECCVW 2018", lr=2e-4, patch=32, **RGB)
ONE_SCALE = "One scale at a time; the paper draws one from 1 to 4 for every patch."
LIIF = replace(supervised("liif", "liif-edsr", "Chen et al., CVPR 2021", values=(-1.0, 1.0), **RGB), note=ONE_SCALE)
LTE = replace(supervised("lte", "lte-edsr", "Lee and Jin, CVPR 2022", values=(-1.0, 1.0), **RGB), note=ONE_SCALE)
SWINIR_RATE = Rate(milestones=(250_000, 400_000, 450_000, 475_000))
SWINIR = averaged(supervised("swinir", "swinir", "Liang et al., ICCVW 2021", 2e-4, 500_000, SWINIR_RATE, batch=32, **RGB))
SWINIR_LIGHT = averaged(supervised("swinir-light", "swinir-light", "Liang et al., ICCVW 2021", 2e-4, 500_000, SWINIR_RATE, batch=32, **RGB))
SPAN = supervised("span", "span", "Wan et al., CVPRW 2024", 5e-4, batch=64, **RGB)
SAFMN = supervised("safmn", "safmn", "Sun et al., ICCV 2023", 1e-3, 500_000, Rate(cosine=True), batch=64, **RGB)
SAFMN = replace(SAFMN, note="L1 alone, without the authors' small Fourier term.")
ARSSR_2D = supervised("arssr-2d", "arssr-2d", "Wu et al., JBHI 2023, in two dimensions", batch=15, patch=10)
ARSSR_2D = replace(
    ARSSR_2D,
    phases=(replace(ARSSR_2D.phases[0], steps=2500, unit="epochs", rate=Rate(milestones=tuple(range(200, 2500, 200)))),),
    note="One scale at a time, whole patches; the paper draws one from 2 to 4, and 8000 places of each patch.",
)
DRFSA_LIKE = supervised(
    "drfsa-like", "drfsa-like", "after the title of Wang et al., BIBM 2023; not their network", patch=32, values=(-1.0, 1.0)
)
SRMD = supervised("srmd", "srmd", "Zhang et al., CVPR 2018", patch=24, **RGB)
SRMD = replace(SRMD, phases=(replace(SRMD.phases[0], procedure="known"),))
DPSR = supervised("dpsr", "dpsr", "Zhang et al., CVPR 2019", patch=24, **RGB)
DPSR = replace(DPSR, phases=(replace(DPSR.phases[0], procedure="known"),))

SRGAN_GAN = Phase(
    100_000,
    aims=(Aim("perceptual", 6e-3, settings={"like": "srgan"}), Aim("mse", 0.0, weight_without_vgg=1.0)),
    duels=(Duel("critic", "vanilla", 1e-3),),
    name="gan",
)
SRGAN = adversarial(
    SRRESNET, "srgan", "Ledig et al., CVPR 2017", Net("srgan-discriminator"), SRGAN_GAN, replace(SRGAN_GAN, lr=0.1, name="gan, slower")
)
SOFT = Aim("l1", 1e-2, weight_without_vgg=1.0)  # alone it would leave everything to the critic
GAN = Phase(
    400_000,
    aims=(SOFT, PERCEPTION),
    duels=(Duel("critic", "relativistic", 5e-3),),
    rate=Rate(milestones=(50_000, 100_000, 200_000, 300_000)),
    name="gan",
)
ESRGAN_ADAM = Optimiser(lr=2e-4, betas=(0.9, 0.99))  # BasicSR's; half of it against the critic
ESRGAN = adversarial(
    averaged(replace(RRDB, nets={"generator": replace(RRDB.nets["generator"], optimiser=ESRGAN_ADAM)})),
    "esrgan",
    "Wang et al., ECCVW 2018",
    Net("vgg128-discriminator", optimiser=ESRGAN_ADAM),
    replace(GAN, lr=0.5),
)
ONE_GAN = replace(GAN, rate=Rate(milestones=(100_000, 200_000, 1_200_000, 2_000_000)), name="full")
PSRGAN = replace(
    supervised("psrgan", "psrgan", "Huang et al., IEEE SPL 2021, released options", patch=24, batch=32, **RGB),
    nets={"generator": Net("psrgan", 4, begin="orthogonal"), "critic": Net("vgg96-discriminator", begin="orthogonal")},
    phases=(ONE_GAN,),
)
SPSR = replace(
    supervised("spsr", "spsr", "Ma et al., CVPR 2020", patch=32, batch=30, **RGB),
    nets={
        "generator": Net("spsr", 4, begin="kaiming"),
        "critic": Net("vgg128-discriminator"),
        "gradient-critic": Net("vgg128-discriminator"),
    },
    phases=(
        replace(
            GAN,
            steps=500_000,
            procedure="gradients",
            aims=(SOFT, PERCEPTION, Aim("mse", 1e-2, ("sr_gradient", "high_gradient")), Aim("l1", 0.5, ("gradient", "high_gradient"))),
            duels=(*GAN.duels, Duel("gradient-critic", "relativistic", 5e-3, "sr_gradient", "high_gradient")),
        ),
    ),
    note="All of it from the first step; the authors begin from RRDB's weights, and with the fusion layers alone for 5,000 updates.",
)
