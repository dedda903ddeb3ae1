"""TTSR-FD: does the frequency loss recover high frequencies that TTSR loses? Tables 1, 2 and 3."""

from dataclasses import replace

from radloupe.papers.runner.paper_table import (
    PSNR,
    REFERENCE_GAINS,
    SSIM,
    Column,
    DataPlan,
    DatasetSpec,
    PaperTable,
    Row,
    TableMetric,
    relations,
)

BICUBIC, RCAN, ESRGAN = Row("Bicubic"), Row("RCAN", "rcan"), Row("ESRGAN", "esrgan")
TTSR, FD = Row("TTSR", "ttsr", seeds=3), Row("TTSR-FD", "ttsr-fd", seeds=3)
REC101, REC280 = Row("TTSR-Rec101", "ttsr-rec101"), Row("TTSR-Rec280", "ttsr-rec280")
HIGH_FREQUENCIES = TableMetric("high_frequency_error", "High-frequency error", low_is_good=True)
GREY = TableMetric("psnr_grey", "PSNR of grey (dB)")
SMALL, LARGE = Column("SynXray_S", "synxray-s", 4, "bicubic"), Column("SynXray_L", "synxray-l", 4, "bicubic")
CHEST = Column("ChestXrayRef", "chestxray-ref", 4, "bicubic")
TINY = {"size": 160, "side": 128, "pairs": 10, "validation": 5, "groups": 2, "lut": "plastimatch"}
LESS = {"test": 8, "train": 8, "validation": 4, "size": 64}

HEADS = DataPlan(
    {"synxray-s": DatasetSpec("synxray-s", tiny=TINY), "synxray-l": DatasetSpec("synxray-l", tiny=TINY)},
    (SMALL, LARGE),
    differs=("The paper does not say how it measures: these are TTSR's luma, without a border.",),
)
CT = {"lidc-0314/chest.nii.gz": "ct/LIDC-IDRI-0314_*.nii.gz"}
BY_VIEWS = {"split": "views"}
ONE_CHEST = DataPlan(
    {name: DatasetSpec(name, BY_VIEWS, CT, tiny=TINY) for name in ("synxray-s", "synxray-l")},
    (SMALL, LARGE),
    needs=("ct/LIDC-IDRI-0314_*.nii.gz",),
    differs=(
        "One chest CT of one patient (LIDC-IDRI-0314) replaces seven head CTs of five: views are split by angle, so the metrics "
        "hold for new directions and not for new patients, and there is no interval.",
        "The large set has as many views as the grid of one CT gives.",
    ),
)
CHESTS = DataPlan({"chestxray-ref": DatasetSpec("chestxray-ref", tiny=LESS)}, (CHEST,))
FEWER_CHESTS = DataPlan(
    {"chestxray-ref": DatasetSpec("radloupe.papers.runner.substitute_data:CHEST_REFERENCES", tiny={"size": 64})},
    (CHEST,),
    needs=("chest_xray/nih/*.png",),
    differs=("88 radiographs to train on in place of 1298, of one patient each; the reference is a random other one of the same part.",),
)
PRINTED = ("psnr", "ssim")
ALL = (*PRINTED, HIGH_FREQUENCIES.name)
"""The paper says in words that TTSR-FD is nearest to the truth in the frequency domain (section 3.1, figures 2 and 5)."""
NOTE = "High-frequency error: the norm of the error's Fourier transform over that of the truth's, above the low image's highest frequency."
GAINS = (
    "Gains by a reference are those in PSNR over an even grey in its place, in the middle 256 x 256 pixels; where a set has no near view, "
    "the truth stands for it, moved, bent and noisy."
)
PAPER = PaperTable(
    "ttsr-fd/1",
    "Synthetic X-rays x4, reference-based and single-image methods",
    (BICUBIC, RCAN, ESRGAN, TTSR, FD),
    HEADS,
    ONE_CHEST,
    "ttsr",
    (PSNR, SSIM, GREY, HIGH_FREQUENCIES, *REFERENCE_GAINS),
    (*relations("TTSR-FD", ("TTSR", "RCAN", "ESRGAN"), ALL), *relations("RCAN", ("TTSR", "ESRGAN"), PRINTED)),
    notes=(NOTE, GAINS, "Bicubic enlargement is not in the paper's table."),
)


def small_only(plan: DataPlan) -> DataPlan:
    """The plan with the small set alone."""
    return replace(plan, datasets={"synxray-s": plan.datasets["synxray-s"]}, columns=(SMALL,))


TABLE_1 = PAPER
TABLE_2 = replace(
    PAPER,
    name="ttsr-fd/2",
    caption="Chest radiographs x4 with a reference of another patient",
    rows=(BICUBIC, TTSR, FD),
    paper_data=CHESTS,
    substitute_data=FEWER_CHESTS,
    claims=relations("TTSR-FD", ("TTSR",), ALL),
)
TABLE_3 = replace(
    PAPER,
    name="ttsr-fd/3",
    caption="Ablation of the frequency loss on synthetic X-rays x4",
    rows=(BICUBIC, *(replace(row, seeds=5) for row in (TTSR, REC101, REC280, FD))),
    paper_data=small_only(HEADS),
    substitute_data=small_only(ONE_CHEST),
    claims=(*relations("TTSR-FD", ("TTSR", "TTSR-Rec101", "TTSR-Rec280"), ALL), *relations("TTSR-Rec101", ("TTSR",), PRINTED)),
    notes=(
        *PAPER.notes,
        "TTSR-Rec280 is not in the paper: its reconstruction weighs 2.8, about what reconstruction and frequency loss come to together.",
    ),
)
