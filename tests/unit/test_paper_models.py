"""A finished table becomes a model with its figures, its limits said, and errors that say what is missing."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PILImage
from pydicom.data import get_testdata_file
from safetensors.torch import load
from test_reproduce import texture

import radloupe as rl
from radloupe import formats
from radloupe.cli.console import progress
from radloupe.core.errors import UsageError
from radloupe.evaluation.paired_metrics import ImageMetrics
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo
from radloupe.networks.architectures.loupe import LoupeNet
from radloupe.papers.published import PAPERS, PaperModel
from radloupe.papers.runner import publish_row as publishing
from radloupe.papers.runner.equal_budget import Budget
from radloupe.papers.runner.jobs import run_of
from radloupe.papers.runner.paper_table import REFERENCE_GAINS
from radloupe.papers.runner.publish_row import best, gain, metrics, publish_paper
from radloupe.papers.runner.reproduce import Workspace, reproduce
from radloupe.papers.table_registry import TABLES
from radloupe.training.journal import JOURNAL
from radloupe.zoo import load as zoo
from radloupe.zoo.manifest import CARD, MANIFEST, WEIGHTS, read_manifest
from radloupe.zoo.publish import as_read, stored

CT = get_testdata_file("CT_small.dcm")
PAPER = PAPERS["ttsr-fd-x4"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A finished table of reference-based methods: the smallest networks, two steps."""
    folder = tmp_path_factory.mktemp("papers")
    nih = folder / "data" / "chest_xray" / "nih"
    nih.mkdir(parents=True)
    for n in range(12):
        PILImage.fromarray((255 * texture((80, 80), n)).astype(np.uint8)).save(nih / f"{n:08d}_000.png")
    workspace = Workspace(folder / "data", folder / "runs", accelerator="cpu", seeds=1)
    assert reproduce(TABLES[PAPER.table], workspace, Budget("tiny", 2), lambda text: None, progress)["finished"]
    return folder / "runs"


@pytest.fixture(scope="module")
def model(runs, tmp_path_factory):
    """The folder of its model."""
    folder = tmp_path_factory.mktemp("models") / PAPER.name
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(publishing, "check_reference", lambda network, found: None)  # two steps teach it nothing of references
        publish_paper(PAPER, runs, folder)
    return folder


@pytest.fixture
def images(tmp_path):
    """A low image, a reference, a volume and a file that is none."""
    for name, seed in (("low.png", 30), ("reference.png", 31)):
        PILImage.fromarray((255 * texture((40, 44), seed)).astype(np.uint8)).save(tmp_path / name)
    volume = (100 * texture((2, 20, 24), 32)).astype(np.uint16)[None]
    formats.write(Image(volume, info=PixelInfo("arbitrary", "MR")), tmp_path / "brain.nii.gz")
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return tmp_path


def test_metrics_are_those_of_the_table(runs, model):
    record = json.loads((runs / "results" / "ttsr-fd-2" / "table.json").read_text())
    row = record["columns"][0]["rows"]["TTSR-FD"]
    found = read_manifest(model).metrics["columns"]["ChestXrayRef"]
    gains = {metric.name for metric in REFERENCE_GAINS}
    assert found.keys() == row.keys() - gains
    assert read_manifest(model).metrics["reference_gain_db"].keys() == gains
    for figure, value in ((name, value) for name, value in row.items() if name not in gains):
        assert found[figure]["mean"] == pytest.approx(value["mean"], abs=5e-5)  # four decimals are kept
        assert found[figure]["ci95"] is value["ci95"] is None  # two patients
        plain = record["columns"][0]["rows"]["Bicubic"][figure]["mean"]
        assert found[figure]["gain"] == pytest.approx(value["mean"] - plain, abs=1e-4)


def test_the_manifest_says_how_it_was_made(runs, model):
    manifest = read_manifest(model)
    assert (manifest.name, manifest.modality, manifest.scale, manifest.degradation) == (PAPER.name, "XR", 4, "bicubic")
    made = manifest.training["made"]
    assert (made["table"], made["row"], made["failures"]) == (PAPER.table, "TTSR-FD", list(PAPER.failures))
    assert made["budget"].startswith("2 steps")
    assert set(made["data_sha256"]) == {"chestxray-ref"}
    rows = map(json.loads, (runs / "ttsr-fd" / "data" / "chestxray-ref" / "manifest.jsonl").read_text().splitlines())
    assert manifest.training["patients"] == sorted({row["patient"] for row in rows if row["split"] == "train"})
    card = (model / CARD).read_text()
    for words in (PAPER.use, PAPER.not_for, *PAPER.failures, "2 steps", "`ttsr-fd/2`", "ChestXrayRef | `psnr`", "apache-2.0", "near"):
        assert words in card


def test_an_unfinished_table_is_not_published(runs, tmp_path):
    with pytest.raises(UsageError, match="reproduce xpgan/1"):
        publish_paper(PAPERS["xpgan-x4"], runs, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_model_that_ignores_its_reference_is_not_published(runs, tmp_path):
    with pytest.raises(UsageError, match="significant gain"):
        publish_paper(PAPER, runs, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_large_models_are_stored_with_half_the_bytes(runs, tmp_path, monkeypatch):
    monkeypatch.setattr(publishing, "LARGEST_BYTES", 1000)
    monkeypatch.setattr(publishing, "check_reference", lambda network, found: None)
    manifest = publish_paper(PAPER, runs, tmp_path / "model")
    kinds = {value.dtype for value in load((tmp_path / "model" / WEIGHTS).read_bytes()).values() if value.ndim > 1}
    assert kinds == {torch.bfloat16}
    assert abs(manifest.engine_loss_db["torch-bf16"]) < 0.5  # of a network that has learned nothing; it is a figure, and it is in the card
    assert "bfloat16" in (tmp_path / "model" / CARD).read_text()
    assert all(value.dtype == torch.float32 for value in zoo.load_model(str(tmp_path / "model")).network.state_dict().values())


def test_kernels_are_rounded_once_and_nothing_else():
    network = LoupeNet(2, width=8, blocks=1)
    read = as_read(network, torch.bfloat16).state_dict()
    for key, value in network.state_dict().items():
        expected = value.bfloat16().float() if value.ndim > 1 else value
        assert torch.equal(read[key], expected)
        assert stored(network, torch.float32)[key].dtype == value.dtype


ROWS = [
    ImageMetrics(
        name, patient, {"ours": {"psnr": ours, "ssim": 0.9}, "more": {"psnr": 31.0, "ssim": 0.8}, "Bicubic": {"psnr": plain, "ssim": 0.7}}
    )
    for name, patient, ours, plain in (("a", "p", 30.0, 29.0), ("b", "p", 32.0, 28.0), ("c", "q", 34.0, 33.0))
]


def test_gains_are_paired_and_patients_count_once():
    found = gain(ROWS, "ours", "psnr", seed=0)
    assert (found["mean"], found["bicubic"], found["gain"]) == (32.5, 30.75, 1.75)  # p has 31 against 28.5, q 34 against 33
    assert found["gain_ci95"] is None  # two patients are too few


def test_the_row_that_is_best_on_validation_images_is_taken(tmp_path):
    table = TABLES["ttsr-fd/2"]
    column = table.substitute_data.columns[0]
    journals = {"TTSR": (30.0, 32.0, 31.5), "TTSR-FD": (33.0, 31.0, 30.5)}  # the best of the last phase counts: that is published
    for row in (row for row in table.rows if row.name in journals):
        run = run_of(row, column, tmp_path)
        run.mkdir()
        phases = ("warm-up", "full", "full")
        lines = [
            {"step": n, "phase": phase, "validation": psnr, "validation_psnr": psnr}
            for n, (phase, psnr) in enumerate(zip(phases, journals[row.name], strict=True))
        ]
        (run / JOURNAL).write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert best(PaperModel("a", table.name, ("TTSR", "TTSR-FD"), (column.name,)), table, column, tmp_path).name == "TTSR"


def test_columns_are_pooled():
    paper = PaperModel("a", "b", ("ours",), ("one", "two"))
    columns = {"one": ROWS[:2], "two": ROWS[2:]}
    record = {"header": {"seed": 0}, "protocol": "plain"}
    found = metrics(paper, "ours", record, columns)
    assert (found["images"], found["patients"], found["gain_db"], found["bicubic_psnr"]) == (3, 2, 1.75, 30.75)
    assert {name: row["psnr"]["mean"] for name, row in found["columns"].items()} == {"one": 31.0, "two": 34.0}


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_papers_name_rows_and_columns_that_exist(paper):
    table = TABLES[paper.table]
    assert set(paper.rows) <= {row.name for row in table.rows if row.trained}
    assert "Bicubic" in {row.name for row in table.rows}
    columns = {column.name: (column.data, column.scale) for column in table.substitute_data.columns}
    (one,) = {columns[name] for name in (*paper.columns, *paper.beside)}
    assert paper.name.endswith(f"-x{one[1]}")
    assert all((paper.trained_on, paper.use, paper.not_for, paper.failures))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["low.png"], 2, "give its --reference"),
        (["low.png", "--reference", "none.png"], 3, "no file"),
        (["low.png", "--reference", "torn.png"], 3, "torn.png"),
        (["low.png", "--reference", "brain.nii.gz"], 3, "the reference is MR"),
        (["brain.nii.gz", "--reference", "reference.png"], 3, "the image is MR"),
        ([CT, "--reference", "reference.png"], 3, "the image is CT"),
        (["low.png", "--reference", "reference.png", "--scale", "8"], 2, "enlarges by 4"),
    ],
)
def test_missing_or_wrong_input_is_reported(arguments, code, words, model, images, radloupe, monkeypatch):
    monkeypatch.chdir(images)
    source, *options = arguments
    found, out, err = radloupe("upscale", source, "-o", f"large{''.join(Path(source).suffixes)}", "--model", model, *options)
    assert (found, out) == (code, "")
    assert words in err
    assert not list(images.glob("large*"))


def test_an_image_with_a_reference_is_enlarged_in_tiles(model, images, radloupe):
    how = ("--model", model, "--reference", images / "reference.png", "--tile", "32", "--json")
    code, out, err = radloupe("upscale", images / "low.png", "-o", images / "large.png", *how)
    assert code == 0, err
    (row,) = json.loads(out)["outputs"]
    assert (row["shape_out"], row["tiles"]) == ([1, 160, 176], 4)


@pytest.mark.filterwarnings("ignore:Low consistency", "ignore:.*neighbourhood")  # two steps of training suit nothing
def test_every_slice_of_a_volume_takes_the_reference(model, images):
    slices = np.stack([(255 * texture((20, 24), seed)).astype(np.uint8) for seed in (40, 41)])[None]
    low, reference = Image(slices, info=PixelInfo("stored", "XR")), rl.read(images / "reference.png")
    both = rl.upscale(low, str(model), reference=reference)
    assert both.shape == (2, 80, 96)


def test_paper_models_are_listed_but_never_chosen(model, monkeypatch, radloupe):
    monkeypatch.setattr(zoo, "OF_PAPERS", model.parent)
    names = [row.name for row in rl.models()]
    assert names[-1] == PAPER.name
    assert zoo.default_model("XR", 4) == "xray-x4"
    assert [row["name"] for row in json.loads(radloupe("models", "--json")[1])] == names
    assert PAPER.name in radloupe("models")[1]
    assert radloupe("models", PAPER.name)[1].strip() == (model / CARD).read_text().strip()
    assert [row["name"] for row in json.loads(radloupe("models", PAPER.name, "--json")[1])] == [PAPER.name]
    monkeypatch.setattr(zoo, "SHIPPED", model.parent / "none")
    with pytest.raises(UsageError, match=f"a `model` out of {PAPER.name}"):
        zoo.default_model("XR", 4)


def test_the_folder_holds_three_files(model):
    assert {path.name for path in model.iterdir()} == {MANIFEST, WEIGHTS, CARD}
