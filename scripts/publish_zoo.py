"""Publish finished runs of the queue as the default models that ship, each measured on the test split once.

python scripts/publish_zoo.py --data FOLDER --runs FOLDER NAME...
"""

import argparse
from pathlib import Path

from radloupe.papers.default_models import ZOO
from radloupe.papers.train_default import publish_recipe
from radloupe.zoo.load import SHIPPED


def main() -> None:
    """Measure and write each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", choices=list(ZOO), help="default models whose recipe is a run of the queue")
    parser.add_argument("--data", type=Path, required=True, help="the folder with chest_xray, mri and ct")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="the folder of the runs")
    asked = parser.parse_args()
    for name in asked.names:
        manifest = publish_recipe(name, ZOO[name], asked.data, asked.runs, SHIPPED / name)
        print(name, manifest.metrics["anatomy"], manifest.metrics["robustness"], manifest.engine_loss_db, sep="\n", flush=True)


if __name__ == "__main__":
    main()
