"""Measure the shipped models on the test split again and say where a figure differs from its card.

python scripts/measure_zoo.py --data FOLDER [--write]
"""

import argparse
import sys
from pathlib import Path

from radloupe.recipes.run import measure_again
from radloupe.recipes.zoo import ZOO
from radloupe.zoo.load import SHIPPED, manifests
from radloupe.zoo.manifest import NAMES, WEIGHTS
from radloupe.zoo.publish import write_folder

TOLERANCE_DB = 0.005  # other processors add in another order


def main() -> int:
    """Measure and compare; with `--write` bring manifests and cards up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with chest_xray, mri and ct")
    parser.add_argument("--write", action="store_true", help="write the new figures")
    asked = parser.parse_args()
    differs = False
    for old in (manifest for manifest in manifests() if manifest.name in ZOO):
        new = measure_again(old, ZOO[old.name], asked.data)
        off = abs(new.metrics["psnr"] - old.metrics["psnr"]) > TOLERANCE_DB
        differs |= off
        print(
            f"{old.name}: {new.metrics['psnr']} dB, gain {new.metrics['gain_db']:+} {new.metrics['gain_db_ci95']}, "
            f"SSIM {new.metrics['ssim']}, bf16 loss {new.bf16_loss_db}" + (f"  DIFFERS from {old.metrics['psnr']}" if off else "")
        )
        if asked.write:
            write_folder((SHIPPED / old.name / WEIGHTS).read_bytes(), new, SHIPPED / old.name, overwrite=True, names=NAMES)
    return int(differs and not asked.write)


if __name__ == "__main__":
    sys.exit(main())
