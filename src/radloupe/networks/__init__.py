"""Networks: one architecture a file, one line here."""

from radloupe.core.tables import Table

NETWORKS = Table(
    "network",
    {
        "loupe": "radloupe.networks.architectures.loupe:LOUPE_ROW",
        "bicubic": "radloupe.networks.architectures.bicubic:ROW",
        "nearest": "radloupe.networks.architectures.nearest:ROW",
        "ttsr": "radloupe.networks.architectures.ttsr:ROW",
        "xpgan": "radloupe.networks.architectures.srresnet:XPGAN_ROW",
        "srresnet": "radloupe.networks.architectures.srresnet:SRRESNET_ROW",
        "ct-uct": "radloupe.networks.architectures.srresnet:CT_UCT_ROW",
        "sr-cyclegan": "radloupe.networks.architectures.sr_cyclegan:SR_CYCLEGAN_ROW",
        "cyclegan-6": "radloupe.networks.architectures.cyclegan:CYCLEGAN_6_ROW",
        "cyclegan-9": "radloupe.networks.architectures.cyclegan:CYCLEGAN_9_ROW",
        "aid-srgan": "radloupe.networks.architectures.aid_srgan:AID_ROW",
        "aid-srgan-plus": "radloupe.networks.architectures.aid_srgan:AID_PLUS_ROW",
        "psrgan": "radloupe.networks.architectures.psrgan:PSRGAN_ROW",
        "rcan": "radloupe.networks.architectures.rcan:RCAN_ROW",
        "rrdb": "radloupe.networks.architectures.rrdb:RRDB_ROW",
        "rrdb-upconv": "radloupe.networks.architectures.rrdb:UPCONV_ROW",
        "spsr": "radloupe.networks.architectures.spsr:SPSR_ROW",
        "srmd": "radloupe.networks.architectures.srmd:SRMD_ROW",
        "dpsr": "radloupe.networks.architectures.dpsr:DPSR_ROW",
        "srresnet-kair": "radloupe.networks.architectures.dpsr:SRRESNET_ROW",
        "dncnn": "radloupe.networks.architectures.dncnn:DNCNN_ROW",
        "dncnn-merged": "radloupe.networks.architectures.dncnn:MERGED_ROW",
        "dncnn-colour": "radloupe.networks.architectures.dncnn:COLOUR_ROW",
        "span": "radloupe.networks.architectures.span:SPAN_ROW",
        "safmn": "radloupe.networks.architectures.safmn:SAFMN_ROW",
        "edsr-baseline": "radloupe.networks.architectures.edsr:BASELINE_ROW",
        "edsr": "radloupe.networks.architectures.edsr:EDSR_ROW",
        "liif-edsr": "radloupe.networks.architectures.liif:LIIF_EDSR_ROW",
        "liif-rdn": "radloupe.networks.architectures.liif:LIIF_RDN_ROW",
        "lte-edsr": "radloupe.networks.architectures.lte:LTE_EDSR_ROW",
        "lte-rdn": "radloupe.networks.architectures.lte:LTE_RDN_ROW",
        "lte-swinir": "radloupe.networks.architectures.lte:LTE_SWINIR_ROW",
        "swinir": "radloupe.networks.architectures.swinir:SWINIR_ROW",
        "swinir-light": "radloupe.networks.architectures.swinir:SWINIR_LIGHT_ROW",
        "transform-mri": "radloupe.networks.architectures.transform_mri:BOTH_ROW",
        "transform-mri-low": "radloupe.networks.architectures.transform_mri:LOW_ROW",
        "transform-mri-high": "radloupe.networks.architectures.transform_mri:HIGH_ROW",
        "arssr-rdn": "radloupe.networks.architectures.arssr:RDN_ROW",
        "arssr-rescnn": "radloupe.networks.architectures.arssr:RESCNN_ROW",
        "arssr-srresnet": "radloupe.networks.architectures.arssr:SRRESNET_ROW",
        "arssr-2d": "radloupe.networks.architectures.arssr:FLAT_ROW",
        "drfsa-like": "radloupe.networks.architectures.drfsa:DRFSA_LIKE_ROW",
    },
)
"""What enlarges an image: rows are `architecture.Architecture`."""

PARTS = Table(
    "network part",
    {
        "ttsr-extractor": "radloupe.networks.layers.texture_extractor:TextureExtractor",
        "ttsr-critic": "radloupe.networks.discriminators.ttsr_critic:TTSRCritic",
        "srgan-discriminator": "radloupe.networks.discriminators.srgan_discriminator:srgan_discriminator",
        "gap-discriminator": "radloupe.networks.discriminators.srgan_discriminator:gap_discriminator",
        "patchgan": "radloupe.networks.discriminators.patchgan:PatchGAN",
        "sr-cyclegan-down": "radloupe.networks.architectures.sr_cyclegan:SRCycleGANDown",
        "vgg96-discriminator": "radloupe.networks.discriminators.vgg_discriminator:vgg96",
        "vgg128-discriminator": "radloupe.networks.discriminators.vgg_discriminator:vgg128",
        "vgg19": "radloupe.networks.layers.vgg:vgg19",
    },
)
"""What only training needs beside them: discriminators, texture extractors, reverse generators. Functions of settings, giving modules."""
