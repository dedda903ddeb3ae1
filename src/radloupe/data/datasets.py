"""The data sets that can be made, one line each."""

from radloupe.tables import Table

DATASETS = Table(
    "data set",
    {
        "synxray-s": "radloupe.data.synxray:SMALL",
        "synxray-l": "radloupe.data.synxray:LARGE",
        "chestxray-ref": "radloupe.data.chestxray:CHESTXRAY_REF",
        "xpgan-patches": "radloupe.data.xpgan_patches:XPGAN_PATCHES",
        "mri-slices": "radloupe.data.mri_slices:MRI_SLICES",
        "ct-uct": "radloupe.data.ct_uct:CT_UCT",
        "mura-sr": "radloupe.data.mura:MURA_SR",
        "mura-mini": "radloupe.data.mura:MURA_MINI",
        "mura-plus": "radloupe.data.mura:MURA_PLUS",
    },
)
"""Rows are `builder.Builder`."""
