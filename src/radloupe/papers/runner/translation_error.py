"""Error of a translator between two domains, where the data set holds what it should make."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from radloupe.data.loading import unit
from radloupe.networks.network import Network
from radloupe.papers.runner.data_plan import rows_to_test
from radloupe.papers.runner.measurement import Item, items
from radloupe.papers.runner.paper_table import STORED, Column


def translation_psnr(column: Column, folder: Path, seed: int, translator: Network, device: str) -> dict[str, float] | None:
    """PSNR in dB of the reduced micro-CT against the clinical CT that the test items hold: `translated`, and as it is (`identity`).

    The mean over the test images; None where the items hold none. A translator that does nothing is as good as the identity.
    """
    if not all("low" in row for row in rows_to_test(folder, column)):
        return None
    truths = items(replace(column, degradation=STORED), folder, seed, None, device)
    made = {"identity": items(column, folder, seed, None, device), "translated": items(column, folder, seed, translator, device)}
    return {name: mean_psnr(found, truths) for name, found in made.items()}


def mean_psnr(found: Sequence[Item], truths: Sequence[Item]) -> float:
    """The mean PSNR in dB of low images over their range."""
    errors = [np.square(unit(one.low) - unit(truth.low)).mean() for one, truth in zip(found, truths, strict=True)]
    return float(np.mean([-10 * np.log10(max(error, 1e-12)) for error in errors]))
