"""A table on disk: Markdown for people, CSV with every image, JSON with everything."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from radloupe.metrics.statistics import Interval
from radloupe.papers.printed import PRINTED
from radloupe.papers.runner.paper_table import TableMetric
from radloupe.papers.runner.stored_table import IMAGES, RECORD
from radloupe.papers.runner.table_result import ColumnResult, Result, Value

PAGE = "table.md"


def write(result: Result, illustrations: Mapping[str, str], folder: Path) -> None:
    """Write the three files; `illustrations` are the titles of illustrations that lie beside them, by name."""
    (folder / PAGE).write_text(page(result, illustrations), encoding="utf-8")
    (folder / IMAGES).write_text(csv_text(result), encoding="utf-8")
    (folder / RECORD).write_text(json.dumps(finite(record(result)), indent=1, allow_nan=False) + "\n", encoding="utf-8")


def page(result: Result, illustrations: Mapping[str, str]) -> str:
    """The table as Markdown."""
    table = result.table
    sources = "; ".join(dict.fromkeys(block.source for block in PRINTED[table.name]))
    parts = [f"# {table.name}: {table.caption}", header(result), f"In italics beside our values: what is printed in {sources}."]
    parts += [block(result, part) for part in result.columns]
    parts += ["## What the paper claims", claims(result)]
    parts += [f"## {title}\n\n![{title}]({name})" for name, title in illustrations.items()]
    return "\n\n".join(parts) + "\n"


def header(result: Result) -> str:
    """The facts above the table: data, budget, protocol, deviations."""
    facts = {key: value for key, value in result.header.items() if key not in ("differs", "notes")}
    lines = [f"- **{key.replace('_', ' ').capitalize()}**: {as_text(value)}" for key, value in facts.items()]
    lines += [f"- **Differs**: {text}" for text in result.header["differs"]]
    return "\n".join([*lines, *(f"- {text}" for text in result.header["notes"])])


def as_text(value: Any) -> str:
    """A fact in words."""
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {as_text(inner)}" for key, inner in value.items())
    return f"`{value[:16]}`" if isinstance(value, str) and len(value) == 64 else str(value)


def block(result: Result, part: ColumnResult) -> str:
    """A column's part of the table."""
    column, metrics = part.column, result.table.metrics
    beside = column.printed_column or column.name
    has = {f.name: any(row[f.name].printed is not None for row in part.rows.values()) for f in metrics}
    head = ["", "parameters", *(title for f in metrics for title in ([label(f)] + [f"*printed: {beside}*"] * has[f.name]))]
    lines = [
        [name, count(result.parameters.get(f"{name}/{column.name}")), *(text for f in metrics for text in cells(row[f.name], has[f.name]))]
        for name, row in part.rows.items()
    ]
    settings = "".join(f", {key} {value}" for key, value in column.settings.items())
    text = f"Low images: {column.degradation}{settings}, 1/{column.scale} of each side. {part.images} images"
    text += f" of {part.patients} patient{'' if part.patients == 1 else 's'}."
    return f"## {column.name}\n\n{text}\n\n{grid(head, lines)}"


def label(metric: TableMetric) -> str:
    """A metric's name, marked where lower is better."""
    return f"{metric.label}{' (lower is better)' if metric.low_is_good else ''}"


def cells(value: Value, beside: bool) -> list[str]:
    """Our value with its interval, and the printed one."""
    ours = "none" if math.isnan(value.mean) else f"{value.mean:.4g}{span(value.ci95)}"
    return [ours] + ["" if value.printed is None else f"*{value.printed:g}*"] * beside


def span(interval: Interval) -> str:
    """An interval in brackets."""
    return f" [{interval[0]:.4g}, {interval[1]:.4g}]" if interval else ""


def count(parameters: int | None) -> str:
    """Parameters in thousands."""
    return "" if parameters is None else f"{parameters / 1000:,.0f} k"


def claims(result: Result) -> str:
    """Every claim with the printed gain, ours, and the verdict."""
    lines = [
        [v.claim, v.column, said_gain(v.printed_gain), f"{v.gain:+.4g}{span(v.ci95)}", f"**{v.verdict}**"]
        for part in result.columns
        for v in part.verdicts
    ]
    return grid(["claim", "on", "*printed gain*", "gain", "here"], lines)


def said_gain(gain: float | None) -> str:
    """A printed gain."""
    return "in words" if gain is None else f"*{gain:+.4g}*"


def grid(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def csv_text(result: Result) -> str:
    """CSV with one line per image and row of the table, at full precision."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["column", "image", "patient", "seed", "row", *(metric.name for metric in result.table.metrics)])
    for column, images in result.images.items():
        for image in images:
            keys = (column, image.name, image.patient, image.seed)
            writer.writerows([*keys, name, *map(repr, metrics.values())] for name, metrics in image.metrics.items())
    return text.getvalue()


def record(result: Result) -> dict[str, Any]:
    """The table as a JSON object."""
    columns = [{key: value for key, value in asdict(part).items() if key != "verdicts"} for part in result.columns]
    relations = [asdict(verdict) for part in result.columns for verdict in part.verdicts]
    about = {"table": result.table.name, "caption": result.table.caption, "protocol": result.table.protocol}
    return {**about, "header": dict(result.header), "parameters": dict(result.parameters), "columns": columns, "relations": relations}


def finite(value: Any) -> Any:
    """The value with null in place of numbers that JSON does not have."""
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
