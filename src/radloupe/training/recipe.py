"""Training recipes: networks, data and phases as plain values."""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, Literal

from radloupe.core.settings import validated, within
from radloupe.imaging.modality import Modality


@validated
class Optimiser:
    """Optimiser of one network: Adam, or Muon for the convolution kernels between feature maps."""

    name: Literal["adam", "muon"] = "adam"
    """`muon` takes the convolution kernels between feature maps with Muon and everything else with Adam."""
    lr: float = within(1e-4, 0.0, 10.0)
    """Adam's maximum learning rate."""
    muon_lr: float = within(0.01, 0.0, 10.0)
    betas: tuple[float, float] = within((0.9, 0.999), 0.0, 1.0)
    eps: float = within(1e-8, 0.0, 1.0)
    lr_multipliers: Mapping[str, float] = field(default_factory=dict)
    """Factor on the learning rate by the prefix of parameter names: TTSR's texture extractor learns at a tenth."""


@validated
class LearningRateSchedule:
    """Learning-rate schedule of a phase: warm-up, milestones, linear or cosine decay. Numbers are steps of the phase."""

    warmup: int = within(0, 0, 10**9)
    """Steps of a linear rise from zero."""
    milestones: tuple[int, ...] = ()
    """Steps at which the rate is multiplied by `factor`."""
    factor: float = within(0.5, 0.0, 1.0)
    linear_from: int | None = None
    """Step from which the rate decays linearly to zero at the phase's end."""
    cosine: bool = False
    """Cosine annealing to zero, with warm restarts at `restarts` (Loshchilov and Hutter, ICLR 2017)."""
    restarts: tuple[int, ...] = ()


@validated
class NetworkConfig:
    """A network of the recipe: architecture, optimiser and initialisation."""

    architecture: str
    """A name of `NETWORKS`, or of `PARTS` where `scale` is None."""
    scale: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    optimiser: Optimiser = field(default_factory=Optimiser)
    ema_decay: float | None = None
    """Decay of the exponential moving average (EMA) of its weights, which is then measured and published; None for no average."""
    initialisation: Literal["default", "orthogonal", "kaiming", "normal", "vgg19"] = "default"
    """Initialisation: the network's own, a row of `INITIALISATIONS`, or the recipe's `vgg19` for a texture extractor."""
    pretrained: str = ""
    """Pretrained model whose weights are loaded where names and shapes agree."""


@validated
class LossTerm:
    """One weighted term of the training objective: a row of `LOSSES` and the tensors of a step that it compares."""

    loss: str
    weight: float = within(1.0, 0.0, 1e6)
    inputs: tuple[str, ...] = ("sr", "high")
    """Names of tensors of the batch, or of those that the phase's procedure adds."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    weight_without_vgg: float | None = None
    """Its weight where no VGG weights are given and perceptual terms are off; None leaves it."""


@validated
class AdversarialTerm:
    """Adversarial term of the training objective: a discriminator, a row of `GAN_LOSSES`, and the images that it distinguishes."""

    discriminator: str
    """A name of the recipe's networks; a critic where the GAN loss is Wasserstein's."""
    gan_loss: str
    """A row of `GAN_LOSSES`."""
    weight: float = within(1e-3, 0.0, 1e6)
    """Weight of the generator's loss."""
    fake: str = "sr"
    real: str = "high"
    updates: int = within(1, 1, 100)
    """Discriminator updates per generator update."""
    gradient_penalty: float = within(0.0, 0.0, 1e6)
    """Weight of the gradient penalty (WGAN-GP)."""
    image_pool: int = within(0, 0, 10**5)
    """Size of the image pool of fake images (CycleGAN); 0 for none."""


@validated
class Phase:
    """Phase of training with one procedure and one training objective."""

    steps: int = within(1000, 0, 10**9)
    """Its length, in steps or epochs as `unit` says; so are the numbers of `schedule`."""
    unit: Literal["steps", "epochs"] = "steps"
    procedure: str = "supervised"
    """A row of `PROCEDURES`: the forward pass from a batch to named tensors."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the procedure."""
    trains: tuple[str, ...] = ("generator",)
    """Networks that minimise the training objective; discriminators are trained by their adversarial terms."""
    loss_terms: tuple[LossTerm, ...] = (LossTerm("l1"),)
    adversarial_terms: tuple[AdversarialTerm, ...] = ()
    schedule: LearningRateSchedule = field(default_factory=LearningRateSchedule)
    lr: float = within(1.0, 0.0, 1e3)
    """Factor on every learning rate of the phase."""
    clip: float | None = None
    """Gradient clipping: largest norm over all gradients of a network."""
    name: str = ""


@validated
class DataConfig:
    """Data of a recipe: how batches are read, degraded and cropped."""

    source: str = "pairs"
    """A row of `READERS`: pairs, reference, triplets, unpaired."""
    degradation: str = "bicubic"
    """Preset of the degradation, for data sets without low images."""
    batch: int = within(16, 1, 4096)
    patch: int = within(48, 1, 8192)
    """Side of a patch in low pixels."""
    accumulate: int = within(1, 1, 4096)
    """Gradient accumulation: parts of a batch."""
    value_range: tuple[float, float] = within((0.0, 1.0), -1e6, 1e6)
    """Values that 0 and 1 become in every batch: (-1, 1) for some papers."""
    channels: int = within(1, 1, 3)
    """Number of channels; three for papers that repeat grey images."""


@validated
class Recipe:
    """The complete specification of a training run."""

    name: str
    paper: str
    """Authors, venue, year and section."""
    networks: Mapping[str, NetworkConfig]
    """Networks by name; `generator` is measured and published."""
    phases: tuple[Phase, ...]
    data: DataConfig = field(default_factory=DataConfig)
    modality: Modality = "other"
    """Modality of the published model."""
    seed: int = within(0, 0, 2**32 - 1)
    validate_every: int = within(1000, 1, 10**9)
    """Steps between validations."""
    save_every: int = within(1000, 1, 10**9)
    """Steps between checkpoints."""
    log_every: int = within(100, 1, 10**9)
    vgg19: str = ""
    """File with VGG19's weights for perceptual terms; without it they are off."""
    note: str = ""
    """Deviations from the paper, one sentence each."""
    variant: str = "paper"
    """`paper`, `released`, or the name of an ablation."""

    @property
    def steps(self) -> int:
        """Steps of all phases together."""
        return sum(phase.steps for phase in self.phases)

    @property
    def scale(self) -> int:
        """The scale factor of the data: that of the published network."""
        return self.networks["generator"].scale or 1


def resolved(recipe: Recipe, items: int) -> Recipe:
    """Recipe with every phase counted in steps, for a training set of `items`.

    An epoch has the steps in which each item is used once; its last batch is filled from the next epoch.
    """
    epoch = -(-items // recipe.data.batch)
    return replace(recipe, phases=tuple(in_steps(phase, epoch) for phase in recipe.phases))


def in_steps(phase: Phase, epoch: int) -> Phase:
    """A phase counted in steps."""
    if phase.unit == "steps":
        return phase
    schedule = phase.schedule
    counted: dict[str, Any] = {name: tuple(epoch * n for n in getattr(schedule, name)) for name in ("milestones", "restarts")}
    linear = None if schedule.linear_from is None else epoch * schedule.linear_from
    return replace(
        phase,
        unit="steps",
        steps=epoch * phase.steps,
        schedule=replace(schedule, warmup=epoch * schedule.warmup, linear_from=linear, **counted),
    )
