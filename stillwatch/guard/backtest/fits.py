"""Whose template each exchange of a log fits, by what the look before it had found: the fact request.templates of history."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from stillwatch.fitting import FILE, Templates, templates
from stillwatch.guard.backtest.looks import Looks
from stillwatch.guard.backtest.rows import Told

_MICROS = 1_000_000  # in a second


def fits(result: Path, looks: Looks) -> dict[str, Told]:
    """How a log tells the fact; nothing if the result is older than templates.parquet."""
    if not (result / FILE).is_file():
        return {}
    times = np.array([0] if looks.hindsight else [round(at * _MICROS) for at in looks.times], np.int64)

    @cache  # of every look: rows of a log may come in any order
    def found(place: int) -> Templates | None:
        return templates(result, None if looks.hindsight else datetime.fromtimestamp(looks.times[place], UTC))

    def told(batch: pa.RecordBatch) -> pa.Array:
        before = np.searchsorted(times, batch["timestamp"].cast(pa.int64()).to_numpy(), side="right") - 1
        campaigns = np.full(batch.num_rows, "", object)
        for place in np.unique(before[before >= 0]).tolist():
            if (known := found(place)) is not None:
                rows = np.flatnonzero(before == place)
                campaigns[rows] = known.of_batch(batch["prompt"].take(pa.array(rows))).to_numpy(zero_copy_only=False)
        return pa.array(campaigns, pa.string())

    return {"request.templates": told}
