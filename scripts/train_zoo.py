"""Train the robust default models, one run of the queue after the other: resumable, in slices of any length.

python scripts/train_zoo.py --data FOLDER [--minutes 10] [--runs runs] [--only mri-x4]
"""

import argparse
import time
from pathlib import Path

from radloupe.papers.training_queue import QUEUE, train_queued, unfinished


def main() -> None:
    """Go through the queue in order until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with chest_xray, mri and ct")
    parser.add_argument("--minutes", type=float, default=600, help="most minutes of training in this call")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where slices, checkpoints, journals and models are kept")
    parser.add_argument("--only", nargs="*", choices=list(QUEUE), help="some of the runs")
    asked = parser.parse_args()
    asked.runs.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + 60 * asked.minutes
    for name in unfinished(asked.runs):
        if asked.only and name not in asked.only:
            continue
        minutes = (end - time.monotonic()) / 60
        record = train_queued(
            QUEUE[name], asked.data.resolve(), asked.runs.resolve(), minutes, lambda row, n=name: print(n, row, flush=True)
        )
        print(name, record, flush=True)
        if not record["finished"]:
            print(f"{name}: time is up at step {record['step']} of {record['steps']}; the same command goes on")
            return


if __name__ == "__main__":
    main()
