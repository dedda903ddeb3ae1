"""TTSR-FD (paper 000): texture transfer from a reference, a Wasserstein critic, and a Fourier loss.

Source: the paper's section on training, and TTSR's released options where it says nothing (batch 4, 100 epochs, weights 1, 1e-2, 1e-2,
1e-3 and 1e-2, Adam at 1e-4 and 1e-5 for the extractor, two epochs of reconstruction alone).
"""

from dataclasses import replace

from radloupe.training.recipe import AdversarialTerm, DataConfig, LossTerm, NetworkConfig, Optimiser, Phase, Recipe

PAPER = "TTSR-FD, reference-based super-resolution of X-rays with a frequency-domain loss, sections 3 and 4"
RECONSTRUCTION = LossTerm("l1")
FREQUENCY = LossTerm("frequency", 1e-2)
PERCEPTION = LossTerm("perceptual", 1e-2, settings={"like": "ttsr"})
TEXTURE = LossTerm("texture", 1e-2, inputs=("levels", "textures"))
WARM_UP = Phase(2, "epochs", "reference", {"related": 1.0}, loss_terms=(RECONSTRUCTION,), name="warm-up")
FULL = Phase(
    50,
    "epochs",
    "reference",
    {"related": 0.5},
    loss_terms=(RECONSTRUCTION, FREQUENCY, PERCEPTION, TEXTURE),
    adversarial_terms=(AdversarialTerm("critic", "wasserstein", 1e-3, updates=2, gradient_penalty=10.0),),
    name="full",
)
RELATED = replace(FULL, settings={"related": 1.0}, name="related")
"""The first half of the paper's 100 epochs: with references that resemble the image, before half of them are those of the data set."""
TTSR_FD = Recipe(
    "ttsr-fd",
    PAPER,
    {
        "generator": NetworkConfig("ttsr", 4, optimiser=Optimiser(lr=1e-4, lr_multipliers={"extractor": 0.1}), initialisation="vgg19"),
        "critic": NetworkConfig("ttsr-critic", optimiser=Optimiser(lr=1e-4, betas=(0.0, 0.9))),
    },
    (WARM_UP, RELATED, FULL),
    DataConfig("reference", batch=4, patch=40, value_range=(-1.0, 1.0), channels=3),
    modality="XR",
    note="Both perceptual terms weigh 1e-2 each; the transform is not normalised (register: A0-FFT, A0-WARM). References that resemble "
    "the image come first, as in TTSR's training data.",
)


def without_frequency(name: str, weight: float) -> Recipe:
    """The recipe without the Fourier term, with the weight of the reconstruction term."""
    terms = (replace(RECONSTRUCTION, weight=weight), PERCEPTION, TEXTURE)
    phases = (WARM_UP, *(replace(phase, loss_terms=terms) for phase in (RELATED, FULL)))
    return replace(TTSR_FD, name=name, phases=phases, variant="ablation")


TTSR = without_frequency("ttsr", 1.0)
TTSR_REC101 = without_frequency("ttsr-rec101", 1.01)
TTSR_REC280 = without_frequency("ttsr-rec280", 2.8)
"""A control of ours: on patches of 160 x 160 the un-normalised Fourier term weighs 0.8 to 1.8 times as much as the pixel loss."""
DENOISING = Recipe(
    "denoising-fd",
    "TTSR-FD, section 5: denoising with the frequency loss, the authors' future work",
    {"generator": NetworkConfig("dncnn", 1, {"channels": 1}, Optimiser(lr=1e-4))},
    (Phase(100, "epochs", loss_terms=(RECONSTRUCTION, FREQUENCY), name="full"),),
    DataConfig("pairs", "photon-noise", batch=16, patch=96),
    modality="XR",
    note="DnCNN at its own size on images with photon noise; batch, patch and length are those of the paper's super-resolution or ours.",
    variant="application",
)
"""The paper only announces it; `--set phases.0.loss_terms.frequency=0` trains the same without the frequency loss."""
