"""Calibrate the intervals of the default models on the validation split, and measure their coverage on the test split.

python scripts/calibrate_zoo.py --data FOLDER [--only xray-x4] [--write]
"""

import argparse
from dataclasses import replace
from pathlib import Path

from radloupe.data.sources import SOURCES
from radloupe.evaluation.calibrate_intervals import calibrate
from radloupe.papers.default_models import ZOO
from radloupe.zoo.load import load_model, shipped
from radloupe.zoo.manifest import NAMES, WEIGHTS, read_manifest
from radloupe.zoo.publish import write_folder


def main() -> None:
    """Calibrate each model; with `--write` keep the calibrations in the manifests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with chest_xray, mri and ct")
    parser.add_argument("--only", nargs="*", choices=list(ZOO), default=list(ZOO), help="some of the models")
    parser.add_argument("--write", action="store_true", help="write the calibrations")
    asked = parser.parse_args()
    for name in asked.only:
        source = SOURCES[ZOO[name].source]
        found = calibrate(load_model(name), *(source(asked.data, part) for part in ("train", "validation", "test")))
        print(f"{name}: {found.images} slices of {found.patients} patient(s), noise gain {found.noise_gain}", found.measured, flush=True)
        if asked.write:
            folder = shipped()[name]
            manifest = replace(read_manifest(folder), uncertainty=found.record)
            write_folder((folder / WEIGHTS).read_bytes(), manifest, folder, overwrite=True, names=NAMES)


if __name__ == "__main__":
    main()
