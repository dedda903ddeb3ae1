"""Networks: one architecture a file, one line here."""

from radloupe.core.tables import Table

NETWORKS = Table(
    "network",
    {
        "loupe": "radloupe.networks.architectures.loupe:LOUPE",
        "bicubic": "radloupe.networks.architectures.bicubic:ROW",
        "nearest": "radloupe.networks.architectures.nearest:ROW",
        "ttsr": "radloupe.networks.architectures.ttsr:ROW",
        "xpgan": "radloupe.networks.architectures.srresnet:XPGAN",
        "srresnet": "radloupe.networks.architectures.srresnet:SRRESNET",
        "ct-uct": "radloupe.networks.architectures.srresnet:CT_UCT",
        "sr-cyclegan": "radloupe.networks.architectures.sr_cyclegan:SR_CYCLEGAN",
        "cyclegan-6": "radloupe.networks.architectures.cyclegan:CYCLEGAN_6",
        "cyclegan-9": "radloupe.networks.architectures.cyclegan:CYCLEGAN_9",
        "aid-srgan": "radloupe.networks.architectures.aid_srgan:AID",
        "aid-srgan-plus": "radloupe.networks.architectures.aid_srgan:AID_PLUS",
        "psrgan": "radloupe.networks.architectures.psrgan:PSRGAN",
        "rcan": "radloupe.networks.architectures.rcan:RCAN",
        "rrdb": "radloupe.networks.architectures.rrdb:RRDB",
        "rrdb-upconv": "radloupe.networks.architectures.rrdb:UPCONV",
        "spsr": "radloupe.networks.architectures.spsr:SPSR",
        "srmd": "radloupe.networks.architectures.srmd:SRMD",
        "dpsr": "radloupe.networks.architectures.dpsr:DPSR",
        "srresnet-kair": "radloupe.networks.architectures.dpsr:SRRESNET",
        "dncnn": "radloupe.networks.architectures.dncnn:DNCNN",
        "dncnn-merged": "radloupe.networks.architectures.dncnn:MERGED",
        "dncnn-colour": "radloupe.networks.architectures.dncnn:COLOUR",
        "span": "radloupe.networks.architectures.span:SPAN",
        "safmn": "radloupe.networks.architectures.safmn:SAFMN",
        "edsr-baseline": "radloupe.networks.architectures.edsr:BASELINE",
        "edsr": "radloupe.networks.architectures.edsr:EDSR",
        "liif-edsr": "radloupe.networks.architectures.liif:LIIF_EDSR",
        "liif-rdn": "radloupe.networks.architectures.liif:LIIF_RDN",
        "lte-edsr": "radloupe.networks.architectures.lte:LTE_EDSR",
        "lte-rdn": "radloupe.networks.architectures.lte:LTE_RDN",
        "lte-swinir": "radloupe.networks.architectures.lte:LTE_SWINIR",
        "swinir": "radloupe.networks.architectures.swinir:SWINIR",
        "swinir-light": "radloupe.networks.architectures.swinir:SWINIR_LIGHT",
        "transform-mri": "radloupe.networks.architectures.transform_mri:BOTH",
        "transform-mri-low": "radloupe.networks.architectures.transform_mri:LOW",
        "transform-mri-high": "radloupe.networks.architectures.transform_mri:HIGH",
        "arssr-rdn": "radloupe.networks.architectures.arssr:RDN",
        "arssr-rescnn": "radloupe.networks.architectures.arssr:RESCNN",
        "arssr-srresnet": "radloupe.networks.architectures.arssr:SRRESNET",
        "arssr-2d": "radloupe.networks.architectures.arssr:FLAT",
        "drfsa-like": "radloupe.networks.architectures.drfsa:DRFSA_LIKE",
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
