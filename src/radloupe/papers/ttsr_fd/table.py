"""TTSR-FD: does the frequency loss bring back high frequencies that TTSR loses? Tables 1, 2 and 3."""

from dataclasses import replace

from radloupe.papers.runner.paper_table import PSNR, SSIM, Claim, Collection, Entry, Figure, Material, Study, Trial

BICUBIC, RCAN, ESRGAN = Entry("Bicubic"), Entry("RCAN", "rcan"), Entry("ESRGAN", "esrgan")
TTSR, REC101, FD = Entry("TTSR", "ttsr"), Entry("TTSR-Rec101", "ttsr-rec101"), Entry("TTSR-FD", "ttsr-fd")
HIGH_FREQUENCIES = Figure("high_frequency_error", "High-frequency error", low_is_good=True)
GREY = Figure("psnr_grey", "PSNR of grey (dB)")
SMALL, LARGE = Trial("SynXray_S", "synxray-s", 4, "bicubic"), Trial("SynXray_L", "synxray-l", 4, "bicubic")
CHEST = Trial("ChestXrayRef", "chestxray-ref", 4, "bicubic")
TINY = {"size": 160, "side": 128, "pairs": 10, "validation": 5, "groups": 2, "lut": "plastimatch"}
LESS = {"test": 8, "train": 8, "validation": 4, "size": 64}

HEADS = Material(
    {"synxray-s": Collection("synxray-s", tiny=TINY), "synxray-l": Collection("synxray-l", tiny=TINY)},
    (SMALL, LARGE),
    differs=("The paper does not say how it measures: these are TTSR's luma, without a border.",),
)
CT = {"lidc-0314/chest.nii.gz": "ct/LIDC-IDRI-0314_*.nii.gz"}
BY_VIEWS = {"split": "views"}
ONE_CHEST = Material(
    {name: Collection(name, BY_VIEWS, CT, tiny=TINY) for name in ("synxray-s", "synxray-l")},
    (SMALL, LARGE),
    needs=("ct/LIDC-IDRI-0314_*.nii.gz",),
    differs=(
        "One chest CT of one patient (LIDC-IDRI-0314) stands in for seven head CTs of five: views are split by angle, so that figures "
        "tell of new directions and not of new people, and there is no interval.",
        "The large set has as many views as the grid of one CT gives.",
    ),
)
CHESTS = Material({"chestxray-ref": Collection("chestxray-ref", tiny=LESS)}, (CHEST,))
FEWER_CHESTS = Material(
    {"chestxray-ref": Collection("radloupe.papers.runner.substitute_data:CHEST_REFERENCES", tiny={"size": 64})},
    (CHEST,),
    needs=("chest_xray/nih/*.png",),
    differs=("88 radiographs to train on in place of 1298, of one patient each; the reference is a random other one of the same part.",),
)
LOWER = Claim("The frequency loss lowers the high-frequency error", "TTSR-FD", "TTSR", HIGH_FREQUENCIES.name)
MORE = Claim("TTSR-FD has a higher PSNR than TTSR", "TTSR-FD", "TTSR", "psnr")
NOTE = "High-frequency error: the norm of the error's Fourier transform over that of the truth's, above the low image's highest frequency."
PAPER = Study(
    "ttsr-fd/1",
    "Synthetic X-rays x4, reference-based and single-image methods",
    (BICUBIC, RCAN, ESRGAN, TTSR, FD),
    HEADS,
    ONE_CHEST,
    "ttsr",
    (PSNR, SSIM, GREY, HIGH_FREQUENCIES),
    (LOWER, MORE, Claim("TTSR-FD has a higher PSNR than RCAN", "TTSR-FD", "RCAN", "psnr")),
    notes=(NOTE, "Bicubic enlargement is not in the paper's table."),
)


def small_only(material: Material) -> Material:
    """The same with the small set alone."""
    return replace(material, collections={"synxray-s": material.collections["synxray-s"]}, trials=(SMALL,))


TABLE_1 = PAPER
TABLE_2 = replace(
    PAPER,
    name="ttsr-fd/2",
    caption="Chest radiographs x4 with a reference of another patient",
    entries=(BICUBIC, TTSR, FD),
    own=CHESTS,
    other=FEWER_CHESTS,
    claims=(LOWER, Claim("TTSR-FD has a higher SSIM than TTSR", "TTSR-FD", "TTSR", "ssim")),
)
TABLE_3 = replace(
    PAPER,
    name="ttsr-fd/3",
    caption="Ablation of the frequency loss on synthetic X-rays x4",
    entries=(BICUBIC, TTSR, REC101, FD),
    own=small_only(HEADS),
    other=small_only(ONE_CHEST),
    claims=(
        LOWER,
        Claim("The frequency loss does more than a heavier reconstruction", "TTSR-FD", "TTSR-Rec101", HIGH_FREQUENCIES.name),
        MORE,
    ),
)
