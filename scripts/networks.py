"""Write docs/networks.md again: a row for each network, from the table and from the networks themselves.

python scripts/networks.py
"""

import math
from pathlib import Path
from typing import Any

from radloupe.nets import NETWORKS
from radloupe.nets.architecture import Architecture
from radloupe.nets.spec import Spec
from radloupe.nets.survey import SIDES, multiply_adds, skeleton, trainable

PAGE = Path(__file__).parents[1] / "docs" / "networks.md"
COLUMNS = ("network", "paper", "scale", "parameters", "reach", "channels", "needs", "multiply-adds")
HEAD = f"""\
# Networks

Written by `make docs`; `radloupe networks` prints each scale with sizes besides. Where there are several scales, the figures stand in
their order. *Reach* is how many low pixels away an input pixel still changes the output; networks with global operations (means over
the image, attention over shifted windows, a search) have no limit. *Multiply-adds* are for one output pixel, of convolutions and matrix
products, counted on a low image of {SIDES[2]} x {SIDES[2]} ({SIDES[3]} x {SIDES[3]} x {SIDES[3]} for volumes). Parameters are those that are trained.

Where a paper and its code differ, [faithfulness.md](faithfulness.md) says what is done here. Released weights become a model with
`radloupe convert FILE --network NAME --scale N -o FOLDER`, if their names are known: the last column says so.

"""


def page() -> str:
    """The whole text."""
    titles = [*COLUMNS, "released weights"]
    lines = [titles, ["---"] * len(titles), *(list(cells(name).values()) for name in NETWORKS)]
    notes = [f"* `{name}`: {NETWORKS[name].note}\n" for name in NETWORKS if NETWORKS[name].note]
    return HEAD + "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n## Notes\n\n" + "".join(notes)


def cells(name: str, count: bool = True) -> dict[str, str]:
    """A network's row; multiplications, which take a while, are left out on request."""
    row: Architecture = NETWORKS[name]
    networks = [skeleton(row, scale) for scale in row.scales]
    specs: list[Spec] = [network.spec for network in networks]  # type: ignore[misc]
    return {
        "network": f"`{name}`",
        "paper": row.paper,
        "scale": each(row.scales),
        "parameters": each(trainable(network) for network in networks),
        "reach": each(reach(spec) for spec in specs),
        "channels": f"{specs[0].channels}" + (" (volumes)" if specs[0].dimensions == 3 else ""),
        "needs": ", ".join(specs[0].needs) or "-",
        "multiply-adds": each(rounded(multiply_adds(network)) for network in networks) if count else "",
        "released weights": "yes" if row.keys else "-",
    }


def each(values: Any) -> str:
    """One value where all are equal, all of them in their order where not."""
    shown = [f"{value:,}" if isinstance(value, int) else str(value) for value in values]
    return shown[0] if len(set(shown)) == 1 else "; ".join(shown)


def reach(spec: Spec) -> int | str:
    """In low pixels."""
    return "no limit" if math.isinf(spec.reach) else int(spec.reach)


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
