"""DuckDB: the embedded engine. Tables are Parquet files in one folder; expressions stream from file to file."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.sql.datatypes import DuckDBType
from ibis.formats.pyarrow import PyArrowType

from stillwatch.config import Engine
from stillwatch.engines.bounds import refuse_exchanges
from stillwatch.engines.queries import Query, literals
from stillwatch.errors import BadConfiguration


class DuckDB:
    """Reads and writes named tables of one folder; holds no table in memory beyond its limit."""

    def __init__(self, folder: Path, config: Engine) -> None:
        self.folder = folder
        self.threads = config.threads
        folder.mkdir(parents=True, exist_ok=True)
        self.spill = folder / ".spill"
        self._sweep()  # a run that was killed could not
        self.config = config
        self.connection = ibis.duckdb.connect(
            memory_limit=f"{config.memory_gib}GiB",
            threads=config.threads,
            temp_directory=str(self.spill),
            max_temp_directory_size=f"{config.spill_gib}GiB",
            preserve_insertion_order=False,
        )
        self.connection.raw_sql("SET TimeZone = 'UTC'")
        # Asking DuckDB for the columns of a file takes longer than a small stage: tables, and the files they were of.
        self._known: dict[str, tuple[list[Path], ibis.Table]] = {}

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"

    def parts(self, name: str) -> list[Path]:
        """The files of a table: one, or, of a table that grows as time goes on, those in the folder of its name."""
        return sorted((self.folder / name).glob("*.parquet")) or [self.path(name)]

    def has(self, name: str) -> bool:
        return self.parts(name)[0].exists()

    def table(self, name: str) -> ibis.Table:
        """A stored table as an expression; nothing is read yet."""
        parts = self.parts(name)
        known = self._known.get(name)
        if known is None or known[0] != parts:
            self._known[name] = parts, self.connection.read_parquet([str(part) for part in parts], table_name=name)
        return self._known[name][1]

    def query(self, expression: ibis.Table) -> Query:
        """An expression written down; nothing is run yet."""
        # `ibis.to_sql` is for people to read, and takes half as long again.
        return Query(self.connection.compile(expression), literals(expression))

    def write(self, name: str, rows: ibis.Table | Query, schema: pa.Schema) -> int:
        """Run an expression into the named table, in the declared columns and types; returns how many rows there are."""
        self._copy(name, rows if isinstance(rows, Query) else self.query(rows), schema, self.path(name))
        self._known.pop(name, None)  # after it was read: a table may be made from the one it replaces
        return self.rows(name)

    def _room(self, name: str, sql: str) -> None:
        """Run a statement; where it does not fit the limits, say which and what to do."""
        try:
            self.connection.raw_sql(sql)
        except duckdb.OutOfMemoryException as problem:
            raise BadConfiguration(
                f"the table {name} needs more room than it may have",
                f"engine.memory_gib = {self.config.memory_gib}, engine.spill_gib = {self.config.spill_gib}",
                "as much memory as the machine can spare, and as much disk as is free under OUT",
                "raise either and run the same command again: what is finished is kept",
            ) from problem

    def put(self, name: str, table: pa.Table) -> int:
        """Store an Arrow table under a name."""
        self._known.pop(name, None)
        pq.write_table(table, self.path(name), compression="zstd")
        return len(table)

    def collect(self, expression: ibis.Table) -> pa.Table:
        """The rows themselves; for tables of accounts, templates and links, never of exchanges."""
        refuse_exchanges(expression, str)
        return self.connection.to_pyarrow(expression)

    def rows(self, name: str) -> int:
        return sum(pq.read_metadata(part).num_rows for part in self.parts(name))

    def drop(self, name: str) -> None:
        self._known.pop(name, None)
        self.path(name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def export(self, name: str, expression: ibis.Table, schema: pa.Schema, folder: Path) -> str:
        """An expression as NAME.parquet of the result folder; returns where it is."""
        target = folder / f"{name}.parquet"
        self._copy(name, self.query(expression), schema, target)
        return str(target)

    def keep(self, names: Iterable[str]) -> None:
        """They are in the folder already."""

    def close(self) -> None:
        self.connection.disconnect()
        self._sweep()

    def _copy(self, name: str, query: Query, schema: pa.Schema, target: Path) -> None:
        partial = target.with_suffix(".partial")
        columns = ", ".join(f'CAST("{field.name}" AS {_sql_type(field.type)}) AS "{field.name}"' for field in schema)
        for literal in query.literals:
            self.connection._register_in_memory_tables(literal)
        form = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"
        self._room(name, f"COPY (SELECT {columns} FROM ({query.sql})) TO '{partial}' ({form})")
        partial.replace(target)

    def _sweep(self) -> None:
        shutil.rmtree(self.spill, ignore_errors=True)
        for half in self.folder.glob("*.partial"):
            half.unlink()


def _sql_type(kind: pa.DataType) -> str:
    """DuckDB's name of an Arrow type. Casting in SQL, because Ibis takes DuckDB's 128-bit sums for 64-bit ones."""
    return str(DuckDBType.from_ibis(PyArrowType.to_ibis(kind)).sql("duckdb"))
