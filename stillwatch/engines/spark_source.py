"""Input tables that Spark reads itself: a table of the catalog, or a path in any format that its session knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from stillwatch.config import Reading
from stillwatch.errors import NothingToRead, UnknownFormat
from stillwatch.readers import READ, SIDE_TABLES, Clock, Raw, Reject, SeenIds, side_rows, texts_of

_REQUIRED = ("exchange_id", "account_id", "timestamp")
_TEXTS = ("prompt", "messages")  # one of them is required as well
_TEXT_COLUMNS = ("system", "prompt", "messages", "turn")


class SparkTables:
    """The input tables that were named, each where it was said to be."""

    def __init__(self, session: SparkSession, where: Mapping[str, str], format: str) -> None:
        self.where = where
        self.frames = {name: _opened(session, name, place, format) for name, place in where.items()}
        self.source = "\n".join(f"{name} {format} {where[name]} {_state(one)}" for name, one in self.frames.items())

    def exchanges(self) -> DataFrame:
        """The columns that are read, of those that are there."""
        return self.frames["exchanges"].select(*self.present())

    def present(self) -> list[str]:
        names = {one.lower() for one in self.frames["exchanges"].columns}
        return [name for name in READ if name in names]

    def side(self, name: str, most: int, reading: Reading, clock: Clock) -> tuple[pa.Table, list[Reject]]:
        """A side table, whole, with what was set aside: it has a row per account at most."""
        declared, frame, where = SIDE_TABLES[name], self.frames[name], self.where[name]
        known = {one.lower() for one in frame.columns}
        lacking = [one.name for one in declared.columns if one.required and one.name not in known]
        if lacking:
            raise _lacks(name, where, lacking, frame)
        rows = frame.count()
        if rows > most:
            raise NothingToRead(
                f"{rows:,} rows are too many for the driver", f"--table {name}={where}",
                f"spark.max_collected_rows = {most:,}", "raise the setting and the driver's memory (docs/on-spark.md)",
            )  # fmt: skip
        found = frame.select(*(one for one in declared.names if one in known)).toArrow().combine_chunks()
        seen = SeenIds()
        batches: list[pa.RecordBatch] = []
        rejects: list[Reject] = []
        for batch in found.to_batches(max_chunksize=reading.chunk_rows):
            columns = {one: batch.column(one) for one in batch.schema.names}
            raw = Raw(0, 0, np.arange(batch.num_rows, dtype=np.int32), columns, 0)
            good, bad = side_rows(name, raw, where, clock, seen)
            batches.append(good)
            rejects += [Reject(where, 0, one.column, one.reason) for one in bad]
        return (pa.Table.from_batches(batches) if batches else declared.schema.empty_table()), rejects

    def texts(self, wanted: Iterable[str]) -> dict[str, tuple[str | None, str]]:
        """Texts of a few exchanges, found by their ids."""
        ids = list(wanted)
        if not ids:
            return {}
        names = ["exchange_id", *(one for one in _TEXT_COLUMNS if one in self.present())]
        frame = self.frames["exchanges"].select(*names).filter(F.col("exchange_id").isin(ids))
        found = frame.dropDuplicates(["exchange_id"]).toArrow().combine_chunks()
        columns = {one: found[one].combine_chunks() for one in names}
        raw = Raw(0, 0, np.arange(len(found), dtype=np.int32), columns, 0)
        by_row = texts_of(raw, list(range(len(found))))
        return {str(columns["exchange_id"][row].as_py()): text for row, text in by_row.items()}


def _opened(session: SparkSession, name: str, where: str, format: str) -> DataFrame:
    try:
        frame = session.read.format(format).load(where) if "/" in where else session.table(where)
        columns = {one.lower() for one in frame.columns}
    except (PySparkException, Py4JJavaError) as problem:
        raise NothingToRead(
            f"Spark cannot read it: {_short(problem)}", f"--table {name}={where}",
            "a table of the catalog, or a path with a / in it", f"check the name and --format ({format})",
        ) from None  # fmt: skip
    if name == "exchanges":
        lacking = [one for one in _REQUIRED if one not in columns]
        lacking += [] if columns & set(_TEXTS) else [" or ".join(_TEXTS)]
        if lacking:
            raise _lacks(name, where, lacking, frame)
    return frame


def _lacks(name: str, where: str, lacking: list[str], frame: DataFrame) -> UnknownFormat:
    has = ", ".join(sorted(frame.columns)[:12]) or "none"
    return UnknownFormat(
        f"the table has no column {' and no '.join(lacking)}; it has {has}", f"--table {name}={where}",
        "the columns of docs/tables.md", "make a view with these names and give its name",
    )  # fmt: skip


def _state(frame: DataFrame) -> str:
    """The same only as long as the table is: its columns, and the names of its files, which no format writes twice."""
    return frame.schema.simpleString() + " " + " ".join(sorted(frame.inputFiles()))


def _short(problem: BaseException) -> str:
    java = getattr(problem, "java_exception", None)
    return str(problem if java is None else java.toString()).split("\n")[0][:200]
