"""Give default models their int8 form: ranges of their bodies and the loss by them, written into their manifests and cards.

python scripts/quantise_zoo.py --data FOLDER [--only xray-x4]
"""

import argparse
from pathlib import Path

import torch

from radloupe.core.errors import UsageError
from radloupe.inference.engines import ENGINE_LOSS_DB
from radloupe.papers.default_models import ZOO
from radloupe.papers.int8_default import with_int8
from radloupe.zoo.load import manifests, shipped
from radloupe.zoo.manifest import NAMES, WEIGHTS
from radloupe.zoo.publish import write_folder


def main() -> None:
    """Quantise, measure and write one model after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with chest_xray, mri and ct")
    parser.add_argument("--only", nargs="*", choices=list(ZOO), default=list(ZOO), help="some of the models")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for old in (manifest for manifest in manifests() if manifest.name in asked.only):
        try:
            new = with_int8(old, ZOO[old.name], asked.data)
        except UsageError as error:
            print(error, flush=True)
            continue
        loss, folder = new.engine_loss_db["openvino-int8"], shipped()[old.name]
        write_folder((folder / WEIGHTS).read_bytes(), new, folder, overwrite=True, names=NAMES)
        print(f"{old.name}: int8 loses {loss:.4f} dB in the anatomy" + ("" if loss <= ENGINE_LOSS_DB else "; it is not used"), flush=True)


if __name__ == "__main__":
    main()
