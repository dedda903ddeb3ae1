"""Registry of networks: built-in ones, those of installed packages, and user-defined ones, built by name."""

import importlib.util
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from radloupe.core import files
from radloupe.core.errors import UsageError
from radloupe.core.tables import Table
from radloupe.networks.architecture import Architecture
from radloupe.networks.network import Network

ENTRY_POINTS = "radloupe.networks"
"""Group of entry points for networks of installed packages."""


class NetworkTable(Table):
    """Built-in networks, then those of the process (`register_network`), then those of installed packages."""

    def __init__(self, kind: str, rows: dict[str, str]) -> None:
        super().__init__(kind, rows)
        self.own: dict[str, Architecture] = {}

    def __getitem__(self, name: str) -> Architecture:
        """Architecture called `name`; raises `UsageError` with how to register it, or the most similar name."""
        if name in self.own:
            return self.own[name]
        if name not in self.rows and name in (packaged := from_packages()):
            return from_entry_point(packaged[name])
        if ":" in name:
            module, attribute = name.split(":", 1)
            raise UsageError(
                f"The network {name!r} is {attribute} in the file {module}.py, which is never run unless you name it. "
                f"Name its file as `network` (PATH/{module}.py:{attribute}), or call radloupe.networks.register_network with it."
            )
        found: Architecture = super().__getitem__(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter({**self.rows, **self.own, **from_packages()})

    def __len__(self) -> int:
        return len({**self.rows, **self.own, **from_packages()})


NETWORKS = NetworkTable(
    "network",
    {
        "loupe": "radloupe.networks.architectures.loupe:LOUPE_ROW",
        "loupe-maps": "radloupe.networks.architectures.loupe:LOUPE_MAPS_ROW",
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
        "rdn": "radloupe.networks.architectures.rdn:ROW",
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
"""Super-resolution networks by name; rows are `architecture.Architecture`."""

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
"""Auxiliary networks of training (discriminators, texture extractors, reverse generators): functions of settings that return modules."""


def list_networks(pattern: str = "*") -> list[str]:
    """Names of the networks that match a shell-style pattern, for `create_network`.

    >>> list_networks("*rcan*")
    ['rcan']
    """
    return [name for name in NETWORKS if fnmatchcase(name, pattern)]


def create_network(name: str, scale: int, **settings: Any) -> Network:
    """A network of the registry with random initial weights (for trained ones, see `radloupe.load_model`).

    Args:
        name: One of `list_networks()`, or `FILE.py:CLASS` for a user-defined network, whose file is run.
        scale: Enlargement factor of each axis.
        **settings: Those of the architecture, such as `width` or `channels`; `skip=True` adds the bicubic enlargement to the output.

    Returns:
        The network, in training mode, on the CPU.

    Raises:
        UsageError: For an unknown name, and for a scale or setting that the architecture does not take.

    >>> create_network("edsr-baseline", 4, channels=1).spec.scale
    4

    """
    row = NETWORKS[register_network(name) if is_file(name) else name]
    try:
        return row(scale, **settings)
    except (TypeError, ValueError) as error:
        raise UsageError(f"The network {name!r} cannot be built at scale {scale} with the settings {settings}: {error}.") from error


def is_file(name: str) -> bool:
    """Whether a network's name stands for a class in a file: `FILE.py:CLASS`."""
    return name.rpartition(":")[0].endswith(".py")


def register_network(reference: str) -> str:
    """Register a user-defined network in this process. The file is run: pass only code that you trust.

    Args:
        reference: `FILE.py:NAME`, where `NAME` is a subclass of `Network` that is built with a scale and settings, a function that
            builds one, or an `Architecture`.

    Returns:
        The name under which `NETWORKS`, run folders and model folders know it: the file's name without suffix, and `NAME`.

    Raises:
        UsageError: For a file that is missing or fails, or holds nothing of that name.

    """
    file, _, attribute = reference.rpartition(":")
    path = Path(file)
    if not path.is_file():
        raise UsageError(f"Expected a network as FILE.py:CLASS, found {reference!r}: there is no file {file or reference!r}.")
    name = f"{path.stem}:{attribute}"
    source = f"{path.name}, sha256 {files.sha256(path)}"
    NETWORKS.own[name] = as_architecture(loaded(path, attribute), name, source)
    return name


def loaded(path: Path, attribute: str) -> Any:
    """Attribute of a Python file, after running the file."""
    module_name = f"{__name__}.own.{path.stem}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"Expected a Python file, found {path}.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # lets classes of the file be unpickled in other processes
    try:
        spec.loader.exec_module(module)
        return getattr(module, attribute)
    except Exception as error:
        raise UsageError(f"The network {attribute!r} cannot be taken from {path}: {type(error).__name__}: {error}.") from error


def from_packages() -> dict[str, EntryPoint]:
    """Entry points of networks of installed packages, by name."""
    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def from_entry_point(point: EntryPoint) -> Architecture:
    """The architecture that an installed package offers."""
    package = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
    try:
        return as_architecture(point.load(), point.name, package)
    except Exception as error:
        raise UsageError(f"The network {point.name!r} of {package} cannot be loaded: {type(error).__name__}: {error}.") from error


def as_architecture(found: Any, name: str, source: str) -> Architecture:
    """An object that defines a network, as a row of the registry; raises `UsageError` for an object that cannot build one."""
    if isinstance(found, Architecture):
        return found.from_source(source)
    if not callable(found):
        raise UsageError(f"Expected a class or function that builds a network under {name!r}, found a {type(found).__name__}.")
    return Architecture(found, scales=(), paper="", source=source)
