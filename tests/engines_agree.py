"""Whether two engines made the same: row by row, in whatever order, floats to a tolerance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Engines add up in another order, and `excess` divides by what is nearly nothing: doubles differ from the eighth digit on.
RELATIVE = 1e-7
ABSOLUTE = 1e-9
DIGITS = 6  # of a number in a document


def assert_same_rows(name: str, one: pa.Table, other: pa.Table) -> None:
    """Fails with the first row that differs."""
    assert one.schema.names == other.schema.names, name
    assert len(one) == len(other), f"{name}: {len(one)} rows and {len(other)}"
    one, other = _ordered(one), _ordered(other)
    for column in one.schema.names:
        differs = _differs(one[column].combine_chunks(), other[column].combine_chunks())
        if differs.any():
            row = int(np.flatnonzero(differs)[0])
            shown = [table.slice(row, 1).to_pylist()[0] for table in (one, other)]
            raise AssertionError(f"{name}.{column}: {int(differs.sum())} rows differ, such as\n{shown[0]}\n{shown[1]}")


def _ordered(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_nested(field.type):
            values = pa.array([repr(one) for one in table[field.name].to_pylist()], pa.string())
            table = table.set_column(place, field.name, values)
    names = sorted(table.schema.names, key=lambda name: pa.types.is_floating(table.schema.field(name).type))
    return table.sort_by([(name, "ascending") for name in names])


def _differs(one: pa.Array, other: pa.Array) -> np.ndarray:
    nulls = pc.not_equal(one.is_null(), other.is_null()).to_numpy(zero_copy_only=False)
    if pa.types.is_floating(one.type):
        a, b = (values.to_numpy(zero_copy_only=False).astype(float) for values in (one, other))
        return nulls | ~np.isclose(a, b, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)
    return nulls | pc.fill_null(pc.not_equal(one, other.cast(one.type)), False).to_numpy(zero_copy_only=False)


def document(out: Path) -> dict[str, Any]:
    """campaigns.json without the moments at which it was made, numbers to a few digits."""
    text = (out / "campaigns.json").read_text()
    made: dict[str, Any] = json.loads(text, parse_float=lambda number: f"{float(number):.{DIGITS}g}")
    del made["totals"]["stages"]
    for campaign in made["campaigns"]:
        del campaign["detected_at"]
    return made
