"""The projection engines by name."""

from radloupe.core.tables import Table

ENGINES = Table(
    "projection engine",
    {
        "reference": "radloupe.drr.engines.reference:prepare",
        "exact": "radloupe.drr.engines.exact:prepare",
        "fast": "radloupe.drr.engines.fast.fast_engine:prepare",
        "torch": "radloupe.drr.engines.torch_joseph:prepare",
    },
)
