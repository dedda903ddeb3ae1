"""Training procedures: the forward pass of a step, from networks and a batch to named tensors.

A procedure computes no loss: the phase's loss terms and adversarial terms define which of its tensors are compared, and how. `supervised`
with adversarial terms is therefore a GAN, and separate-then-joint training is three phases of it.
"""

from radloupe.core.tables import Table

PROCEDURES = Table(
    "procedure",
    {
        "supervised": "radloupe.training.supervised:supervised",
        "reference": "radloupe.training.reference_based:reference",
        "translation": "radloupe.training.unpaired:translation",
        "scaling": "radloupe.training.unpaired:scaling",
        "translated": "radloupe.training.unpaired:translated",
        "gradients": "radloupe.training.gradient_guided:gradients",
        "non-blind": "radloupe.training.non_blind:non_blind",
    },
)
