"""Clinical CT to micro-CT (paper 003): a modified CycleGAN makes pairs, an SRGAN learns from them; and SR-CycleGAN beside it.

Source: the paper's equations and section on training (200 epochs, batch 64, weights 0.5, 0.4 and 0.001); CycleGAN's own figures where it
says nothing (register: A3-C, A3-SSIM, A3-G, A3-OPT); the released options of zhuofeng/SR-cycleGAN for the baseline.
"""

from dataclasses import replace

from radloupe.training.recipe import Aim, Data, Duel, Net, Optimiser, Phase, Rate, Recipe

CYCLE, IDENTITY = 10.0, 5.0  # Zhu et al., ICCV 2017, released code: identity weighs half of cycle
ADAM = Optimiser(lr=2e-4, betas=(0.5, 0.999))
HALVES = Rate(linear_from=100)  # 100 epochs constant, 100 down to zero
PATCHGAN = Net("patchgan", settings={"channels": 1, "layers": 3}, optimiser=ADAM, begin="normal")
TRANSLATION = Phase(
    200,
    "epochs",
    "translation",
    trains=("translator", "backward"),
    aims=(
        Aim("cycle", CYCLE, ("back_fine", "fine")),
        Aim("cycle", CYCLE, ("back_clinical", "clinical")),
        Aim("identity", IDENTITY, ("same_clinical", "clinical")),
        Aim("identity", IDENTITY, ("same_fine", "fine")),
        Aim("ssim", 0.5, ("made_clinical", "fine")),
        Aim("ssim", 0.4, ("made_fine", "clinical")),
    ),
    duels=(
        Duel("clinical-critic", "least-squares", 1.0, "made_clinical", "clinical", pool=50),
        Duel("fine-critic", "least-squares", 1.0, "made_fine", "fine", pool=50),
    ),
    rate=HALVES,
    name="translation",
)
TWO_STAGES = Recipe(
    "ct-uct",
    "Unsupervised super-resolution of clinical CT to micro-CT (arXiv 2010.10207), sections 2 and 3",
    {
        "translator": Net("cyclegan-9", 1, {"channels": 1}, ADAM),
        "backward": Net("cyclegan-9", 1, {"channels": 1}, ADAM),
        "clinical-critic": PATCHGAN,
        "fine-critic": PATCHGAN,
        "generator": Net("ct-uct", 8),
        "critic": Net("gap-discriminator", settings={"channels": 1}),
    },
    (
        TRANSLATION,
        Phase(200, "epochs", "translated", aims=(Aim("mse"),), duels=(Duel("critic", "vanilla", 1e-3),), name="super-resolution"),
    ),
    Data("unpaired", "pyramid", batch=64, patch=32, values=(-1.0, 1.0)),
    modality="CT",
    note="SSIM constants 0.02 and 0.06 as printed; second stage with Adam at 1e-4.",
)
SLOW = replace(ADAM, lr=1e-5)
SR_CYCLEGAN = replace(
    TWO_STAGES,
    name="sr-cyclegan",
    paper="zhuofeng/SR-cycleGAN, released options for x8; the baseline of arXiv 2010.10207",
    nets={
        "generator": Net("sr-cyclegan", 8, optimiser=SLOW),
        "backward": Net("sr-cyclegan-down", optimiser=SLOW),
        "clinical-critic": replace(PATCHGAN, optimiser=SLOW),
        "high-critic": replace(PATCHGAN, optimiser=SLOW),
    },
    phases=(
        Phase(
            200,
            "epochs",
            "scaling",
            trains=("generator", "backward"),
            aims=(
                Aim("cycle", 1.0, ("back_clinical", "clinical")),
                Aim("cycle", 1.0, ("back_high", "high")),
                Aim("identity", 0.2, ("same_high", "high")),
                Aim("identity", 0.02, ("same_clinical", "clinical")),
                Aim("l1", 1.0, ("pooled", "clinical")),
                Aim("l1", 1.0, ("repeated", "high")),
                Aim("ssim", 1.0, ("pooled", "clinical"), {"constants": "released"}),
                Aim("ssim", 1.0, ("repeated", "high"), {"constants": "released"}),
            ),
            duels=(
                Duel("clinical-critic", "least-squares", 1.0, "made_clinical", "clinical", pool=50),
                Duel("high-critic", "least-squares", 1.0, "made_high", "high", pool=50),
            ),
            rate=HALVES,
            name="full",
        ),
    ),
    data=replace(TWO_STAGES.data, batch=4),
    note="The identity terms bring an image to its size before the network, not after it: a sixty-fourth of the work.",
    variant="released",
)
