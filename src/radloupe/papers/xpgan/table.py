"""XPGAN: is it closer to the original and sharper than bicubic enlargement at every blur? Tables 1 and 2."""

from dataclasses import replace

from radloupe.papers.runner.paper_table import SSIM, TRUTH, Column, DataPlan, DatasetSpec, PaperTable, Row, TableMetric, relations
from radloupe.papers.xpgan.printed import BLURS

XPGAN, BICUBIC, ORIGINAL = Row("XPGAN", "xpgan", seeds=3), Row("Bicubic"), Row("Original", TRUTH)
SHARPNESS = TableMetric("laplacian_variance", "Variance of Laplacian")
GAUSSIAN = TableMetric("ssim_gaussian", "SSIM, Gaussian window")
PSNR = TableMetric("psnr", "PSNR (dB)")
COLUMNS = tuple(Column(name, "xpgan-patches", 4, "xpgan", {"k": int(name.removeprefix("k = "))} if "=" in name else {}) for name in BLURS)
SUBSTITUTE = "radloupe.papers.runner.substitute_data:CHEST_PATCHES"
TABLE_1 = PaperTable(
    "xpgan/1",
    "Structural similarity at x4 after a k x k moving average",
    (XPGAN, BICUBIC),
    DataPlan({"xpgan-patches": DatasetSpec("xpgan-patches", tiny={"side": 64})}, COLUMNS),
    DataPlan(
        {"xpgan-patches": DatasetSpec(SUBSTITUTE, tiny={"side": 64, "train": 2, "test": 2, "most": 4})},
        COLUMNS,
        needs=("chest_xray/nih/*.png",),
        differs=("Frontal radiographs of adults (NIH ChestX-ray14, 88 to train on, 11 to test on) replace those of children.",),
    ),
    "xpgan",
    (SSIM, GAUSSIAN, PSNR),
    relations("XPGAN", ("Bicubic",), ("ssim",)),
    notes=("The paper does not say how SSIM is set: uniform 7 x 7 windows; the Gaussian window stands beside it.",),
)
TABLE_2 = replace(
    TABLE_1,
    name="xpgan/2",
    caption="Sharpness at x4 after a k x k moving average",
    rows=(XPGAN, BICUBIC, ORIGINAL),
    metrics=(SHARPNESS,),
    claims=relations("XPGAN", ("Bicubic",), (SHARPNESS.name,)),
    notes=("A larger variance is not a better image: noise has it too. The original's is the one to come near to.",),
)
