"""Put finished tables of `radloupe reproduce --no-images` into docs/results, with an index of what each paper's claims came to.

python scripts/results.py [--run RUNS]
"""

import argparse
import json
import shutil
from collections import Counter
from pathlib import Path

from radloupe.recipes.reproduce import TABLES
from radloupe.recipes.reproduce.report import PAGE, RECORD
from radloupe.recipes.reproduce.run import VERDICTS

PLACE = Path(__file__).parents[1] / "docs" / "results"
BEGIN, END = "<!-- index -->\n", "<!-- /index -->"


def index() -> str:
    """The tables that are there, a line each."""
    lines = [["table", "what is compared", "budget", *VERDICTS], ["---"] * (3 + len(VERDICTS))]
    for name in TABLES:
        folder = name.replace("/", "-")
        if not (PLACE / folder / RECORD).exists():
            continue
        record = json.loads((PLACE / folder / RECORD).read_text(encoding="utf-8"))
        found = Counter(relation["verdict"] for relation in record["relations"])
        budget = record["header"]["budget"].split(" for ")[0]
        lines.append([f"[{name}]({folder}/{PAGE})", record["caption"], budget, *(str(found[verdict]) for verdict in VERDICTS)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Copy what a run holds, and write the index again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="the folder that `radloupe reproduce` worked in")
    asked = parser.parse_args()
    for folder in sorted((asked.run / "results").iterdir()) if asked.run else []:
        shutil.rmtree(PLACE / folder.name, ignore_errors=True)
        shutil.copytree(folder, PLACE / folder.name, ignore=shutil.ignore_patterns(".*"))
    page = PLACE / "README.md"
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    page.write_text(before + BEGIN + index() + END + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main()
