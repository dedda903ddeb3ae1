"""What ships is complete, small, and says the same everywhere."""

import json
import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from radloupe.core.settings import rebuilt
from radloupe.papers.default_models import ZOO
from radloupe.papers.measure_published import COLLECTIONS
from radloupe.papers.published import PAPERS
from radloupe.papers.table_registry import TABLES
from radloupe.training.recipe import Recipe
from radloupe.zoo.card import card
from radloupe.zoo.load import load_model, manifests, shipped
from radloupe.zoo.manifest import CARD, WEIGHTS

ROOT = Path(__file__).parents[2]
BARS_DB = {"xray-x2": 1.3, "xray-x4": 0.55, "mri-x2": 2.0, "mri-x4": 2.6, "ct-x2": 2.1, "ct-x4": 3.0}  # least gain over bicubic
OF_PAPERS = tuple(PAPERS)
REPOSITORY_BYTES = 60_000_000


def test_every_recipe_ships_and_nothing_else():
    assert ZOO.keys() == BARS_DB.keys()
    assert {m.name for m in manifests()} == {*ZOO, *OF_PAPERS}


def test_the_repository_stays_small():
    rooms = ("src", "docs", "tests", "scripts", "bench")
    assert sum(path.stat().st_size for room in rooms for path in (ROOT / room).rglob("*") if path.is_file()) < REPOSITORY_BYTES


@pytest.mark.parametrize("name", OF_PAPERS)
def test_a_papers_model_is_that_of_its_row(name):
    manifest, paper = next(m for m in manifests() if m.name == name), PAPERS[name]
    made = manifest.training["made"]
    assert (made["table"], manifest.trained_on) == (paper.table, paper.trained_on)
    assert (made["use"], made["not_for"], tuple(made["failures"])) == (paper.use, paper.not_for, paper.failures)
    assert made["row"] in paper.rows
    row = next(row for row in TABLES[paper.table].rows if row.name == made["row"])
    assert manifest.training["name"] == row.trained.name
    assert manifest.bytes == (shipped()[name] / WEIGHTS).stat().st_size
    assert manifest.bytes <= 3_000_000 or "torch-bf16" in manifest.engine_loss_db  # larger ones are stored in bfloat16
    model = load_model(name)
    assert (model.strict, model.spec.scale, model.modality) == (True, manifest.scale, manifest.modality)


@pytest.mark.parametrize("name", OF_PAPERS)
def test_a_papers_model_is_measured_in_the_anatomy_where_there_is_one(name):
    manifest = next(m for m in manifests() if m.name == name)
    assert ("anatomy" in manifest.metrics) == (manifest.modality in COLLECTIONS)
    if inside := manifest.metrics.get("anatomy"):
        assert {"psnr", "ssim", "gain_db", "median_block_gain_db", "blocks_below_bicubic", "patients"} <= inside.keys()


@pytest.mark.parametrize("name", OF_PAPERS)
def test_a_papers_model_has_the_metrics_of_the_table(name):
    manifest = next(m for m in manifests() if m.name == name)
    made = manifest.training["made"]
    record = json.loads((ROOT / "docs" / "results" / made["table"].replace("/", "-") / "table.json").read_text())
    columns = {column["column"]["name"]: column["rows"][made["row"]] for column in record["columns"]}
    for column, metrics in manifest.metrics["columns"].items():
        for metric, values in metrics.items():
            assert values["mean"] == pytest.approx(columns[column][metric]["mean"], abs=5e-5)  # four decimals are kept


@pytest.mark.parametrize("name", BARS_DB)
def test_a_model_is_small_sound_and_better_than_bicubic(name):
    manifest = next(m for m in manifests() if m.name == name)
    assert manifest.parameters <= 600_000
    assert manifest.bytes == (shipped()[name] / WEIGHTS).stat().st_size <= 3_000_000
    assert manifest.metrics["gain_db"] >= BARS_DB[name]
    assert load_model(name).spec.receptive_field_radius == manifest.receptive_field_radius


@pytest.mark.parametrize("name", BARS_DB)
def test_a_model_was_made_by_its_recipe(name):
    manifest = next(m for m in manifests() if m.name == name)
    recipe = ZOO[name]
    assert (manifest.modality, manifest.scale, manifest.degradation) == (recipe.modality, recipe.scale, recipe.degradation)
    assert (manifest.network, manifest.arguments) == (recipe.net.architecture, recipe.arguments)
    recorded = rebuilt(Recipe, {name: manifest.training[name] for name in Recipe.__dataclass_fields__})
    assert replace(recorded, note="") == recipe.recipe


@pytest.mark.parametrize("name", BARS_DB)
def test_the_number_of_training_images_is_that_of_the_list(name):
    manifest = next(m for m in manifests() if m.name == name)
    assert int(manifest.trained_on.split()[0]) == len(manifest.training["images"])


@pytest.mark.parametrize("name", (*BARS_DB, *OF_PAPERS))
def test_cards_are_up_to_date(name):
    manifest = next(m for m in manifests() if m.name == name)
    assert (shipped()[name] / CARD).read_text(encoding="utf-8") == card(manifest)


def test_the_page_of_models_is_up_to_date():
    with_table = runpy.run_path(str(ROOT / "scripts" / "cards.py"))["with_table"]
    page = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    assert with_table(page) == page
