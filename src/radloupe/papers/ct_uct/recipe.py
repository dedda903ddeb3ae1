"""Clinical CT to micro-CT (paper 003): a modified CycleGAN synthesises pairs for an SRGAN; SR-CycleGAN is the baseline.

Source: the paper's equations and section on training (200 epochs, batch 64, weights 0.5, 0.4 and 0.001); CycleGAN's own values where it
says nothing (register: A3-C, A3-SSIM, A3-G, A3-OPT); the released options of zhuofeng/SR-cycleGAN for the baseline.
"""

from dataclasses import replace

from radloupe.training.recipe import AdversarialTerm, DataConfig, LearningRateSchedule, LossTerm, NetworkConfig, Optimiser, Phase, Recipe

CYCLE, IDENTITY = 10.0, 5.0  # Zhu et al., ICCV 2017, released code: identity weighs half of cycle
ADAM = Optimiser(lr=2e-4, betas=(0.5, 0.999))
HALVES = LearningRateSchedule(linear_from=100)  # 100 epochs constant, 100 down to zero
PATCHGAN = NetworkConfig("patchgan", settings={"channels": 1, "layers": 3}, optimiser=ADAM, initialisation="normal")
TRANSLATION = Phase(
    200,
    "epochs",
    "translation",
    trains=("translator", "backward"),
    loss_terms=(
        LossTerm("cycle", CYCLE, ("reconstructed_fine", "fine")),
        LossTerm("cycle", CYCLE, ("reconstructed_clinical", "clinical")),
        LossTerm("identity", IDENTITY, ("identity_clinical", "clinical")),
        LossTerm("identity", IDENTITY, ("identity_fine", "fine")),
        LossTerm("ssim", 0.5, ("fake_clinical", "fine")),
        LossTerm("ssim", 0.4, ("fake_fine", "clinical")),
    ),
    adversarial_terms=(
        AdversarialTerm("clinical-discriminator", "least-squares", 1.0, "fake_clinical", "clinical", image_pool=50),
        AdversarialTerm("fine-discriminator", "least-squares", 1.0, "fake_fine", "fine", image_pool=50),
    ),
    schedule=HALVES,
    name="translation",
)
TWO_STAGES = Recipe(
    "ct-uct",
    "Unsupervised super-resolution of clinical CT to micro-CT (arXiv 2010.10207), sections 2 and 3",
    {
        "translator": NetworkConfig("cyclegan-9", 1, {"channels": 1}, ADAM),
        "backward": NetworkConfig("cyclegan-9", 1, {"channels": 1}, ADAM),
        "clinical-discriminator": PATCHGAN,
        "fine-discriminator": PATCHGAN,
        "generator": NetworkConfig("ct-uct", 8),
        "discriminator": NetworkConfig("gap-discriminator", settings={"channels": 1}),
    },
    (
        TRANSLATION,
        Phase(
            200,
            "epochs",
            "translated",
            loss_terms=(LossTerm("mse"),),
            adversarial_terms=(AdversarialTerm("discriminator", "vanilla", 1e-3),),
            name="super-resolution",
        ),
    ),
    DataConfig("unpaired", "pyramid", batch=64, patch=32, value_range=(-1.0, 1.0)),
    modality="CT",
    note="SSIM constants 0.02 and 0.06 as printed; second stage with Adam at 1e-4.",
)
SLOW = replace(ADAM, lr=1e-5)
SR_CYCLEGAN = replace(
    TWO_STAGES,
    name="sr-cyclegan",
    paper="zhuofeng/SR-cycleGAN, released options for x8; the baseline of arXiv 2010.10207",
    networks={
        "generator": NetworkConfig("sr-cyclegan", 8, optimiser=SLOW),
        "backward": NetworkConfig("sr-cyclegan-down", optimiser=SLOW),
        "clinical-discriminator": replace(PATCHGAN, optimiser=SLOW),
        "high-discriminator": replace(PATCHGAN, optimiser=SLOW),
    },
    phases=(
        Phase(
            200,
            "epochs",
            "scaling",
            trains=("generator", "backward"),
            loss_terms=(
                LossTerm("cycle", 1.0, ("reconstructed_clinical", "clinical")),
                LossTerm("cycle", 1.0, ("reconstructed_high", "high")),
                LossTerm("identity", 0.2, ("identity_high", "high")),
                LossTerm("identity", 0.02, ("identity_clinical", "clinical")),
                LossTerm("l1", 1.0, ("pooled", "clinical")),
                LossTerm("l1", 1.0, ("repeated", "high")),
                LossTerm("ssim", 1.0, ("pooled", "clinical"), {"constants": "released"}),
                LossTerm("ssim", 1.0, ("repeated", "high"), {"constants": "released"}),
            ),
            adversarial_terms=(
                AdversarialTerm("clinical-discriminator", "least-squares", 1.0, "fake_clinical", "clinical", image_pool=50),
                AdversarialTerm("high-discriminator", "least-squares", 1.0, "fake_high", "high", image_pool=50),
            ),
            schedule=HALVES,
            name="full",
        ),
    ),
    data=replace(TWO_STAGES.data, batch=4),
    note="The identity terms bring an image to its size before the network, not after it: a sixty-fourth of the work.",
    variant="released",
)
