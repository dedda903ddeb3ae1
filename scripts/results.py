"""Put finished tables of `radloupe reproduce --no-images` into docs/results, with an index of what each paper's claims came to.

python scripts/results.py [--run RUNS] [--again]
"""

import argparse
import json
import math
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from radloupe.papers.published import PAPERS, PaperModel
from radloupe.papers.runner.paper_table import Column, PaperTable
from radloupe.papers.runner.publish_row import metrics, use_of
from radloupe.papers.runner.stored_table import RECORD, ImagesByColumn, read_table, translated
from radloupe.papers.runner.table_header import OF_OLD_TABLES
from radloupe.papers.runner.table_report import PAGE, write
from radloupe.papers.runner.table_result import VERDICTS, ColumnResult, Result, summarised
from radloupe.papers.table_registry import TABLES
from radloupe.zoo.load import OF_PAPERS
from radloupe.zoo.manifest import NAMES, PROVENANCE, WEIGHTS, read_manifest
from radloupe.zoo.publish import write_folder

PLACE = Path(__file__).parents[1] / "docs" / "results"
BEGIN, END = "<!-- index -->\n", "<!-- /index -->"


def index() -> str:
    """The tables that are there, a line each: how many relations the paper states, how many gains have its sign, and the verdicts."""
    head = ["table", "what is compared", "budget", "relations", "same sign", *VERDICTS]
    lines = [head, ["---"] * len(head)]
    for name in TABLES:
        folder = name.replace("/", "-")
        if not (PLACE / folder / RECORD).exists():
            continue
        record = translated(json.loads((PLACE / folder / RECORD).read_text(encoding="utf-8")))
        verdicts = Counter(relation["verdict"] for relation in record["relations"])
        same = sum(relation["gain"] is not None and relation["gain"] > 0 for relation in record["relations"])
        numbers = (verdicts.total(), same, *(verdicts[verdict] for verdict in VERDICTS))
        budget = record["header"]["budget"].split(" for ")[0]
        lines.append([f"[{name}]({folder}/{PAGE})", record["caption"], budget, *map(str, numbers)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def again(folder: Path) -> None:
    """Write a table again from the metrics of its images: its means, intervals and verdicts as they are computed now."""
    record, images_of = read_table(folder)
    table = TABLES[record["table"]]
    columns = [Column(**part["column"]) for part in record["columns"]]
    for values in (values for images in images_of.values() for image in images for values in image.metrics.values()):
        values |= {metric.name: math.nan for metric in table.metrics if metric.name not in values}  # those that came later
    parts = tuple(summarised(table, column, images_of[column.name], record["header"]["seed"]) for column in columns)
    now = {"differs": table.substitute_data.differs, "notes": table.notes, "missing": missing(table, parts, images_of)}
    header = OF_OLD_TABLES | record["header"] | now
    images = {name: title for title, name in re.findall(r"!\[(.*)\]\((.*)\)", (folder / PAGE).read_text(encoding="utf-8"))}
    write(Result(table, header, record["parameters"], parts, images_of), images, folder)


def missing(table: PaperTable, parts: Sequence[ColumnResult], images_of: ImagesByColumn) -> str:
    """What the table compares now and did not when it was made."""
    rows = [row.name for row in table.rows if row.name not in parts[0].rows]
    there = {part.column.name for part in parts}
    columns = [column.name for column in table.substitute_data.columns if column.name not in there]
    first = images_of[parts[0].column.name]
    runs = {row.name: len({image.seed for image in first if row.name in image.metrics}) for row in table.rows if row.trained}
    few = [row.name for row in table.rows if 0 < runs.get(row.name, 0) < row.seeds]
    words = {"rows": rows, "columns": columns, "further training runs of": few}
    return "; ".join(f"{kind} {', '.join(names)}" for kind, names in words.items() if names) or "nothing"


def figures_again(paper: PaperModel) -> None:
    """Write the figures of a paper's model, which are its table's, and what its users must know into its manifest and card again."""
    folder = OF_PAPERS / paper.name
    manifest = read_manifest(folder)
    made = manifest.training[PROVENANCE] | use_of(paper)
    found = metrics(paper, made["row"], *read_table(PLACE / paper.table.replace("/", "-")))
    found |= {"anatomy": manifest.metrics["anatomy"]} if "anatomy" in manifest.metrics else {}  # measured apart, by scripts/measure_zoo.py
    new = replace(manifest, trained_on=paper.trained_on, metrics=found, training=manifest.training | {PROVENANCE: made})
    write_folder((folder / WEIGHTS).read_bytes(), new, folder, overwrite=True, names=NAMES)


def main() -> None:
    """Copy what a run holds, and write the index again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="the folder that `radloupe reproduce` worked in")
    parser.add_argument("--again", action="store_true", help="write tables, and their models' figures, again from the images' figures")
    asked = parser.parse_args()
    for folder in sorted((asked.run / "results").iterdir()) if asked.run else []:
        shutil.rmtree(PLACE / folder.name, ignore_errors=True)
        shutil.copytree(folder, PLACE / folder.name, ignore=shutil.ignore_patterns(".*"))
    for folder in sorted(PLACE.glob("*/")) if asked.again else []:
        again(folder)
    for paper in PAPERS.values() if asked.again else []:
        figures_again(paper)
    page = PLACE / "README.md"
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    page.write_text(before + BEGIN + index() + END + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main()
