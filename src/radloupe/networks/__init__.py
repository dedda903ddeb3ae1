"""Super-resolution networks: classes for direct use, and a registry that builds them by name.

>>> from radloupe.networks import LoupeNet, create_network
>>> type(create_network("loupe", 2)) is LoupeNet
True
"""

from typing import TYPE_CHECKING, Any

from radloupe.core.lazy import lazy_attribute

PUBLIC = {
    "AIDSRGAN": "radloupe.networks.architectures.aid_srgan",
    "EDSR": "radloupe.networks.architectures.edsr",
    "LIIF": "radloupe.networks.architectures.liif",
    "LTE": "radloupe.networks.architectures.lte",
    "NETWORKS": "radloupe.networks.registry",
    "PARTS": "radloupe.networks.registry",
    "PatchGAN": "radloupe.networks.discriminators.patchgan",
    "SRGANDiscriminator": "radloupe.networks.discriminators.srgan_discriminator",
    "TTSRCritic": "radloupe.networks.discriminators.ttsr_critic",
    "VGGDiscriminator": "radloupe.networks.discriminators.vgg_discriminator",
    "PSRGAN": "radloupe.networks.architectures.psrgan",
    "RCAN": "radloupe.networks.architectures.rcan",
    "RDN": "radloupe.networks.architectures.rdn",
    "SAFMN": "radloupe.networks.architectures.safmn",
    "SPAN": "radloupe.networks.architectures.span",
    "SPSR": "radloupe.networks.architectures.spsr",
    "SRMD": "radloupe.networks.architectures.srmd",
    "TTSR": "radloupe.networks.architectures.ttsr",
    "ArSSR": "radloupe.networks.architectures.arssr",
    "Architecture": "radloupe.networks.architecture",
    "Bicubic": "radloupe.networks.layers.bicubic_upsampling",
    "CycleGAN": "radloupe.networks.architectures.cyclegan",
    "DnCNN": "radloupe.networks.architectures.dncnn",
    "LoupeNet": "radloupe.networks.architectures.loupe",
    "MSRResNet": "radloupe.networks.architectures.dpsr",
    "Nearest": "radloupe.networks.architectures.nearest",
    "Network": "radloupe.networks.network",
    "NetworkSpec": "radloupe.networks.spec",
    "RRDBNet": "radloupe.networks.architectures.rrdb",
    "SRCycleGAN": "radloupe.networks.architectures.sr_cyclegan",
    "SRResNet": "radloupe.networks.architectures.srresnet",
    "SwinIR": "radloupe.networks.architectures.swinir",
    "TransformMRI": "radloupe.networks.architectures.transform_mri",
    "create_network": "radloupe.networks.registry",
    "list_networks": "radloupe.networks.registry",
    "register_network": "radloupe.networks.registry",
}
"""Public names and their modules; each is imported when first used."""

if TYPE_CHECKING:
    from radloupe.networks.architecture import Architecture
    from radloupe.networks.architectures.aid_srgan import AIDSRGAN
    from radloupe.networks.architectures.arssr import ArSSR
    from radloupe.networks.architectures.cyclegan import CycleGAN
    from radloupe.networks.architectures.dncnn import DnCNN
    from radloupe.networks.architectures.dpsr import MSRResNet
    from radloupe.networks.architectures.edsr import EDSR
    from radloupe.networks.architectures.liif import LIIF
    from radloupe.networks.architectures.loupe import LoupeNet
    from radloupe.networks.architectures.lte import LTE
    from radloupe.networks.architectures.nearest import Nearest
    from radloupe.networks.architectures.psrgan import PSRGAN
    from radloupe.networks.architectures.rcan import RCAN
    from radloupe.networks.architectures.rdn import RDN
    from radloupe.networks.architectures.rrdb import RRDBNet
    from radloupe.networks.architectures.safmn import SAFMN
    from radloupe.networks.architectures.span import SPAN
    from radloupe.networks.architectures.spsr import SPSR
    from radloupe.networks.architectures.sr_cyclegan import SRCycleGAN
    from radloupe.networks.architectures.srmd import SRMD
    from radloupe.networks.architectures.srresnet import SRResNet
    from radloupe.networks.architectures.swinir import SwinIR
    from radloupe.networks.architectures.transform_mri import TransformMRI
    from radloupe.networks.architectures.ttsr import TTSR
    from radloupe.networks.discriminators.patchgan import PatchGAN
    from radloupe.networks.discriminators.srgan_discriminator import SRGANDiscriminator
    from radloupe.networks.discriminators.ttsr_critic import TTSRCritic
    from radloupe.networks.discriminators.vgg_discriminator import VGGDiscriminator
    from radloupe.networks.layers.bicubic_upsampling import Bicubic
    from radloupe.networks.network import Network
    from radloupe.networks.registry import NETWORKS, PARTS, create_network, list_networks, register_network
    from radloupe.networks.spec import NetworkSpec

__all__ = [
    "AIDSRGAN",
    "EDSR",
    "LIIF",
    "LTE",
    "NETWORKS",
    "PARTS",
    "PSRGAN",
    "RCAN",
    "RDN",
    "SAFMN",
    "SPAN",
    "SPSR",
    "SRMD",
    "TTSR",
    "ArSSR",
    "Architecture",
    "Bicubic",
    "CycleGAN",
    "DnCNN",
    "LoupeNet",
    "MSRResNet",
    "Nearest",
    "Network",
    "NetworkSpec",
    "PatchGAN",
    "RRDBNet",
    "SRCycleGAN",
    "SRGANDiscriminator",
    "SRResNet",
    "SwinIR",
    "TTSRCritic",
    "TransformMRI",
    "VGGDiscriminator",
    "create_network",
    "list_networks",
    "register_network",
]


def __getattr__(name: str) -> Any:
    return lazy_attribute(__name__, PUBLIC, name)


def __dir__() -> list[str]:
    return list(__all__)
