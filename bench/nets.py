"""Fast forms inside the networks beside the plain ones, time and memory, interleaved in one process. CSV on standard output.

    python bench/nets.py [--rounds 7] [--threads 2] [--only NAME ...]

`ratio` is the median over rounds of the plain form's time to ours. Results are compared before anything is timed: `difference` is the
largest one; for the searches it is of similarities, and for the coarse one, which is not exact, their mean loss against the exact search,
which stands as the plain form there. Memory is that of the tensors alive at the worst moment. The search looks for features of TTSR
(256 channels, smooth noise; a side of 40 is a patch of 160 pixels). The texture estimator is the transform-domain MRI network's (64 to
64 channels, twice as large); LIIF's head makes three channels. Attention is one shifted block of SwinIR, 180 wide.
"""

import argparse
import csv
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import torch
from torch import Tensor

from radloupe.networks.architectures.liif import LIIFDecoder
from radloupe.networks.architectures.lte import LTEDecoder
from radloupe.networks.layers import swin
from radloupe.networks.layers.coarse_search import coarse_search
from radloupe.networks.layers.implicit import Head, centres, enlarge, mlp, plain_query
from radloupe.networks.layers.texture_search import plain_search, search

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from live_memory import peak_bytes

Method = Callable[[], Tensor]
CLOSE = 1e-5  # float32 sums of some thousand products in another order


class Case(NamedTuple):
    """Two ways to the same result."""

    name: str
    side: int
    plain: Method
    ours: Method
    allowed: float = CLOSE


def smooth(side: int, seed: int) -> Tensor:
    """Features as a network's are: smooth and rectified."""
    noise = torch.randn(1, 256, side + 4, side + 4, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.avg_pool2d(noise, 5, stride=1).relu_()


def searches() -> Iterator[Case]:
    """The definition beside the streamed search, and that beside the coarse one."""
    for side in (40, 64):
        pair = smooth(side, 0), smooth(side, 1)
        yield Case("texture-search", side, partial(similarity, plain_search, pair), partial(similarity, search, pair))
    pair = smooth(128, 0), smooth(128, 1)
    yield Case(
        "coarse-search", 128, partial(similarity, search, pair), partial(similarity, partial(coarse_search, factor=4), pair), math.inf
    )


def similarity(find: Callable[..., Any], pair: tuple[Tensor, Tensor]) -> Tensor:
    """How similar the best places are."""
    return find(*pair).similarity


def heads() -> Iterator[Case]:
    """Every place looked up as published, and our phases with constant offsets."""
    built: dict[str, Head] = {"lte-head": LTEDecoder(64, 64), "liif-head": LIIFDecoder(64, 3, mlp(*[256] * 4))}
    for name, head in built.items():
        for side in (48, 97):
            features = torch.randn(1, 64, side, side)
            yield Case(name, side, partial(published, head, features), lambda h=head, f=features: enlarge(h, h.codes(f), 2, 1.0))


def published(head: Head, features: Tensor) -> Tensor:
    """Twice as large by looking up every place."""
    y, x = (2 * n for n in features.shape[2:])
    positions = centres((y, x), features)[None]
    values = plain_query(head, features, positions, torch.tensor([2 / y, 2 / x]).expand_as(positions))
    return values.mT.unflatten(-1, (y, x))


def attention() -> Iterator[Case]:
    """A shifted block with all scores in memory, and ours."""
    block, tokens = swin.Block(180, 6, 8, 2.0, True), torch.randn(1, 64, 64, 180)
    mask = swin.shift_mask(tokens, 8)

    def plain() -> Tensor:
        with mock.patch.object(swin.F, "scaled_dot_product_attention", swin.plain_attention):
            return block(tokens, mask)

    yield Case("swin-block", 64, plain, lambda: block(tokens, mask))


def seconds(method: Method) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    method()
    return time.perf_counter() - start


def row(case: Case, rounds: int) -> dict[str, Any]:
    """A case's line; raises `SystemExit` where the forms differ."""
    apart = case.plain() - case.ours()
    difference = float(apart.abs().max() if math.isfinite(case.allowed) else apart.mean())
    if not difference <= case.allowed:
        raise SystemExit(f"{case.name} at {case.side}: the forms differ by {difference}.")
    times = [(seconds(case.plain), seconds(case.ours)) for _ in range(rounds)]
    return {
        "name": case.name,
        "side": case.side,
        "plain_ms": round(1e3 * statistics.median(a for a, _ in times), 1),
        "ours_ms": round(1e3 * statistics.median(b for _, b in times), 1),
        "ratio": round(statistics.median(a / b for a, b in times), 2),
        "plain_mib": round(peak_bytes(case.plain) / 2**20, 1),
        "ours_mib": round(peak_bytes(case.ours) / 2**20, 1),
        "difference": f"{difference:.1e}",
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="+")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    torch.set_grad_enabled(False)
    torch.manual_seed(0)
    writer = None
    for case in (*searches(), *heads(), *attention()):
        if asked.only and case.name not in asked.only:
            continue
        line = row(case, asked.rounds)
        if writer is None:
            writer = csv.DictWriter(sys.stdout, list(line))
            writer.writeheader()
        writer.writerow(line)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
