"""The papers' tables made again on phantoms laid out as the images in hand are, with the smallest networks and two steps a row."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image as PILImage

from radloupe import formats
from radloupe.core.errors import InputError, UsageError
from radloupe.data import dataset_manifest
from radloupe.evaluation.paired_metrics import ImageMetrics
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo
from radloupe.networks.facts import trainable
from radloupe.networks.registry import NETWORKS
from radloupe.papers.aid_srgan.activation import coarse, heat
from radloupe.papers.printed import PRINTED, printed
from radloupe.papers.recipes import RECIPES
from radloupe.papers.runner.comparison_sheet import compared
from radloupe.papers.runner.data_plan import rows_to_test
from radloupe.papers.runner.equal_budget import QUICK as TEACHER
from radloupe.papers.runner.equal_budget import REDUCTION, Budget, fitted, shortened
from radloupe.papers.runner.measurement import high_frequency_error
from radloupe.papers.runner.paper_table import BICUBIC, TRUTH, Column
from radloupe.papers.runner.stored_table import read_table
from radloupe.papers.runner.table_result import printed_gain, stated, summarised, verdict
from radloupe.papers.table_registry import TABLES
from radloupe.training.setup import build

QUICK = ("ttsr-fd/2", "xpgan/2", "ct-uct/1")
"""One table of each way to train; the others are in the long suite."""
OPTIONS = ("--networks", "tiny", "--device", "cpu", "--seeds", 1, "--json")


def texture(shape, seed):
    """Waves and noise from 0 to 1."""
    places = np.meshgrid(*map(np.arange, shape), indexing="ij")
    waves = np.prod([np.sin((p + seed) / (3 + axis)) for axis, p in enumerate(places)], 0)
    return np.clip(0.5 + 0.3 * waves + 0.1 * np.random.default_rng(seed).standard_normal(shape), 0, 1)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Twelve radiographs, seven volumes of five brains, a CT and a micro-CT."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("chest_xray/nih", "mri", "ct", "uct"):
        (folder / name).mkdir(parents=True)
    for n in range(12):
        pixels = (255 * texture((144, 144), n)).astype(np.uint8)
        PILImage.fromarray(pixels).save(folder / "chest_xray" / "nih" / f"{n:08d}_000.png")
    volumes = [("01", "T1W"), ("03", "T2W"), ("19", "FLAIR"), ("09", "T2W"), ("04", "T1W"), ("04", "T2W"), ("04", "FLAIR")]
    for seed, (patient, contrast) in enumerate(volumes):
        brain = (1000 * texture((6, 64, 64), seed)).astype(np.uint16)[None]
        formats.write(Image(brain, info=PixelInfo("arbitrary", "MR")), folder / "mri" / f"openms_patient{patient}_study1_{contrast}.nii.gz")
    hu = (2000 * texture((24, 64, 64), 8) - 1000).astype(np.int16)[None]
    formats.write(Image(hu, info=PixelInfo("HU", "CT")), folder / "ct" / "LIDC-IDRI-0314_phantom.nii.gz")
    first, *others = (PILImage.fromarray((255 * plane).astype(np.uint8)) for plane in texture((24, 128, 128), 9))
    first.save(folder / "uct" / "qim3d_bone_phantom.tif", save_all=True, append_images=others)
    return folder


def quickly(name):
    return name if name in QUICK else pytest.param(name, marks=pytest.mark.long)


@pytest.mark.parametrize("name", list(map(quickly, TABLES)))
def test_a_table_is_made_from_end_to_end(name, data, tmp_path, radloupe):
    table = TABLES[name]
    code, out, err = radloupe("reproduce", name, "--data", data, "--run", tmp_path, "--steps", 2, *OPTIONS)
    assert code == 0, err
    answer = json.loads(out)
    folder = tmp_path / "results" / name.replace("/", "-")
    assert (answer["finished"], answer["output"]) == (True, str(folder))
    record = json.loads((folder / "table.json").read_text())
    assert [column["column"]["name"] for column in record["columns"]] == [column.name for column in table.substitute_data.columns]
    for column in record["columns"]:
        assert list(column["rows"]) == [row.name for row in table.rows]
    names = [row.name for row in table.rows]
    assert len(record["relations"]) == sum(len(list(stated(table, column, names))) for column in table.substitute_data.columns)
    assert record["header"]["data_sha256"]
    assert "torch" in record["header"]["software"]
    assert record["header"]["commit"]
    with (folder / "images.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == sum(column["images"] for column in record["columns"]) * len(table.rows)
    check_markdown(folder)


def save(path, seed):
    """A radiograph of its own layout."""
    path.parent.mkdir(parents=True, exist_ok=True)
    PILImage.fromarray((255 * texture((144, 160), seed)).astype(np.uint8)).save(path)


def kermany(folder):
    for n in range(6):
        save(folder / "chest_xray" / "train" / "PNEUMONIA" / f"person{n}_bacteria_{n}.jpeg", n)


def mura(folder):
    for part, first in (("train", 0), ("valid", 50)):
        for n in range(first, first + 6):
            save(folder / "MURA-v1.1" / part / "XR_WRIST" / f"patient{n:05d}" / "study1_positive" / "image1.png", n)


@pytest.mark.parametrize(("name", "layout"), [("xpgan/1", kermany), pytest.param("aid/2", mura, marks=pytest.mark.long)])
def test_the_papers_own_data_are_taken_as_downloaded(name, layout, tmp_path, radloupe):
    layout(tmp_path / "data")
    code, _, err = radloupe("reproduce", name, "--data", tmp_path / "data", "--run", tmp_path / "run", "--steps", 2, *OPTIONS)
    assert code == 0, err
    record = json.loads((tmp_path / "run" / "results" / name.replace("/", "-") / "table.json").read_text())
    assert record["header"]["data"] == "the paper's"
    assert [column["column"]["name"] for column in record["columns"]] == [column.name for column in TABLES[name].paper_data.columns]


def check_markdown(folder):
    """Every table is rectangular, every image is there, and printed figures are in italics."""
    blocks = (folder / "table.md").read_text().split("\n\n")
    tables = [block.splitlines() for block in blocks if block.startswith("|")]
    assert tables
    assert all(len({line.count("|") for line in table}) == 1 for table in tables)
    links = [block.split("(")[-1].rstrip(")\n") for block in blocks if block.startswith("![")]
    assert links
    assert all((folder / link).stat().st_size > 1000 for link in links)


def test_what_is_trained_is_not_trained_again(data, tmp_path, radloupe):
    def table(name, *more):
        code, out, err = radloupe("reproduce", name, "--data", data, "--run", tmp_path, *OPTIONS, *more)
        assert code == 0, err
        return json.loads(out), err

    record, _ = table("xpgan/1", "--steps", 2, "--minutes", 0)
    assert (record["finished"], record["output"]) == (False, None)
    record, said = table("xpgan/1")  # the steps are remembered
    assert (record["finished"], record["steps"]) == (True, 2)
    assert "training" in said
    record, said = table("xpgan/2")  # the same networks on the same data
    assert record["finished"]
    assert "training" not in said
    code, _, err = radloupe("reproduce", "xpgan/1", "--data", data, "--run", tmp_path, *OPTIONS, "--steps", 3)
    assert code == 2
    assert "2 steps" in err


def test_minutes_become_as_many_steps_for_every_row(data, tmp_path, radloupe):
    code, out, err = radloupe("reproduce", "ttsr-fd/2", "--data", data, "--run", tmp_path, *OPTIONS, "--minutes", 0.02)
    assert code == 0, err
    steps = json.loads(out)["steps"]
    plans = [json.loads(path.read_text())["recipe"] for path in (tmp_path / "ttsr-fd").glob("ttsr*/config.json")]
    assert len(plans) == 2
    assert {sum(phase["steps"] for phase in plan["phases"]) for plan in plans} == {steps}


def test_an_unknown_table_suggests_the_nearest(data, tmp_path, radloupe):
    code, _, err = radloupe("reproduce", "ttsr-fd/4", "--data", data, "--run", tmp_path)
    assert code == 2
    assert "Did you mean 'ttsr-fd/" in err


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("xpgan/1", ("chest_xray/train/NORMAL", "chest_xray/nih/*.png")),
        ("transform-mri/1", ("IXI", "mri/openms_patient")),
        ("ct-uct/1", ("clinical", "uct/qim3d_bone_*.tif")),
        ("aid/1", ("MURA", "chest_xray/nih/*.png")),
        ("ttsr-fd/1", ("CT volumes", "ct/LIDC-IDRI-0314_*.nii.gz")),
    ],
)
def test_missing_data_are_named(name, words, tmp_path, radloupe):
    (tmp_path / "empty").mkdir()
    code, _, err = radloupe("reproduce", name, "--data", tmp_path / "empty", "--run", tmp_path / "run", *OPTIONS)
    assert code == 3
    assert all(word in err for word in words), err
    assert not list((tmp_path / "run").rglob("manifest.jsonl"))


def test_printed_values_are_those_of_the_papers():
    """A handful, looked up by hand."""
    assert printed("ttsr-fd/1", "TTSR-FD", "SynXray_L", "ssim") == 0.9514
    assert printed("ttsr-fd/3", "TTSR-Rec101", "SynXray_S", "psnr") == 38.245
    assert printed("xpgan/2", "XPGAN", "k = 30", "laplacian_variance") == 23.85
    assert printed("transform-mri/1", "LIIF", "SIMON x2", "psnr") == 37.94
    assert printed("transform-mri/1", "ours", "IXI PD x8", "lpips_alex") == 0.128
    assert printed("transform-mri/2", "low-frequency only", "IXI T2 x4", "psnr") == 27.34
    assert printed("ct-uct/1", "Proposed Method", "synthesised clinical CT", "ssim") == 0.51
    assert printed("aid/1", "SPSR", "plus x4", "psnr") == 28.77
    assert printed("aid/1", "Ours", "mini x2", "ssim") == 0.9590
    assert printed("aid/2", "Joint training", "mini", "psnr") == 30.14
    assert printed("aid/2", "Joint training", "bicubic", "psnr") is None


@pytest.mark.parametrize("name", list(TABLES))
def test_printed_tables_are_whole_and_belong_to_rows(name):
    table = TABLES[name]
    for block in PRINTED[name]:
        assert block.rows.keys() <= {row.name for row in table.rows}
        assert set(block.metrics) <= {figure.name for figure in table.metrics}
        assert {len(values) for values in block.rows.values()} == {len(block.columns) * len(block.metrics)}
    printed_for = {column.printed_column or column.name for column in (*table.paper_data.columns, *table.substitute_data.columns)}
    assert printed_for & {column for block in PRINTED[name] for column in block.columns}


@pytest.mark.parametrize("name", list(TABLES))
def test_studies_name_what_exists(name):
    table = TABLES[name]
    assert table.name == name
    names = {row.name for row in table.rows}
    assert all({claim.better, claim.worse} <= names for claim in table.claims)
    assert all(row.recipe in (BICUBIC, TRUTH) or row.trained.phases for row in table.rows)
    for plan in (table.paper_data, table.substitute_data):
        assert {column.data for column in plan.columns} <= plan.datasets.keys()
        assert {column.translator for column in plan.columns} <= names | {""}
    columns = {column.name for plan in (table.paper_data, table.substitute_data) for column in plan.columns}
    assert {column for claim in table.claims for column in claim.columns} <= columns
    assert table.substitute_data.needs
    assert not table.paper_data.needs


@pytest.mark.parametrize("name", ["ttsr-fd", "ct-uct", "aid-srgan", "esrgan", "transform-mri"])
def test_a_shortened_recipe_keeps_its_shape(name):
    recipe = RECIPES[name]
    short = shortened(recipe, 200)
    assert short.steps == 200
    for before, after in zip(recipe.phases, short.phases, strict=True):
        assert after.steps == pytest.approx(200 * before.steps / recipe.steps, abs=1)  # ends are rounded to whole steps
        assert all(
            m <= after.steps for m, n in zip(after.schedule.milestones, before.schedule.milestones, strict=True) if n <= before.steps
        )


def test_a_recipe_is_fitted_to_scale_and_budget():
    made = fitted(RECIPES["transform-mri"], "kspace", 8, Budget("small", 50, seed=3), side=128)
    assert (made.scale, made.data.patch, made.data.degradation, made.seed, made.steps) == (8, 16, "kspace", 3, 50)
    made = fitted(RECIPES["ct-uct"], "pyramid", 8, Budget("small", 50), side=128)
    assert (made.networks["translator"].scale, made.networks["generator"].scale) == (1, 8)
    made = fitted(RECIPES["edsr-baseline"], "kspace", 2, Budget("paper", None), side=128)
    assert made.phases == RECIPES["edsr-baseline"].phases
    assert (made.data.patch * 2, made.data.degradation) == (RECIPES["edsr-baseline"].data.patch * 4, "kspace")
    made = fitted(RECIPES["esrgan"], "bicubic", 4, Budget("small", 10), side=96)
    assert made.data.patch * 4 == 128  # its discriminator takes no other
    made = fitted(RECIPES["aid-srgan"], "aid-mini", 4, Budget("small", 10), side=96)
    assert {phase.lr for phase in made.phases} == {1.0}  # joint training at a tenth would learn nothing in a few steps


def test_reduced_networks_begin_with_what_they_are_given():
    made = fitted(RECIPES["ct-uct"], "pyramid", 8, Budget("small", 50), side=128)
    assert [name for name, net in made.networks.items() if net.settings.get("skip")] == ["translator", "backward", "generator"]
    made = fitted(RECIPES["sr-cyclegan"], "pyramid", 8, Budget("small", 50), side=128)
    assert [name for name, net in made.networks.items() if net.settings.get("skip")] == ["generator", "backward"]
    assert {net.optimiser.lr for net in made.networks.values()} == {TEACHER.lr}  # one rate for all who play against each other


def test_a_test_image_that_is_trained_on_is_refused(tmp_path):
    def row(part, digest):
        return {"high": f"{digest}.png", "split": part, "patient": part, "parameters": {}, "sha256": {"high": digest}}

    column = TABLES["ttsr-fd/2"].substitute_data.columns[0]
    dataset_manifest.write(tmp_path, [row("train", "a"), row("validation", "b"), row("test", "c"), row("test", "c")])
    assert len(rows_to_test(tmp_path, column)) == 1
    dataset_manifest.write(tmp_path, [row("train", "a"), row("validation", "b"), row("test", "a")])
    with pytest.raises(InputError, match="found 1"):
        rows_to_test(tmp_path, column)


def test_the_high_frequency_error_leaves_low_frequencies_out():
    y, x = np.mgrid[:64, :64] / 64
    truth = np.sin(2 * np.pi * 20 * x)  # 20 of 32: above the 8 that a fourth of the pixels can hold
    low, high = 0.3 * np.sin(2 * np.pi * 3 * y), 0.25 * np.cos(2 * np.pi * 20 * x)
    assert high_frequency_error(truth + low, truth, 4) == pytest.approx(0, abs=1e-12)  # sums of 64 x 64 rounding errors
    assert high_frequency_error(truth + low + high, truth, 4) == pytest.approx(0.25, rel=1e-9)


@pytest.mark.parametrize(
    ("gain", "interval", "words"),
    [
        (1, (0.5, 1.5), "holds"),
        (-1, (-1.5, -0.5), "does not hold"),
        (1, (-0.1, 2), "interval touches zero"),
        (1, None, "no interval"),
        (np.nan, None, "not measured"),
    ],
)
def test_verdicts_follow_the_interval(gain, interval, words):
    assert verdict(float(gain), interval) == words


def test_a_lower_error_is_a_gain_and_patients_count_once():
    table = TABLES["ttsr-fd/2"]
    figures = [figure.name for figure in table.metrics]

    def row(patient, ttsr, ours):
        return ImageMetrics("a", patient, {name: dict.fromkeys(figures, value) for name, value in (("TTSR", ttsr), ("TTSR-FD", ours))})

    rows = [row("p", 3.0, 1.0), row("p", 3.0, 1.0), row("q", 3.0, 2.0)]
    column = summarised(table, table.substitute_data.columns[0], rows, seed=0)
    assert (column.patients, column.images) == (2, 3)
    lower = next(v for v in column.verdicts if v.metric == "high_frequency_error")
    assert lower.gain == pytest.approx(1.5)
    assert next(v for v in column.verdicts if v.metric == "ssim").gain == pytest.approx(-1.5)
    assert column.rows["TTSR"]["psnr"].printed == 36.767


def claims_between(name, *rows):
    """The claims of a table between two rows by metric and column: which row is ahead, and by how much in print."""
    table = TABLES[name]
    return {
        (claim.metric, column.name): (claim.better, printed_gain(table, column, claim))
        for column in table.substitute_data.columns
        for claim in stated(table, column, [row.name for row in table.rows])
        if {claim.better, claim.worse} == set(rows)
    }


def test_claims_have_the_printed_sign():
    """Looked up by hand in the papers' tables."""
    found = claims_between("aid/1", "Ours", "Ours+")
    assert [found["psnr", name][0] for name in ("mini x4", "plus x4", "mini x2", "plus x2")] == ["Ours+", "Ours+", "Ours", "Ours+"]
    assert {better for (metric, _), (better, _) in found.items() if metric == "ssim"} == {"Ours"}
    assert found["psnr", "mini x2"][1] == pytest.approx(34.11 - 34.03)
    assert claims_between("aid/1", "Ours+", "DPSR")["ssim", "mini x4"] == ("DPSR", pytest.approx(0.9497 - 0.9476))
    assert claims_between("aid/2", "SR pretrained", "Joint training")["ssim", "mini"][0] == "SR pretrained"
    assert claims_between("ttsr-fd/1", "RCAN", "TTSR")["psnr", "SynXray_S"] == ("RCAN", pytest.approx(38.597 - 37.953))
    assert claims_between("ttsr-fd/2", "TTSR", "TTSR-FD")["psnr", "ChestXrayRef"][0] == "TTSR"
    lower = claims_between("ttsr-fd/2", "TTSR", "TTSR-FD")["high_frequency_error", "ChestXrayRef"]
    assert lower == ("TTSR-FD", None)  # in words alone
    assert claims_between("transform-mri/1", "ours", "LIIF")["lpips_alex", "T1 x8"] == ("ours", pytest.approx(0.195 - 0.188))


def test_every_printed_metric_of_a_stated_relation_is_a_claim():
    for name, table in TABLES.items():
        printed_metrics = {metric for block in PRINTED[name] for metric in block.metrics} & {metric.name for metric in table.metrics}
        pairs = {(claim.better, claim.worse) for claim in table.claims if "Rec280" not in claim.worse}
        missing = {(*pair, metric) for pair in pairs for metric in printed_metrics} - {
            (claim.better, claim.worse, claim.metric) for claim in table.claims
        }
        assert not missing


def test_values_of_several_runs_are_means_over_all_of_them():
    table = TABLES["xpgan/2"]
    column = table.substitute_data.columns[0]

    def image(patient, seed, ours):
        rows = {"XPGAN": ours, "Bicubic": 1.0, "Original": 9.0}
        return ImageMetrics(f"{patient}.png", patient, {name: {"laplacian_variance": value} for name, value in rows.items()}, seed=seed)

    one = [image(str(n), 0, 2.0 + n / 10) for n in range(8)]
    other = [image(str(n), 1, 4.0 + n / 10) for n in range(8)]
    alone, both = (summarised(table, column, images, 0) for images in (one, one + other))
    assert (both.images, both.patients) == (8, 8)
    assert both.rows["XPGAN"]["laplacian_variance"].mean == pytest.approx(3.35)  # 2.35 and 4.35
    (first,), (verdict_of_both,) = alone.verdicts, both.verdicts
    assert first.verdict == "holds"
    assert verdict_of_both.verdict == "interval touches zero"  # the two runs differ by 2


def test_reduced_networks_have_an_eighth_of_the_parameters():
    """Of the rows that tables compare; the branches of an ablation have the settings of the whole network."""
    generators = {}
    for table in TABLES.values():
        for row in table.rows:
            for name, net in (row.trained.networks if row.trained else {}).items():
                if net.architecture not in ("transform-mri-low", "transform-mri-high"):
                    generators[net.architecture, net.scale] = (row.trained, name)
    assert len(generators) > 20
    for (architecture, scale), (recipe, name) in generators.items():
        paper, small = (
            fitted(recipe, "bicubic", scale or 4, Budget(size, 10), side=128 if scale in (1, 8) else 96).networks[name]
            for size in ("paper", "small")
        )
        sizes = [trainable(build(net, 0)) for net in (paper, small)]
        assert sizes[0] / sizes[1] == pytest.approx(REDUCTION, rel=0.1), architecture


def test_without_images_the_spectra_alone_are_shown():
    truth = (255 * texture((64, 64), 1)).astype(np.uint8)
    one = ImageMetrics("a", "p", {"Bicubic": {"psnr": 30.0}})
    whole, alone = (compared(truth[::4, ::4], truth, {"Bicubic": truth}, one, 4, images) for images in (True, False))
    assert len(whole) == 4 * len(alone)  # images, detail, errors, spectra
    np.testing.assert_array_equal(alone, whole[-len(alone) :])


def test_heat_maps_show_what_is_changed():
    network = NETWORKS["aid-srgan"](4, **NETWORKS["aid-srgan"].small, base=1.0).eval()
    with torch.no_grad():  # a head that passes its first feature on, and a last layer that takes from it what is above 0.8
        for layer in (network.first[0], network.denoise):
            layer.weight.zero_()
            layer.bias.zero_()
        network.first[0].weight[0, 0, 1, 1], network.first[0].bias[0] = 1, -0.8
        network.denoise.weight[:, 0, 1, 1] = -1
        for block in network.head:
            block[0].weight.zero_()
            block[0].bias.zero_()
    low = np.full((32, 48), 0.5, np.float32)
    low[4:6, 20] = 1.0, 0.9
    found = heat(network, low)
    assert found.shape == low.shape
    assert set(zip(*np.nonzero(found), strict=True)) == {(4, 20), (5, 20)}  # not where the image is as bright as it may be
    assert found[4, 20] == 1
    assert found[5, 20] == pytest.approx(0.25, rel=1e-5)  # of a square; float32
    fields = coarse(found)
    assert fields.shape == low.shape
    assert (fields[4:6, 18:21] == 1).all()  # of 2 x 3 pixels
    assert fields.sum() == 6


def test_a_run_made_with_another_seed_is_refused(data, tmp_path, radloupe):
    radloupe("reproduce", "xpgan/2", "--data", data, "--run", tmp_path, *OPTIONS, "--steps", 2, "--minutes", 0)
    code, _, err = radloupe("reproduce", "xpgan/2", "--data", data, "--run", tmp_path, *OPTIONS, "--seed", 1)
    assert code == 2
    assert "seed" in err


def test_tables_are_listed(radloupe):
    code, out, _ = radloupe("reproduce", "--list", "--json")
    assert code == 0
    assert [row["table"] for row in json.loads(out)] == list(TABLES)


def test_data_and_run_are_asked_for(radloupe):
    code, _, err = radloupe("reproduce", "xpgan/1")
    assert code == 2
    assert "--data" in err


def test_networks_of_another_size_are_refused(data, tmp_path, radloupe):
    assert radloupe("reproduce", "xpgan/1", "--data", data, "--run", tmp_path, "--networks", "huge")[0] == UsageError.exit_code


OLD_COLUMN = {
    "name": "k = 10",
    "data": "d",
    "scale": 4,
    "degradation": "xpgan",
    "settings": {},
    "only": {"k": 10},
    "through": "",
    "printed": "p",
}
OLD_RECORD = {
    "table": "xpgan/1",
    "columns": [{"trial": OLD_COLUMN, "rows": {"XPGAN": {"psnr": {"mean": 30.5, "ci95": None, "printed": 31.0}}}}],
    "relations": [{"claim": "c", "trial": "k = 10", "figure": "psnr", "gain": 1.0, "ci95": None, "verdict": "no interval"}],
}


def test_a_table_of_version_0_1_is_read_with_the_keys_of_today(tmp_path):
    (tmp_path / "table.json").write_text(json.dumps(OLD_RECORD))
    (tmp_path / "images.csv").write_text("trial,image,patient,row,psnr\nk = 10,a.png,p,XPGAN,30.5\n")
    record, images = read_table(tmp_path)
    column = Column(**record["columns"][0]["column"])
    assert (column.name, column.test_items, column.printed_column) == ("k = 10", {"k": 10}, "p")
    assert record["columns"][0]["rows"] == OLD_RECORD["columns"][0]["rows"]  # the printed value of a cell keeps its key
    assert (record["relations"][0]["column"], record["relations"][0]["metric"]) == ("k = 10", "psnr")
    assert images == {"k = 10": [ImageMetrics("a.png", "p", {"XPGAN": {"psnr": 30.5}})]}
