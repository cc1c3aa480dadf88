"""Spark: for logs that one machine cannot hold. Tables stay where Spark keeps them; the driver fetches bounded ones.

The same verbs as `duckdb.py`. Imported only when it is asked for: pyspark is an extra.
"""

from __future__ import annotations

import math
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from stillwatch import config, tables
from stillwatch.engines.bounds import GROWING, exchanges_in, refuse_exchanges
from stillwatch.engines.queries import Query, literals
from stillwatch.engines.spark_sql import meant
from stillwatch.engines.spark_store import Store
from stillwatch.errors import BadConfiguration

_OF_MEMBERS = ("account_values", "account_templates", "template_users")  # copied for accounts of found clusters only
_ANY_PREFIX = "stillwatch_any_"  # of views, in a query that is kept: each engine puts its own there
_DECLARED = {one.name.removeprefix("log_"): one for one in tables.ALL}


class Spark:
    """Reads and writes named tables of one store."""

    def __init__(self, folder: Path, session: SparkSession, store: Store, limits: config.Spark, ours: bool) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.session = session
        self.store = store
        self.connection = ibis.pyspark.connect(session)  # sets the session's time zone to UTC
        # Else instants are written as INT96, which others read as nanoseconds without a zone.
        session.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        self._limits = limits
        self._ours = ours  # started here, so stopped here
        self._prefix = f"stillwatch_{secrets.token_hex(4)}_"  # of views: runs may share a session
        self._views: set[str] = set()
        self._schemas: dict[str, StructType] = {}

    def has(self, name: str) -> bool:
        return self.store.has(name)

    def stored(self, name: str) -> DataFrame:
        """A stored table as Spark has it."""
        return self.store.read(name, self._schemas.get(name))

    def table(self, name: str) -> ibis.Table:
        """A stored table as an expression; nothing is read yet."""
        view = self._prefix + name
        self.stored(name).createOrReplaceTempView(view)
        self._views.add(view)
        return self.connection.table(view)

    def query(self, expression: ibis.Table) -> Query:
        """An expression written down; nothing is run yet."""
        expression = meant(expression)
        return Query(self.connection.compile(expression).replace(self._prefix, _ANY_PREFIX), literals(expression))

    def frame(self, rows: ibis.Table | Query) -> DataFrame:
        """An expression as Spark's own; nothing is run yet."""
        query = rows if isinstance(rows, Query) else self.query(rows)
        for one in (literal.op() for literal in query.literals):
            self.session.createDataFrame(one.data.to_pyarrow(one.schema)).createOrReplaceTempView(one.name)
            self._views.add(one.name)
        return self.session.sql(query.sql.replace(_ANY_PREFIX, self._prefix))

    def write(self, name: str, rows: ibis.Table | Query, schema: pa.Schema) -> int:
        """Run an expression into the named table, in the declared columns and types; returns how many rows there are."""
        return self.save(name, self.frame(rows), schema)

    def save(self, name: str, frame: DataFrame, schema: pa.Schema) -> int:
        """The same for a frame of Spark's."""
        wanted = spark_schema(schema)
        self.store.save(name, frame.select(*(F.col(f"`{one.name}`").cast(one.dataType) for one in wanted)))
        self._schemas[name] = wanted
        return self.rows(name)

    def put(self, name: str, table: pa.Table) -> int:
        """Store an Arrow table under a name."""
        self.store.put(name, table)
        self._schemas[name] = spark_schema(table.schema)
        return len(table)

    def collect(self, expression: ibis.Table) -> pa.Table:
        """The rows themselves; for tables of accounts, templates and links, never of exchanges, and never too many."""
        refuse_exchanges(expression, self._name)
        frame = self.frame(expression)
        if isinstance(expression.op(), ops.DatabaseTable):
            return self._fetched(frame, expression)
        kept = frame.persist()  # counted first, but computed once
        try:
            return self._fetched(kept, expression)
        finally:
            kept.unpersist()

    def rows(self, name: str) -> int:
        return self.stored(name).count()

    def drop(self, name: str) -> None:
        self.store.drop(name)

    def export(self, name: str, expression: ibis.Table, schema: pa.Schema, folder: Path) -> str:
        """An expression as NAME.parquet of the result folder; exchanges stay in a store that Spark alone can reach."""
        target = folder / f"{name}.parquet"
        if exchanges_in(expression, self._name) is None:
            pq.write_table(self.collect(expression).cast(_nullable(schema)), target, compression="zstd")
            return str(target)
        self.save(name, self.frame(expression).coalesce(1) if self.store.shared else self.frame(expression), schema)
        target.unlink(missing_ok=True)
        if not self.store.shared:
            return self.store.at(name)
        (part,) = Path(self.store.at(name)).glob("part-*.parquet")
        shutil.move(part, target)
        self.drop(name)
        return str(target)

    def keep(self, names: Iterable[str]) -> None:
        """Copy what `explain` looks up into `folder`, a slice at a time; tables that grow with exchanges stay."""
        for name in names:
            if name in GROWING or not self.has(name):
                continue
            frame = self.stored(name)
            if name in _OF_MEMBERS and self.has("candidates"):
                frame = frame.join(self.stored("candidates").select("account_id"), "account_id", "left_semi")
            self._copy(name, frame)

    def close(self) -> None:
        for view in self._views:
            self.session.catalog.dropTempView(view)
        if self._ours:
            self.session.stop()

    def _name(self, view: str) -> str:
        return view.removeprefix(self._prefix)

    def _fetched(self, frame: DataFrame, expression: ibis.Table) -> pa.Table:
        rows, most = frame.count(), self._limits.max_collected_rows
        if rows > most:
            name = next((self._name(one.name) for one in expression.op().find(ops.DatabaseTable)), "")
            raise BadConfiguration(
                f"{rows:,} rows are too many for the driver", f"a table made from {name!r}",
                f"spark.max_collected_rows = {most:,}",
                "read a shorter time, or raise the setting and the driver's memory (docs/on-spark.md)",
            )  # fmt: skip
        return frame.toArrow()

    def _copy(self, name: str, frame: DataFrame) -> None:
        target = self.folder / f"{name}.parquet"
        partial = target.with_suffix(".partial")
        slices = max(1, math.ceil(frame.count() / self._limits.copied_rows))
        place = F.pmod(F.xxhash64(*(F.col(f"`{name}`") for name in frame.columns)), F.lit(slices))
        schema = _nullable(_DECLARED[name].schema)
        with pq.ParquetWriter(partial, schema, compression="zstd") as writer:
            for number in range(slices):
                part = frame if slices == 1 else frame.filter(place == number)
                writer.write_table(part.toArrow().cast(writer.schema))
        partial.replace(target)


def spark_schema(schema: pa.Schema) -> StructType:
    """Spark's names of the types."""
    return from_arrow_schema(_nullable(schema))


def _nullable(schema: pa.Schema) -> pa.Schema:
    """No store promises more when it is read again."""
    return pa.schema([one.with_nullable(True) for one in schema])
