"""Registry of the data set builders."""

from radloupe.core.tables import Table

DATASETS = Table(
    "data set",
    {
        "synxray-s": "radloupe.papers.ttsr_fd.synxray:SMALL",
        "synxray-l": "radloupe.papers.ttsr_fd.synxray:LARGE",
        "chestxray-ref": "radloupe.papers.ttsr_fd.chestxray_ref:CHESTXRAY_REF",
        "xpgan-patches": "radloupe.papers.xpgan.xpgan_patches:XPGAN_PATCHES",
        "ct-projections": "radloupe.papers.xpgan.ct_projections:CT_PROJECTIONS",
        "mri-slices": "radloupe.papers.transform_mri.mri_slices:MRI_SLICES",
        "mri-pairs": "radloupe.papers.transform_mri.real_pairs:REAL_PAIRS",
        "ct-uct": "radloupe.papers.ct_uct.ct_uct_patches:CT_UCT",
        "mura-sr": "radloupe.papers.aid_srgan.mura:MURA_SR",
        "mura-mini": "radloupe.papers.aid_srgan.mura:MURA_MINI",
        "mura-plus": "radloupe.papers.aid_srgan.mura:MURA_PLUS",
    },
)
"""Rows are `builder.Builder`."""
