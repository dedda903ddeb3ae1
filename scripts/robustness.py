"""Measure how models bear images made in other ways than their training images: gains in the anatomy, worst images, bounded pixels.

python scripts/robustness.py --data FOLDER [--part validation] [--json FILE] MODEL...
"""

import argparse
import json
from pathlib import Path

from radloupe.data.sources import SOURCES
from radloupe.evaluation.robustness import robustness, thinned
from radloupe.papers.training_queue import COLLECTIONS
from radloupe.zoo.load import load_model


def main() -> None:
    """Survey each model and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", help="shipped models or model folders")
    parser.add_argument("--data", type=Path, required=True, help="the folder with chest_xray, mri and ct")
    parser.add_argument("--part", choices=("validation", "test"), default="validation")
    parser.add_argument("--json", type=Path, help="where the numbers go")
    asked = parser.parse_args()
    found = {}
    for name in asked.models:
        model = load_model(name)
        found[name] = robustness(thinned(SOURCES[COLLECTIONS[model.modality]](asked.data, asked.part)), model)
        print(f"| {' | '.join([name, *list(found[name][0])[1:]])} |\n|{'---|' * len(found[name][0])}")
        print("\n".join(f"| {' | '.join(map(str, row.values()))} |" for row in found[name]), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
