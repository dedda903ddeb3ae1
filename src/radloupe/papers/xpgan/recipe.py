"""XPGAN (paper 001): a patch GAN for blurred low-dose radiographs.

Source: the paper's section on training; loss weights, layer and slopes from the released notebook (register: A1-W, A1-ADV, A1-BETA, A1-LR).
"""

from dataclasses import replace

from radloupe.training.recipe import AdversarialTerm, DataConfig, LearningRateSchedule, LossTerm, NetworkConfig, Optimiser, Phase, Recipe

ADAM = Optimiser(lr=2e-4, betas=(0.5, 0.999))
LOSS_TERMS = (
    LossTerm("mse", weight_without_vgg=10.0),  # without a perceptual term the pixel loss would be less than half of the objective
    LossTerm("perceptual", 6e-3, settings={"like": "xpgan"}),
    LossTerm("total-variation", 2e-8, inputs=("sr",)),
)
PAPER = Recipe(
    "xpgan",
    "XPGAN, patch-based GAN for X-ray super-resolution, sections 3.2 and 4",
    {
        "generator": NetworkConfig("xpgan", 4, optimiser=ADAM),
        "discriminator": NetworkConfig("gap-discriminator", settings={"scores": "probabilities"}, optimiser=ADAM),
    },
    (
        Phase(
            200,
            "epochs",
            loss_terms=LOSS_TERMS,
            adversarial_terms=(AdversarialTerm("discriminator", "xpgan-log", 1e-3),),
            schedule=LearningRateSchedule(milestones=(50,), factor=0.1),
            name="full",
        ),
    ),
    DataConfig("pairs", "xpgan", batch=16, patch=64, channels=3),
    modality="XR",
    note="Adam with (0.5, 0.999): the paper's (0.9, 0.5) is read as a slip. The rate falls to a tenth at epoch 50.",
)
RELEASED = replace(
    PAPER,
    name="xpgan-released",
    networks={name: replace(net, optimiser=replace(ADAM, lr=2e-5)) for name, net in PAPER.networks.items()},
    phases=(
        replace(
            PAPER.phases[0], adversarial_terms=(AdversarialTerm("discriminator", "xpgan-linear", 1e-3),), schedule=LearningRateSchedule()
        ),
    ),
    note="The notebook's schedule divides the rate by ten from the first step on and never changes it again.",
    variant="released",
)
PROJECTIONS = replace(
    PAPER,
    name="xpgan-projections",
    note="Trained on projections of CT volumes (data set ct-projections), which the paper names as an application (section 5).",
    variant="application",
)
