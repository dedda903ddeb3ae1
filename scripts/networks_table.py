"""Write docs/networks.md again: a row for each network, from the table and from the networks themselves.

python scripts/networks_table.py
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radloupe.networks.architecture import Architecture
from radloupe.networks.facts import SIDES, multiply_adds, skeleton, survey
from radloupe.networks.registry import NETWORKS

PAGE = Path(__file__).parents[1] / "docs" / "networks.md"
COLUMNS = ("network", "paper", "scale", "parameters", "receptive field", "channels", "needs", "released weights", "multiply-adds")
HEAD = f"""\
# Networks

Written by `make tables`; `radloupe networks` prints each scale by itself, with sizes. Where there are several scales, values
are in their order. *Receptive field* is its radius in low pixels; that of networks with global operations (means
over the image, attention over shifted windows, a search) is global. *Multiply-adds* are for one output pixel, of convolutions and
matrix products, counted on a low image of {SIDES[2]} x {SIDES[2]} ({SIDES[3]} a side for volumes); TTSR's search, which grows
with the reference, on one as large as the enlarged image. Parameters are those that are trained.

Where a paper and its code differ, [faithfulness.md](faithfulness.md) says what is done here. Released weights become a model with
`radloupe convert FILE --network NAME --scale N -o FOLDER`, if their names are known: `yes` in their column.

"""


def page() -> str:
    """The whole text."""
    facts = {row["name"]: row for row in survey()}
    lines = [COLUMNS, ["---"] * len(COLUMNS), *(line(name, facts) for name in NETWORKS)]
    notes = [f"* `{name}`: {NETWORKS[name].note}\n" for name in NETWORKS if NETWORKS[name].note]
    return HEAD + "".join(f"| {' | '.join(cells)} |\n" for cells in lines) + "\n## Notes\n\n" + "".join(notes)


def line(name: str, facts: Mapping[str, Mapping[str, Any]], count: bool = True) -> list[str]:
    """A network's cells, from its rows of the survey; multiplications, which take a while, are left out on request."""
    row: Architecture = NETWORKS[name]
    scales = [facts[f"{name}-x{scale}"] for scale in row.scales]
    return [
        f"`{name}`",
        row.paper,
        each(row.scales),
        each(fact["parameters"] for fact in scales),
        each(radius(fact["receptive_field_radius"]) for fact in scales),
        f"{scales[0]['channels']}" + (" (volumes)" if scales[0]["dimensions"] == 3 else ""),
        ", ".join(scales[0]["needs"]) or "-",
        "yes" if row.keys else "-",
        each(rounded(multiply_adds(skeleton(row, scale))) for scale in row.scales) if count else "",
    ]


def each(values: Any) -> str:
    """One value where all are equal, all of them in their order where not."""
    shown = [f"{value:,}" if isinstance(value, int) else str(value) for value in values]
    return shown[0] if len(set(shown)) == 1 else "; ".join(shown)


def radius(pixels: float) -> int | str:
    """A receptive-field radius in low pixels."""
    return "global" if math.isinf(pixels) else int(pixels)


def rounded(number: float) -> str:
    """Three digits, in thousands and millions.

    >>> rounded(817206.75)
    '817 K'
    """
    power, unit = next(((p, u) for p, u in ((1e6, " M"), (1e3, " K")) if number >= p), (1.0, ""))
    return f"{float(f'{number / power:.3g}'):g}{unit}"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
