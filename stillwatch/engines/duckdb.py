"""DuckDB: the embedded engine. Tables are Parquet files in one folder; expressions stream from file to file."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.sql.datatypes import DuckDBType
from ibis.formats.pyarrow import PyArrowType

from stillwatch.config import Engine
from stillwatch.errors import BadConfiguration


class DuckDB:
    """Reads and writes named tables of one folder; holds no table in memory beyond its limit."""

    def __init__(self, folder: Path, config: Engine) -> None:
        self.folder = folder
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

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"

    def table(self, name: str) -> ibis.Table:
        """A stored table as an expression; nothing is read yet."""
        return self.connection.read_parquet(str(self.path(name)))

    def write(self, name: str, expression: ibis.Table, schema: pa.Schema) -> int:
        """Run an expression into the named table, in the declared columns and types; returns rows."""
        target = self.path(name)
        partial = target.with_suffix(".partial")
        columns = ", ".join(f'CAST("{field.name}" AS {_sql_type(field.type)}) AS "{field.name}"' for field in schema)
        self.connection._register_in_memory_tables(expression)  # literal tables inside the expression
        inner = ibis.to_sql(expression, dialect="duckdb")
        self._room(
            name,
            f"COPY (SELECT {columns} FROM ({inner})) TO '{partial}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)",
        )
        partial.replace(target)
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
        pq.write_table(table, self.path(name), compression="zstd")
        return len(table)

    def collect(self, expression: ibis.Table) -> pa.Table:
        """The rows themselves; for tables of accounts, templates and links, never of exchanges."""
        return self.connection.to_pyarrow(expression)

    def rows(self, name: str) -> int:
        return int(self.query(f"SELECT count(*) FROM '{self.path(name)}'")[0][0])

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a small answer; through Arrow, because DuckDB's own instants need another time zone library."""
        rows = self.connection.con.sql(sql)
        if rows is None:  # a statement such as COPY
            return []
        rows = rows.to_arrow_table()
        return list(zip(*(column.to_pylist() for column in rows.columns), strict=True))

    def query_rows(self, sql: str) -> list[dict[str, Any]]:
        """The same, each row by its columns' names."""
        return list(self.connection.con.sql(sql).to_arrow_table().to_pylist())

    def close(self) -> None:
        self.connection.disconnect()
        self._sweep()

    def _sweep(self) -> None:
        shutil.rmtree(self.spill, ignore_errors=True)
        for half in self.folder.glob("*.partial"):
            half.unlink()


def _sql_type(kind: pa.DataType) -> str:
    """DuckDB's name of an Arrow type. Casting in SQL, because Ibis takes DuckDB's 128-bit sums for 64-bit ones."""
    return str(DuckDBType.from_ibis(PyArrowType.to_ibis(kind)).sql("duckdb"))
