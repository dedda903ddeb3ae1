"""Implicit functions: the published form against ours, time and memory, interleaved in one process. CSV on standard output.

    python bench/nets_lte.py [--rounds 5] [--sizes 48 64 97]

`ratio` is the median over rounds of the published form's time to ours; the largest difference is checked before anything is timed.
Memory is that of the tensors alive at the worst moment. The texture estimator is the transform-domain MRI network's (64 to 64 channels,
twice as large); LIIF's head makes three channels. Attention is one shifted block of SwinIR, 180 wide, against all scores in memory.
"""

import argparse
import csv
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import Tensor

from radloupe.nets import swin
from radloupe.nets.implicit import Head, centres, enlarge, mlp, plain_query
from radloupe.nets.liif import Liif
from radloupe.nets.lte import Lte

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from live_memory import peak_bytes

Way = Callable[[], Tensor]
CLOSE = 1e-5


def published(head: Head, features: Tensor) -> Tensor:
    """Twice as large by looking up every place."""
    y, x = (2 * n for n in features.shape[2:])
    places = centres((y, x), features)[None]
    values = plain_query(head, features, places, torch.tensor([2 / y, 2 / x]).expand_as(places))
    return values.mT.unflatten(-1, (y, x))


def heads(side: int) -> Iterator[tuple[str, Way, Way]]:
    """The published form of each head, and ours."""
    features = torch.randn(1, 64, side, side)
    built: dict[str, Head] = {"lte": Lte(64, 64), "liif": Liif(64, 3, mlp(*[256] * 4))}
    for name, head in built.items():
        yield name, lambda h=head: published(h, features), lambda h=head: enlarge(h, h.codes(features), 2, 1.0)


def attention(side: int) -> Iterator[tuple[str, Way, Way]]:
    """A shifted block with all scores in memory, and ours."""
    block, tokens = swin.Block(180, 6, 8, 2.0, True), torch.randn(1, side // 8 * 8, side // 8 * 8, 180)
    mask = swin.shift_mask(tokens, 8)

    def plain() -> Tensor:
        with mock.patch.object(swin.F, "scaled_dot_product_attention", swin.plain_attention):
            return block(tokens, mask)

    yield "swin-block", plain, lambda: block(tokens, mask)


def seconds(way: Way) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def rows(sizes: list[int], rounds: int) -> Iterator[dict[str, Any]]:
    """A line for each form and size."""
    for side in sizes:
        for name, plain, ours in (*heads(side), *attention(side)):
            difference = float((plain() - ours()).abs().max())
            if difference > CLOSE:
                raise SystemExit(f"{name} at {side}: the forms differ by {difference}.")
            times = [(seconds(plain), seconds(ours)) for _ in range(rounds)]
            yield {
                "name": name,
                "side": side,
                "plain_ms": round(1e3 * statistics.median(a for a, _ in times), 1),
                "ours_ms": round(1e3 * statistics.median(b for _, b in times), 1),
                "ratio": round(statistics.median(a / b for a, b in times), 2),
                "plain_mib": round(peak_bytes(plain) / 2**20, 1),
                "ours_mib": round(peak_bytes(ours) / 2**20, 1),
                "difference": difference,
            }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[48, 64, 97])
    asked = parser.parse_args()
    torch.manual_seed(0)
    writer = None
    with torch.no_grad():
        for row in rows(asked.sizes, asked.rounds):
            if writer is None:
                writer = csv.DictWriter(sys.stdout, list(row))
                writer.writeheader()
            writer.writerow(row)


if __name__ == "__main__":
    main()
