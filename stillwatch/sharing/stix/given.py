"""Cards and devices as the log has them: the result keeps them as pseudonyms of our own key, which nobody else can compare."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.config import Reading
from stillwatch.errors import NothingToRead
from stillwatch.readers import open_log

_COLUMNS = {"payment": "payment_fingerprint", "device": "device_fingerprint"}


def given(log: Path, reading: Reading, now: datetime) -> pa.Table:
    """account_id, kind, value; in memory alone."""
    table, _ = open_log(log, reading, now, needs_exchanges=False).table("accounts")
    if table is None:
        raise NothingToRead(
            "the log has no account table", str(log), "LOG/accounts.parquet or .jsonl", "leave out --log"
        )
    parts = []
    for kind, column in _COLUMNS.items():
        rows = table.select(["account_id", column]).rename_columns(["account_id", "value"])
        rows = rows.filter(pc.greater(pc.fill_null(pc.binary_length(rows["value"]), 0), 0))
        parts.append(rows.append_column("kind", pa.repeat(kind, len(rows))))
    return pa.concat_tables(parts)
