"""Printed tables of TTSR-FD."""

from collections.abc import Mapping

from radloupe.papers.printed_table import FIDELITY, PrintedTable

SOURCE = "TTSR-FD, section 4.3"

PRINTED: Mapping[str, tuple[PrintedTable, ...]] = {
    "ttsr-fd/1": (
        PrintedTable(
            f"{SOURCE}, table 1, page 7",
            FIDELITY,
            ("SynXray_S", "SynXray_L"),
            {
                "RCAN": (38.597, 0.9482, 38.880, 0.9496),
                "ESRGAN": (34.483, 0.9023, 35.270, 0.9140),
                "TTSR": (37.953, 0.9393, 38.115, 0.9431),
                "TTSR-FD": (39.009, 0.9521, 39.261, 0.9514),
            },
        ),
    ),
    "ttsr-fd/2": (
        PrintedTable(f"{SOURCE}, table 2, page 7", FIDELITY, ("ChestXrayRef",), {"TTSR": (36.767, 0.9457), "TTSR-FD": (36.766, 0.9470)}),
    ),
    "ttsr-fd/3": (
        PrintedTable(
            "TTSR-FD, section 4.4, table 3, page 8",
            FIDELITY,
            ("SynXray_S",),
            {"TTSR": (37.953, 0.9393), "TTSR-Rec101": (38.245, 0.9405), "TTSR-FD": (39.009, 0.9521)},
        ),
    ),
}
