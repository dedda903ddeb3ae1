"""AID-SRGAN: does denoising before super-resolution help under unknown degradations of radiographs? Tables 1 and 2."""

from dataclasses import replace

from radloupe.papers.aid_srgan.recipe import DPSR_BLIND, SRMD_BLIND
from radloupe.papers.runner.paper_table import PSNR, SSIM, Column, DataPlan, DatasetSpec, PaperTable, Row, TableMetric, relations

GREY = TableMetric("psnr_grey", "PSNR of grey (dB)")
SHRUNK = {"PSRGAN": "psrgan", "ESRGAN": "esrgan", "SPSR": "spsr"}
NON_BLIND = {"DPSR": "dpsr", "SRMD": "srmd"}
PRINTED = ("psnr", "ssim")
BASELINES = tuple(Row(name, recipe, clean=True) for name, recipe in (SHRUNK | NON_BLIND).items())
DEGRADED = tuple(
    Row(f"{name} (MURA-SR)", recipe, printed_row=name) for name, recipe in (SHRUNK | {"DPSR": DPSR_BLIND, "SRMD": SRMD_BLIND}).items()
)
"""The same trained on degraded images. The paper trains "all the models using MURA-SR" and says of the first three that they consider
shrinking alone: both readings are rows."""
OURS, PLUS = Row("Ours", "aid-srgan", seeds=3), Row("Ours+", "aid-srgan-plus", seeds=3)
OTHERS = ("Bicubic", *(row.name for row in (*BASELINES, *DEGRADED)))
TINY = {"train": 4, "validation": 2}


def mura(scale: int) -> DatasetSpec:
    """The paper's data at a scale."""
    return DatasetSpec("mura-sr", {"scale": scale}, test=DatasetSpec("mura-mini", {"scale": scale}, tiny={"test": 2}), tiny=TINY)


def chests(scale: int) -> DatasetSpec:
    """Chest radiographs at a scale."""
    builder = "radloupe.papers.runner.substitute_data:CHEST_TRIPLETS"
    return DatasetSpec(builder, {"scale": scale}, tiny={"size": 128, "most": 2})


def columns(*scales: int) -> tuple[Column, ...]:
    """Both test sets at some scales."""
    return tuple(Column(f"{kind} x{scale}", f"x{scale}", scale, f"aid-{kind}") for scale in scales for kind in ("mini", "plus"))


CHESTS_INSTEAD = (
    "CHEST radiographs (NIH ChestX-ray14, 88 to train on, 11 to test on, resized to 512 x 512) replace the limbs of MURA: no metric "
    "here is comparable with the paper's."
)
MINI = ("mini",)
ABLATION = (Column("bicubic", "x4", 4, "bicubic"), Column("mini", "x4", 4, "aid-mini"))
TABLE_1 = PaperTable(
    "aid/1",
    "Radiographs degraded in unknown ways, at x4 and x2",
    (PLUS, OURS, Row("Bicubic"), *BASELINES, *DEGRADED),
    DataPlan({f"x{scale}": mura(scale) for scale in (4, 2)}, columns(4, 2)),
    DataPlan(
        {f"x{scale}": chests(scale) for scale in (4, 2)},
        columns(4, 2),
        needs=("chest_xray/nih/*.png",),
        differs=(CHESTS_INSTEAD,),
    ),
    "aid",
    (PSNR, SSIM, GREY),
    (*relations("Ours", OTHERS, PRINTED), *relations("Ours+", (*OTHERS, "Ours"), PRINTED)),
    notes=(
        "PSRGAN, ESRGAN and SPSR are trained on images shrunk by bicubic. SRMD and DPSR are trained on those they blur and add noise to, "
        "and are tested with inputs of no blur and no noise. Rows named MURA-SR are trained on the degraded images that ours are.",
    ),
    heat_map_row="Ours",
)


TABLE_2 = replace(
    TABLE_1,
    name="aid/2",
    caption="Ablation at x4",
    rows=(
        BASELINES[0],
        *(
            Row(name, f"aid-srgan-{recipe}", seeds=3)
            for name, recipe in {
                "Direct SR": "direct",
                "Denoising + SR": "separate",
                "DnCNN head": "dncnn",
                "Attention head": "attention",
                "Dropout 0.5": "dropout-5",
                "Dropout 0.1": "dropout-1",
                "Denoising pretrained": "denoising-pretrained",
                "SR pretrained": "sr-pretrained",
            }.items()
        ),
        replace(OURS, name="Joint training"),
    ),
    paper_data=DataPlan({"x4": mura(4)}, ABLATION),
    substitute_data=DataPlan({"x4": chests(4)}, ABLATION, needs=("chest_xray/nih/*.png",), differs=(CHESTS_INSTEAD,)),
    claims=(
        *relations("Denoising + SR", ("Direct SR",), PRINTED, MINI),
        *relations("Attention head", ("DnCNN head",), PRINTED, MINI),
        *relations("Dropout 0.5", ("Attention head",), PRINTED, MINI),
        *relations("Dropout 0.1", ("Attention head", "Dropout 0.5"), PRINTED, MINI),
        *relations("SR pretrained", ("Denoising pretrained",), PRINTED, MINI),
        *relations("Joint training", ("Attention head", "Dropout 0.1", "Denoising pretrained", "SR pretrained"), PRINTED, MINI),
    ),
    notes=("The paper's values are of RGB, which for grey images equal those of grey: PSNR of grey is the one to compare.",),
    heat_map_row="Joint training",
)
