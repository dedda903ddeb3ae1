"""Table of the input checks."""

from radloupe.core.tables import Table

GATE_CHECKS = Table(
    "check",
    {
        "hounsfield": "radloupe.inference.gate.hounsfield:check_hounsfield",
        "padding": "radloupe.inference.gate.padded:check_padding",
        "label-map": "radloupe.inference.gate.labelled:check_label_map",
        "screenshot": "radloupe.inference.gate.screenshot:check_screenshot",
        "interpolated": "radloupe.inference.gate.interpolated:check_interpolated",
        "jpeg": "radloupe.inference.gate.jpeg_blocks:check_jpeg",
        "noise": "radloupe.inference.gate.noisy:check_noise",
        "inverted": "radloupe.inference.gate.inverted:check_inverted",
        "modality": "radloupe.inference.gate.likeness:check_modality",
        "appearance": "radloupe.inference.gate.likeness:check_appearance",
    },
)
"""Input checks: functions of a `gate.sample.Sample` by the name of their finding."""
ANY_SIZE = ("label-map",)
"""Checks that need neither size nor contrast."""
KNOWN_MODALITY = ("inverted", "modality", "appearance")
"""Checks against typical images of the modality, which must be known."""
