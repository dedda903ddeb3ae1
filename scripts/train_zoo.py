"""Train the default models that are not finished, one after the other, and publish each: resumable, in slices of any length.

python scripts/train_zoo.py --data FOLDER [--minutes 10] [--runs runs] [--only mri-x4]
"""

import argparse
import time
from pathlib import Path

from radloupe.papers.default_models import ZOO
from radloupe.papers.train_default import publish_recipe, train_recipe
from radloupe.training.runs import finished
from radloupe.zoo.load import SHIPPED


def main() -> None:
    """Go through the recipes in order until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with chest_xray, mri and ct")
    parser.add_argument("--minutes", type=float, default=600, help="most minutes of training in this call")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where checkpoints and journals are kept")
    parser.add_argument("--only", nargs="*", choices=list(ZOO), help="some of the models")
    parser.add_argument("--again", action="store_true", help="publish finished runs again")
    asked = parser.parse_args()
    end = time.monotonic() + 60 * asked.minutes
    for name, recipe in ZOO.items():
        run = asked.runs / name
        done = finished(run)
        if (asked.only and name not in asked.only) or (done and not asked.again):
            continue
        record = train_recipe(recipe, asked.data, run, (end - time.monotonic()) / 60, lambda row, n=name: print(n, row, flush=True))
        if not record["finished"]:
            print(f"{name}: time is up at step {record['step']} of {record['steps']}; the same command goes on")
            return
        manifest = publish_recipe(name, recipe, asked.data, run, SHIPPED / name)
        print(name, manifest.metrics, "engines lose", manifest.engine_loss_db)


if __name__ == "__main__":
    main()
