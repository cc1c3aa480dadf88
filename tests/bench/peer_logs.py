"""Log folders for peers, told in a few rows: what is not named is null."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench.peers.log import Log
from stillwatch import tables

Row = dict[str, Any]
START = datetime(2026, 2, 2, tzinfo=UTC)  # a midnight, so that a second counted from it is a second of a day


def exchange(account: str, seconds: float = 0, **more: Any) -> Row:
    return {"account_id": account, "timestamp": START + timedelta(seconds=seconds), "prompt": "hello", **more}


def write(folder: Path, exchanges: Iterable[Row], accounts: Iterable[Row] = ()) -> Path:
    numbered = [{"exchange_id": f"e{place}", **row} for place, row in enumerate(exchanges)]
    (folder / "exchanges").mkdir(parents=True)
    pq.write_table(_table(tables.LOG_EXCHANGES, numbered), folder / "exchanges" / "part-000.parquet")
    pq.write_table(_table(tables.LOG_ACCOUNTS, list(accounts)), folder / "accounts.parquet")
    return folder


def opened(folder: Path, exchanges: Iterable[Row], accounts: Iterable[Row] = ()) -> Log:
    return Log(write(folder / "log", exchanges, accounts))


def _table(declared: tables.Table, rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=pa.schema([(one.name, one.type) for one in declared.columns]))
