"""A log folder as a peer may see it: exchanges and accounts up to an instant, and a number for every account.

Only what describes behaviour and sign-up is shown. Status, bans and closures are the provider's own later verdicts, and
the labels of a made world lie in another folder that nothing here opens.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np

MEMORY = "3GB"  # for DuckDB; leaves 1 of the 4 GiB that a peer may take to Python and numpy
SECOND = 1_000_000  # microseconds
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

EXCHANGES = {
    "exchange_id": "VARCHAR", "account_id": "VARCHAR", "model": "VARCHAR", "system": "VARCHAR", "prompt": "VARCHAR",
    "input_tokens": "INTEGER", "max_tokens": "INTEGER", "client_ip": "VARCHAR", "asn": "INTEGER",
    "tls_fingerprint": "VARCHAR", "header_fingerprint": "VARCHAR",
}  # fmt: skip
ACCOUNTS = {
    "account_id": "VARCHAR", "payment_fingerprint": "VARCHAR", "device_fingerprint": "VARCHAR", "signup_ip": "VARCHAR",
}  # fmt: skip


class Log:
    """Views `exchanges` (with `instant`, microseconds since 1970) and `accounts`, both with `account`, a number from 0."""

    def __init__(self, folder: Path, as_of: datetime | None = None) -> None:
        self.engine = duckdb.connect(config={"memory_limit": MEMORY})
        until = _microseconds(as_of)
        self._view("read_exchanges", folder / "exchanges" / "*.parquet", EXCHANGES, "timestamp", until)
        self._view("read_accounts", folder / "accounts.parquet", ACCOUNTS, "created_at", until)
        self.engine.execute("""
            CREATE TABLE everyone AS SELECT account_id, row_number() OVER (ORDER BY account_id) - 1 AS account
            FROM (SELECT account_id FROM read_accounts UNION SELECT account_id FROM read_exchanges)
            WHERE account_id IS NOT NULL""")
        for name in ("exchanges", "accounts"):
            self.engine.execute(f"CREATE VIEW {name} AS SELECT * FROM read_{name} JOIN everyone USING (account_id)")
        self.accounts: list[str] = [row[0] for row in self.rows("SELECT account_id FROM everyone ORDER BY account")]

    def __len__(self) -> int:
        return len(self.accounts)

    def rows(self, query: str) -> list[tuple]:
        return self.engine.execute(query).fetchall()

    def columns(self, query: str) -> dict[str, np.ndarray]:
        """The answer column by column. A query whose columns may be null should say what stands for null."""
        return self.engine.execute(query).fetchnumpy()

    def per_account(self, query: str) -> np.ndarray:
        """A query of (account, number) as one number per account, 0 where the query has no row."""
        account, value = self.columns(query).values()
        filled = np.zeros(len(self))
        filled[account] = value
        return filled

    def _view(self, name: str, path: Path, wanted: dict[str, str], clock: str, until: int | None) -> None:
        """Columns that a log lacks are null. A row without an instant is kept: nothing says that it is later."""
        if "*" not in path.name and not path.exists():
            columns = ", ".join(f"NULL::{kind} AS {column}" for column, kind in wanted.items())
            self.engine.execute(f"CREATE VIEW {name} AS SELECT {columns}, NULL::BIGINT AS instant WHERE false")
            return
        source = f"read_parquet('{path}', union_by_name = true)"
        there = {row[0] for row in self.rows(f"DESCRIBE SELECT * FROM {source}")}
        columns = [f"{column if column in there else 'NULL'}::{kind} AS {column}" for column, kind in wanted.items()]
        instant = f"epoch_us({clock})" if clock in there else "NULL::BIGINT"
        past = "" if until is None else f"WHERE {instant} IS NULL OR {instant} <= {until}"
        self.engine.execute(
            f"CREATE VIEW {name} AS SELECT {', '.join(columns)}, {instant} AS instant FROM {source} {past}"
        )


def _microseconds(instant: datetime | None) -> int | None:
    if instant is None:
        return None
    whole = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return round(whole.timestamp() * SECOND)
