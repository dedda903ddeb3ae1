"""AID-SRGAN (paper 004): denoise, super-resolve, then both together, against a relativistic discriminator.

Source: the paper's sections 2 and 3; weights of the discriminator and of VGG and the milestones from the released options (register:
A4-LOSS, A4-LR, A4-NRCA, A4-D). Lengths of the separate phases are not given: they end at the first milestones.
"""

from dataclasses import replace

from radloupe.papers.baselines import DPSR, SRMD
from radloupe.training.recipe import AdversarialTerm, DataConfig, LearningRateSchedule, LossTerm, NetworkConfig, Optimiser, Phase, Recipe

SMALL_WEIGHT = 1e-5  # alpha and beta of the paper's table 2d, beside a perceptual weight of 1
PATCH = 96  # high pixels; the discriminator takes no other size
PERCEPTION = LossTerm("perceptual", 1.0, settings={"like": "aid"})


def pixels(weight: float, image: str = "sr", truth: str = "high") -> tuple[LossTerm, ...]:
    """L1 and 1 - SSIM of a pair of images, each of a weight, or of 1 where there are no VGG weights."""
    inputs = (image, truth)
    return (
        LossTerm("l1", weight, inputs, weight_without_vgg=1.0),
        LossTerm("ssim", weight, inputs, {"constants": "released"}, weight_without_vgg=1.0),
    )


ADVERSARIAL = AdversarialTerm("discriminator", "relativistic", 5e-3)
DENOISE = Phase(100_000, loss_terms=pixels(1.0, "denoised", "clean")[:1], name="denoise")
"""By L1 alone: the denoised image is a residual, which starts as the negative of the low image; its SSIM with the truth is 1 as well.
With both terms the path from there to the truth passes an SSIM of 0, and training did not leave its starting point."""
ENLARGE = Phase(
    100_000,
    settings={"image": "clean", "clean": True},
    loss_terms=(*pixels(SMALL_WEIGHT), PERCEPTION),
    adversarial_terms=(ADVERSARIAL,),
    name="super-resolution",
)
JOINT = Phase(
    200_000,
    loss_terms=(*pixels(SMALL_WEIGHT), *pixels(SMALL_WEIGHT, "denoised", "clean"), PERCEPTION),
    adversarial_terms=(ADVERSARIAL,),
    schedule=LearningRateSchedule(milestones=(100_000,)),
    lr=0.1,
    name="joint",
)
PAPER = Recipe(
    "aid-srgan",
    "AID-SRGAN, MICCAI 2022, sections 2 and 3",
    {
        "generator": NetworkConfig("aid-srgan", 4, optimiser=Optimiser(lr=1e-4), initialisation="orthogonal"),
        "discriminator": NetworkConfig("vgg96-discriminator", optimiser=Optimiser(lr=1e-4), initialisation="orthogonal"),
    },
    (DENOISE, ENLARGE, JOINT),
    DataConfig("triplets", "aid-paper", batch=32, patch=PATCH // 4, channels=3),
    modality="XR",
    note="L1 alone to denoise, then L1 and 1 - SSIM together with the perceptual term; 1e-4 in the separate phases, 1e-5 in the joint one.",
)


def ablation(name: str, phases: tuple[Phase, ...] = PAPER.phases, row: str = "aid-srgan", **settings: object) -> Recipe:
    """The paper's recipe with other phases, or with another generator."""
    generator = replace(PAPER.networks["generator"], architecture=row, settings=settings)
    return replace(PAPER, name=f"aid-srgan-{name}", networks={**PAPER.networks, "generator": generator}, phases=phases, variant="ablation")


PLUS = replace(
    PAPER,
    name="aid-srgan-plus",
    networks={**PAPER.networks, "generator": replace(PAPER.networks["generator"], architecture="aid-srgan-plus")},
)
RELEASED = replace(
    PAPER,
    name="aid-srgan-released",
    phases=(
        Phase(
            400_000,
            loss_terms=(pixels(SMALL_WEIGHT)[0], pixels(SMALL_WEIGHT, "denoised", "clean")[0], PERCEPTION),
            adversarial_terms=(ADVERSARIAL,),
            schedule=LearningRateSchedule(milestones=(100_000, 200_000, 1_200_000, 2_000_000)),
            name="joint",
        ),
    ),
    data=replace(PAPER.data, degradation="aid-released"),
    variant="released",
    note="L1 alone; the released SSIM term has the wrong sign and is left out.",
)
DIRECT = ablation("direct", (replace(JOINT, loss_terms=(*pixels(SMALL_WEIGHT), PERCEPTION)),), "psrgan")
SEPARATE = ablation("separate", (DENOISE, ENLARGE), head="dncnn", cascade="image", base=1.0)
"""As in table 2b: PSRGAN on the degraded images, and PSRGAN after DnCNN, which predicts the residual to subtract from the low image."""
DNCNN, ATTENTION = ablation("dncnn", (JOINT,), head="dncnn"), ablation("attention", (JOINT,))
DROPOUT_5, DROPOUT_1 = ablation("dropout-5", (JOINT,), dropout=0.5), ablation("dropout-1", (JOINT,), dropout=0.1)
NO_SR = (*pixels(0.0), *pixels(SMALL_WEIGHT, "denoised", "clean"), PERCEPTION)
NO_DENOISED = (*pixels(SMALL_WEIGHT), PERCEPTION)
DENOISED = ablation("denoising-pretrained", (DENOISE, replace(JOINT, loss_terms=NO_SR)))
ENLARGED = ablation("sr-pretrained", (ENLARGE, replace(JOINT, loss_terms=NO_DENOISED)))
"""Tables 2c and 2d go from one to the next: a head and both trained at once, dropout, then what each separate training brings. The two
rows of pretraining have one of the pixel weights at zero: beta, of the enlarged image, or alpha, of the denoised one. Without VGG
weights the enlarged image's pixel terms replace the perceptual one."""
SRMD_BLIND, DPSR_BLIND = (
    replace(base, name=f"{base.name}-blind", phases=(replace(base.phases[0], settings={"low": "low"}),), variant="ablation")
    for base in (SRMD, DPSR)
)
"""Non-blind networks trained on unknown degradations, conditioned on no blur and no noise in training and test."""
