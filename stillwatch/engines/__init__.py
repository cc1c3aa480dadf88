"""Where relational stages run: one file per engine, each with the same few verbs.

An engine keeps named tables and never hands out those with a row per exchange (`bounds.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from stillwatch.engines.queries import Query


class Engine(Protocol):
    """Named tables, wherever they are kept."""

    folder: Path  # on this machine: what is known of the run, and in the end the tables that others read, as Parquet

    def has(self, name: str) -> bool: ...

    def table(self, name: str) -> ibis.Table:
        """A stored table as an expression; nothing is read yet."""
        ...

    def query(self, expression: ibis.Table) -> Query:
        """An expression written down; nothing is run yet."""
        ...

    def write(self, name: str, rows: ibis.Table | Query, schema: pa.Schema) -> int:
        """Run an expression into the named table, in the declared columns and types; returns how many rows there are."""
        ...

    def put(self, name: str, table: pa.Table) -> int:
        """Store an Arrow table under a name."""
        ...

    def collect(self, expression: ibis.Table) -> pa.Table:
        """The rows themselves; for tables of accounts, templates and links, never of exchanges."""
        ...

    def rows(self, name: str) -> int: ...

    def drop(self, name: str) -> None:
        """Forget a table, if there is one of that name."""
        ...

    def export(self, name: str, expression: ibis.Table, schema: pa.Schema, folder: Path) -> str:
        """An expression as NAME.parquet of the result folder; returns where it is."""
        ...

    def keep(self, names: Iterable[str]) -> None:
        """See to it that these tables are in `folder`: what `explain` looks up there."""
        ...

    def close(self) -> None: ...


__all__ = ["Engine"]
