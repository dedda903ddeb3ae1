"""Clinical CT to micro-CT: are two stages better than one network for both? Table 1."""

from radloupe.papers.runner.paper_table import PSNR, SSIM, STORED, Column, DataPlan, DatasetSpec, PaperTable, Row, TableMetric, relations

TRANSLATED = "synthesised clinical CT"  # the paper's column
TWO_STAGES = Row("Proposed Method", "ct-uct")


def columns(degradation: str) -> tuple[Column, ...]:
    """The paper's column, and the low images as they are."""
    micro = {"domain": "micro"}
    return (
        Column(TRANSLATED, "ct-uct", 8, degradation, test_items=micro, translator=TWO_STAGES.name),
        Column("reduced micro-CT", "ct-uct", 8, degradation, test_items=micro),
    )


BONE = {
    "split": "slices",
    "tissue": "bone",
    "mask": "none",
    "micro_side": 128,
    "clinical_side": 16,
    "patches": 400,
}
SIMULATED = "radloupe.papers.ct_uct.simulated_scanner:SIMULATED_SCANNER"
SCANNERS = tuple(
    Column(name, "scanners", 8, degradation, test_items={"domain": "micro"}, translator=translator, printed_column="none")
    for name, degradation, translator in (
        ("simulated clinical CT", STORED, ""),
        ("translated to simulated clinical CT", "pyramid-centred", TWO_STAGES.name),
    )
)
"""Domains that differ as two scanners do; the first column is what the second one's translator should make."""
LINKS = {"clinical/LIDC-IDRI-0314.nii.gz": "ct/LIDC-IDRI-0314_*.nii.gz", "micro/bone.tif": "uct/qim3d_bone_*.tif"}
TABLE_1 = PaperTable(
    "ct-uct/1",
    "Micro-CT at x8 from its reduced form made to look clinical",
    (Row("SR-CycleGAN", "sr-cyclegan"), TWO_STAGES, Row("Bicubic")),
    DataPlan(
        {"ct-uct": DatasetSpec("ct-uct", tiny={"patches": 4, "mask": "none"})},
        columns("pyramid"),
        differs=("The second column, which the paper has not, leaves the translation out; there neither method is at home.",),
    ),
    DataPlan(
        {
            "ct-uct": DatasetSpec("ct-uct", BONE, LINKS, tiny={"patches": 4, "mask": "none"}),
            "scanners": DatasetSpec(SIMULATED, links={"micro/bone.tif": LINKS["micro/bone.tif"]}, tiny={"patches": 4}),
        },
        (*columns("pyramid-centred"), *SCANNERS),
        needs=("ct/LIDC-IDRI-0314_*.nii.gz", "uct/qim3d_bone_*.tif"),
        differs=(
            "Micro-CT of BONE replaces that of lung, which is not public: no metric here is comparable with the paper's.",
            "Clinical patches are from the whole chest, not from the lung alone: bone and marrow have nothing like them in air.",
            "One volume of each domain, split by slices: one specimen, and so no interval.",
            "Patches have half the paper's side: the volume is 128 pixels wide.",
            "The pyramid averages 2 x 2 pixels in place of taking the first of them, so that low pixels are centred on what they show.",
            "The second column, which the paper has not, leaves the translation out; there neither method is at home.",
            "The last two columns are of bone alone, as micro-CT and as a simulated clinical scanner with another point spread function, "
            "contrast curve and noise shows it, from separate slices: there translation has something to learn, and its truth is known.",
        ),
    ),
    "uct",
    (SSIM, TableMetric("ssim_global", "SSIM, global"), PSNR),
    relations(TWO_STAGES.name, ("SR-CycleGAN",), ("ssim", "ssim_global"), (TRANSLATED, *(column.name for column in SCANNERS))),
    side=128,
    tiny_side=128,
    notes=("Both methods are given the same low image: the one that the two-stage method's translator makes.",),
)
