"""Small tables for the measures: a line an account, a line an exchange."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from stillwatch.benchmark.measures.verdicts import VERDICTS

Row = dict[str, Any]


def accounts(*rows: tuple[str, str | None, str | None, float]) -> pa.Table:
    """Verdicts: (account, planted campaign, found campaign or '' when accused without one or None when not, score)."""
    return pa.Table.from_pylist(
        [
            {"account_id": name, "group": campaign or "people", "campaign": campaign,
             "role": "harvester" if campaign else None, "score": score, "listed": True,
             "accused": found is not None, "found": found or None}
            for name, campaign, found, score in rows
        ],
        schema=VERDICTS,
    )  # fmt: skip


def many(**counts: int) -> pa.Table:
    """Verdicts by number: `a_in_X=3` is three accounts of campaign a found in X; `_in_X` ordinary ones; `a=2` not found."""
    rows: list[tuple[str, str | None, str | None, float]] = []
    for word, count in counts.items():
        label, _, found = word.partition("_in_")
        rows += [(f"{word}{n}", None if label == "honest" else label, found or None, 0.0) for n in range(count)]
    return accounts(*rows)


def table(columns: dict[str, list[Any]], **types: pa.DataType) -> pa.Table:
    return pa.table({name: pa.array(values, types.get(name)) for name, values in columns.items()})
