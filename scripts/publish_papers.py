"""Publish the models of the papers from the finished tables of `radloupe reproduce --run RUNS`.

python scripts/publish_papers.py --run RUNS [--only aid-srgan-x4] [--output FOLDER]
"""

import argparse
from pathlib import Path

from radloupe.core.errors import RadloupeError
from radloupe.papers.published import PAPERS
from radloupe.papers.runner.publish_row import publish_paper
from radloupe.zoo.load import OF_PAPERS


def main() -> None:
    """Publish one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="the folder that `radloupe reproduce` worked in")
    parser.add_argument("--only", nargs="*", choices=list(PAPERS), default=list(PAPERS), help="some of the models")
    parser.add_argument("--output", type=Path, default=OF_PAPERS, help="where the model folders go")
    asked = parser.parse_args()
    for name in asked.only:
        try:
            manifest = publish_paper(PAPERS[name], asked.run, asked.output / name, overwrite=True)
        except RadloupeError as error:
            parser.error(f"{name}: {error}")
        made, gain, interval = manifest.training["made"], manifest.metrics["gain_db"], manifest.metrics["gain_db_ci95"]
        print(f"{name}: {made['row']} of {made['table']}, {gain:+.2f} dB over bicubic {interval}, {manifest.bytes} bytes")


if __name__ == "__main__":
    main()
