"""TTSR-FD (paper 000): a reference, transferred textures, a critic, and the error of the Fourier transform.

Source: the paper's section on training, and TTSR's released options where it says nothing (batch 4, 100 epochs, weights 1, 1e-2, 1e-2,
1e-3 and 1e-2, Adam at 1e-4 and 1e-5 for the extractor, two epochs of reconstruction alone).
"""

from dataclasses import replace

from radloupe.training.recipe import Aim, Data, Duel, Net, Optimiser, Phase, Recipe

PAPER = "TTSR-FD, reference-based super-resolution of X-rays with a frequency-domain loss, sections 3 and 4"
RECONSTRUCTION = Aim("l1")
FREQUENCY = Aim("frequency", 1e-2)
PERCEPTION = Aim("perceptual", 1e-2, settings={"like": "ttsr"})
TEXTURE = Aim("texture", 1e-2, of=("levels", "textures"))
WARM_UP = Phase(2, "epochs", "reference", aims=(RECONSTRUCTION,), name="warm-up")
FULL = Phase(
    100,
    "epochs",
    "reference",
    aims=(RECONSTRUCTION, FREQUENCY, PERCEPTION, TEXTURE),
    duels=(Duel("critic", "wasserstein", 1e-3, updates=2, penalty=10.0),),
    name="full",
)
TTSR_FD = Recipe(
    "ttsr-fd",
    PAPER,
    {
        "generator": Net("ttsr", 4, optimiser=Optimiser(lr=1e-4, slower={"extractor": 0.1}), begin="vgg19"),
        "critic": Net("ttsr-critic", optimiser=Optimiser(lr=1e-4, betas=(0.0, 0.9))),
    },
    (WARM_UP, FULL),
    Data("reference", batch=4, patch=40, values=(-1.0, 1.0), channels=3),
    modality="XR",
    note="Both perceptual terms weigh 1e-2 each; the transform is not normalised (register: A0-FFT, A0-WARM).",
)


def without_frequency(name: str, weight: float) -> Recipe:
    """The same without the Fourier term, the reconstruction weighing `weight`."""
    aims = (replace(RECONSTRUCTION, weight=weight), PERCEPTION, TEXTURE)
    return replace(TTSR_FD, name=name, phases=(WARM_UP, replace(FULL, aims=aims)), variant="ablation")


TTSR = without_frequency("ttsr", 1.0)
TTSR_REC101 = without_frequency("ttsr-rec101", 1.01)
