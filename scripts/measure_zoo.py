"""Measure the shipped models on the test split again, say where a figure differs from its card, and bring cards up to date.

python scripts/measure_zoo.py --data FOLDER [--only xray-x4] [--write]
"""

import argparse
import math
import sys
from pathlib import Path

from radloupe.papers.default_models import ZOO
from radloupe.papers.measure_published import measure_published
from radloupe.papers.train_default import measure_again
from radloupe.zoo.load import manifests, shipped
from radloupe.zoo.manifest import NAMES, WEIGHTS, Manifest
from radloupe.zoo.publish import write_folder

TOLERANCE_DB = 0.005  # other processors add in another order


def compared(manifest: Manifest) -> dict[str, float]:
    """The figures in dB that a card must not be off by."""
    inside = manifest.metrics.get("anatomy", {})
    found = {"psnr": manifest.metrics["psnr"], **{f"anatomy {name}": inside.get(name) for name in ("psnr", "gain_db")}}
    return {name: value for name, value in found.items() if value is not None}


def main() -> int:
    """Measure and compare; with `--write` bring manifests and cards up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with chest_xray, mri and ct")
    parser.add_argument("--only", nargs="*", choices=list(shipped()), default=list(shipped()), help="some of the models")
    parser.add_argument("--write", action="store_true", help="write the new figures")
    asked = parser.parse_args()
    differs = False
    for old in (manifest for manifest in manifests() if manifest.name in asked.only):
        new = measure_again(old, ZOO[old.name], asked.data) if old.name in ZOO else measure_published(old, asked.data)
        if "anatomy" not in new.metrics:
            continue
        off = [name for name, value in compared(new).items() if abs(value - compared(old).get(name, math.inf)) > TOLERANCE_DB]
        differs |= bool(off)
        inside = new.metrics["anatomy"]
        print(
            f"{old.name}: anatomy {inside['gain_db']:+.2f} dB {inside['gain_db_ci95'] or ''}, median block "
            f"{inside['median_block_gain_db']:+.2f} dB, {inside['blocks_below_bicubic']:.1%} of the blocks below bicubic; whole image "
            f"{new.metrics['gain_db']:+.2f} dB; engines lose {new.engine_loss_db}" + (f"  DIFFERS: {', '.join(off)}" if off else ""),
            flush=True,
        )
        if asked.write:
            folder = shipped()[old.name]
            write_folder((folder / WEIGHTS).read_bytes(), new, folder, overwrite=True, names=NAMES)
    return int(differs and not asked.write)


if __name__ == "__main__":
    sys.exit(main())
