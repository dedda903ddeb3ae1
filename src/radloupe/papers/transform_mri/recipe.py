"""Transform-domain MRI (paper 002): soft-thresholded low frequencies and a local texture estimator, with symmetry and edge losses.

Source: the paper's equations 11 and 12 and its section on training (Adam at 1e-4, batch 8, 100 epochs, a tenth at epochs 40 and 80, whole
slices of 256 x 256).
"""

from radloupe.training.recipe import DataConfig, LearningRateSchedule, LossTerm, NetworkConfig, Phase, Recipe

SLICE = 256  # side of the high slices
LOSS_TERMS = (LossTerm("l1"), LossTerm("symmetry", 1e-2, inputs=("returned", "lifted")), LossTerm("edge", 1e-2))


def recipe(name: str, scale: int, row: str = "transform-mri", variant: str = "paper") -> Recipe:
    """The recipe at a scale, or of one of its branches."""
    terms = (
        LOSS_TERMS if row != "transform-mri-high" else tuple(term for term in LOSS_TERMS if term.loss != "symmetry")
    )  # it has no transform
    phase = Phase(100, "epochs", loss_terms=terms, schedule=LearningRateSchedule(milestones=(40, 80), factor=0.1), name="full")
    data = DataConfig("pairs", "kspace", batch=8, patch=SLICE // scale)
    paper = "Transform-domain super-resolution of MR images, sections III and IV"
    note = "Low slices are central crops of k-space on the high grid (register: A2-DEG); losses are means (A2-RED)."
    return Recipe(name, paper, {"generator": NetworkConfig(row, scale)}, (phase,), data, modality="MR", note=note, variant=variant)


X2, X4, X8 = recipe("transform-mri-x2", 2), recipe("transform-mri", 4), recipe("transform-mri-x8", 8)
LOW_ONLY = recipe("transform-mri-low-only", 4, "transform-mri-low", "ablation")
HIGH_ONLY = recipe("transform-mri-high-only", 4, "transform-mri-high", "ablation")
