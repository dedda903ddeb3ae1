"""Transform-domain MRI: is it better than the baselines at x2, x4 and x8, and are both branches needed? Tables I and II."""

from dataclasses import replace

from radloupe.papers.runner.paper_table import PSNR, SSIM, Column, DataPlan, DatasetSpec, PaperTable, Row, TableMetric, relations

SCALES = (2, 4, 8)
LPIPS = TableMetric("lpips_alex", "LPIPS (AlexNet)", low_is_good=True)
PRINTED = ("psnr", "ssim", LPIPS.name)
METHODS = {"EDSR": "edsr-baseline", "LIIF": "liif", "LTE": "lte", "DRFSA": "drfsa-like", "ArSSR": "arssr-2d", "ours": "transform-mri"}
BRANCHES = {"high-frequency only": "transform-mri-high-only", "low-frequency only": "transform-mri-low-only", "both": "transform-mri"}
TINY = {"size": 64, "middle": 0.3}


def own(contrast: str) -> tuple[Column, ...]:
    """The columns of one of IXI's contrasts, which has networks of its own."""
    return tuple(Column(f"IXI {contrast} x{scale}", f"ixi-{contrast.lower()}", scale, "kspace") for scale in SCALES)


def elsewhere(name: str, data: str) -> tuple[Column, ...]:
    """The columns of another of the paper's collections."""
    return tuple(Column(f"{name} x{scale}", data, scale, "kspace") for scale in SCALES)


def other(contrast: str, data: str = "brains", degradation: str = "kspace-centred", suffix: str = "") -> tuple[Column, ...]:
    """The columns of a contrast; one network is trained on all."""
    beside = {"T1": "IXI T1", "T2": "IXI T2"}.get(contrast, "none")
    return tuple(
        Column(
            f"{contrast} x{scale}{suffix}",
            data,
            scale,
            degradation,
            test_items={"contrast": contrast},
            printed_column=f"{beside} x{scale}",
        )
        for scale in SCALES
    )


def ixi(*contrasts: str, others: bool = False) -> DataPlan:
    """IXI, and where asked for SIMON and SISRMRI, whose folders may be missing."""
    datasets = {f"ixi-{name.lower()}": DatasetSpec("mri-slices", {"contrast": f"-{name}."}, tiny=TINY) for name in contrasts}
    columns = tuple(column for name in contrasts for column in own(name))
    if others:
        datasets["simon"] = DatasetSpec("mri-slices", {"contrast": "T1w", "unit": "session"}, folder="SIMON", tiny=TINY)
        datasets["sisrmri"] = DatasetSpec("mri-slices", folder="SISRMRI/high", tiny=TINY)
        columns += (*elsewhere("SIMON", "simon"), *elsewhere("SISRMRI", "sisrmri"))
    return DataPlan(
        datasets,
        columns,
        differs=("The paper does not say how low slices are made: these are central crops of k-space on the high grid.",),
    )


def brains(*contrasts: str, grid: bool = False) -> DataPlan:
    """The brains in hand, and where asked for T2 with low slices on the high grid as well."""
    spec = DatasetSpec("radloupe.papers.runner.substitute_data:BRAIN_SLICES", tiny={"every": 100})
    columns = tuple(column for name in contrasts for column in other(name))
    on_grid = other("T2", "brains-grid", "kspace", ", on the grid") if grid else ()
    return DataPlan(
        {"brains": spec} | ({"brains-grid": spec} if grid else {}),
        (*columns, *on_grid),
        needs=("mri/openms_patient*_*.nii.gz",),
        differs=(
            "T1, T2 and FLAIR volumes of five patients with multiple sclerosis in place of IXI: three patients to train on, one to test "
            "on, and so no interval.",
            "Low slices are central crops of k-space, moved so that low pixels are centred on the high ones they cover; patches are "
            "turned. Columns on the grid leave low pixels on the first of these, as a plain crop does: the paper's values fit them.",
            "One network a row and scale is trained on all contrasts. The paper prints nothing for FLAIR.",
        ),
    )


COMMON = (
    "DRFSA's code is not public: the row is a network after its title. ArSSR works on slices here, on volumes in its paper.",
    "The value range of each metric is that of the volume, from zero to its largest value.",
)
TABLE_1 = PaperTable(
    "transform-mri/1",
    "Slices of brain MRI at x2, x4 and x8",
    (Row("Bicubic"), *(Row(name, recipe, seeds=3) for name, recipe in METHODS.items())),
    ixi("T1", "T2", "PD", others=True),
    brains("T1", "T2", "FLAIR", grid=True),
    "plain",
    (PSNR, SSIM, LPIPS),
    relations("ours", [name for name in ("Bicubic", *METHODS) if name != "ours"], PRINTED),
    side=128,
    notes=COMMON,
)
TABLE_2 = replace(
    TABLE_1,
    name="transform-mri/2",
    caption="Ablation: each branch alone, and both",
    rows=tuple(Row(name, recipe, seeds=3) for name, recipe in BRANCHES.items()),
    paper_data=ixi("T2"),
    substitute_data=brains("T2"),
    claims=relations("both", [name for name in BRANCHES if name != "both"], PRINTED),
    notes=COMMON[1:],
)
