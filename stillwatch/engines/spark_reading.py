"""What a pass over exchanges left staged, told apart: `signals`, each exchange once, and what was set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from stillwatch import tables
from stillwatch.engines.spark import Spark, spark_schema
from stillwatch.engines.spark_exchanges import COLUMN, PASSED, READ, REJECT, STAGED, Mapper
from stillwatch.readers import REPEATED, Reject

_STAGED = "staged"  # dropped when `signals` is made of it
_SENT = 1_000_000  # ids or places that are sent to every executor: some 50 MB; more is a log read twice
_PLACE = ["file", "chunk", "row"]
# Of rows with one exchange_id the first is kept: by its place in the files of a log folder, as on one machine. A table
# has no order, so there it is the earliest; of those at one instant, by account and texts.
BY_PLACE = (*_PLACE,)
BY_CONTENT = ("timestamp", "account_id", "prompt_hash", "system_hash", *_PLACE)


@dataclass(frozen=True)
class Reading:
    """What one pass found."""

    exchanges: int  # kept
    rows: int  # read, usable or not
    columns: list[str]  # that occur, where the pass tells
    reasons: dict[tuple[str, str], int]  # (column, reason) → rows set aside
    shown: list[Reject]  # the first of them, in reading order
    passed: dict[str, int]  # records that are no exchanges: what they are → how many


def read_exchanges(
    engine: Spark,
    source: DataFrame,
    mapper: Mapper,
    files: Sequence[str],
    first: tuple[str, ...],
    as_of: pa.TimestampScalar | None,
    most: int,
) -> Reading:
    """One pass over a source whose files have these names; `most` rows set aside are handed out, the others counted."""
    engine.save(_STAGED, source.mapInArrow(mapper, spark_schema(STAGED)), STAGED)
    staged = engine.stored(_STAGED)
    rows = staged.filter(F.col("note").isNull())
    several = rows.groupBy("exchange_id").count().filter(F.col("count") > 1).select("exchange_id").persist()
    repeats = _repeats(rows, several, first).persist()
    aside = staged.filter(F.col("note") == REJECT).select(*_PLACE, "line", "in_file", "of", "why").unionByName(
        repeats.select(*_PLACE, "line", F.lit("").alias("in_file"), F.lit("exchange_id").alias("of"),
                       F.lit(REPEATED).alias("why"))
    ).persist()  # fmt: skip
    rows = rows.join(_small(repeats.select(*_PLACE)), _PLACE, "left_anti")
    if as_of is not None:
        rows = rows.filter(F.col("timestamp") <= F.lit(as_of.as_py()))
    exchanges = engine.save(tables.SIGNALS.name, rows, tables.SIGNALS.schema)
    counted = aside.groupBy("of", "why").count().collect()
    shown = aside.orderBy("file", "chunk", "line").limit(most).collect()
    notes = (
        staged.filter(F.col("note").isin(COLUMN, PASSED, READ))
        .groupBy("note", "of")
        .agg(F.sum("line").alias("rows"))
        .collect()
    )
    found = Reading(
        exchanges,
        sum(one["rows"] for one in notes if one["note"] == READ),
        [one["of"] for one in notes if one["note"] == COLUMN],
        {(one["of"], one["why"]): one["count"] for one in counted},
        [Reject(one["in_file"] or files[one["file"]], one["line"] or 0, one["of"], one["why"]) for one in shown],
        {one["of"]: one["rows"] for one in notes if one["note"] == PASSED},
    )
    for frame in (several, repeats, aside):
        frame.unpersist()
    engine.drop(_STAGED)
    return found


def _repeats(rows: DataFrame, several: DataFrame, first: tuple[str, ...]) -> DataFrame:
    """Rows whose exchange_id an earlier one has. All ids are shuffled, and the few rows that share one of `several`."""
    again = rows.join(_small(several), "exchange_id", "left_semi")
    order = Window.partitionBy("exchange_id").orderBy(*(F.col(one).asc_nulls_first() for one in first))
    return again.withColumn("_nth", F.row_number().over(order)).filter(F.col("_nth") > 1)


def _small(frame: DataFrame) -> DataFrame:
    """To be sent to every executor, where it is small enough: else Spark would shuffle all exchanges to meet it."""
    return F.broadcast(frame) if frame.count() <= _SENT else frame
