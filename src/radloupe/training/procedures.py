"""What a training step makes of a batch: one function a procedure, from networks and tensors to more named tensors.

A procedure only makes; which of its tensors are compared, and by what, stands in the phase's aims and duels. So `supervised` with duels is
a GAN, and separate-then-joint training is three phases of it.
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
        "known": "radloupe.training.non_blind:known",
    },
)
