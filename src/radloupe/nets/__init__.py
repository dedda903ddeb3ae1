"""Networks: one architecture a file, one line here."""

from radloupe.tables import Table

NETWORKS = Table(
    "network",
    {
        "loupe": "radloupe.nets.loupe:LOUPE",
        "bicubic": "radloupe.nets.bicubic:ROW",
        "nearest": "radloupe.nets.nearest:ROW",
        "ttsr": "radloupe.nets.ttsr:ROW",
        "xpgan": "radloupe.nets.srresnet:XPGAN",
        "srresnet": "radloupe.nets.srresnet:SRRESNET",
        "ct-uct": "radloupe.nets.srresnet:CT_UCT",
        "sr-cyclegan": "radloupe.nets.sr_cyclegan:SR_CYCLEGAN",
        "cyclegan-6": "radloupe.nets.cyclegan:CYCLEGAN_6",
        "cyclegan-9": "radloupe.nets.cyclegan:CYCLEGAN_9",
        "aid-srgan": "radloupe.nets.aid:AID",
        "aid-srgan-plus": "radloupe.nets.aid:AID_PLUS",
        "psrgan": "radloupe.nets.psrgan:PSRGAN",
        "rcan": "radloupe.nets.rcan:RCAN",
        "rrdb": "radloupe.nets.rrdb:RRDB",
        "rrdb-upconv": "radloupe.nets.rrdb:UPCONV",
        "spsr": "radloupe.nets.spsr:SPSR",
        "srmd": "radloupe.nets.srmd:SRMD",
        "dpsr": "radloupe.nets.dpsr:DPSR",
        "srresnet-kair": "radloupe.nets.dpsr:SRRESNET",
        "dncnn": "radloupe.nets.dncnn:DNCNN",
        "dncnn-merged": "radloupe.nets.dncnn:MERGED",
        "dncnn-colour": "radloupe.nets.dncnn:COLOUR",
        "span": "radloupe.nets.span:SPAN",
        "safmn": "radloupe.nets.safmn:SAFMN",
        "edsr-baseline": "radloupe.nets.edsr:BASELINE",
        "edsr": "radloupe.nets.edsr:EDSR",
        "liif-edsr": "radloupe.nets.liif:LIIF_EDSR",
        "liif-rdn": "radloupe.nets.liif:LIIF_RDN",
        "lte-edsr": "radloupe.nets.lte:LTE_EDSR",
        "lte-rdn": "radloupe.nets.lte:LTE_RDN",
        "lte-swinir": "radloupe.nets.lte:LTE_SWINIR",
        "swinir": "radloupe.nets.swinir:SWINIR",
        "swinir-light": "radloupe.nets.swinir:SWINIR_LIGHT",
        "transform-mri": "radloupe.nets.transform_mri:BOTH",
        "transform-mri-low": "radloupe.nets.transform_mri:LOW",
        "transform-mri-high": "radloupe.nets.transform_mri:HIGH",
        "arssr-rdn": "radloupe.nets.arssr:RDN",
        "arssr-rescnn": "radloupe.nets.arssr:RESCNN",
        "arssr-srresnet": "radloupe.nets.arssr:SRRESNET",
        "arssr-2d": "radloupe.nets.arssr:FLAT",
        "drfsa-like": "radloupe.nets.drfsa:DRFSA_LIKE",
    },
)
"""What enlarges an image: rows are `architecture.Architecture`."""

PARTS = Table(
    "network part",
    {
        "ttsr-extractor": "radloupe.nets.texture_extractor:TextureExtractor",
        "ttsr-critic": "radloupe.nets.ttsr_critic:TTSRCritic",
        "srgan-discriminator": "radloupe.nets.srgan_discriminator:srgan_discriminator",
        "gap-discriminator": "radloupe.nets.srgan_discriminator:gap_discriminator",
        "patchgan": "radloupe.nets.patchgan:PatchGAN",
        "sr-cyclegan-down": "radloupe.nets.sr_cyclegan:SRCycleGANDown",
        "vgg96-discriminator": "radloupe.nets.vgg_discriminator:vgg96",
        "vgg128-discriminator": "radloupe.nets.vgg_discriminator:vgg128",
        "vgg19": "radloupe.nets.vgg:vgg19",
    },
)
"""What only training needs beside them: discriminators, texture extractors, reverse generators. Functions of settings, giving modules."""
