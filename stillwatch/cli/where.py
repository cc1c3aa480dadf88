"""The options that say which engine runs, and where a cluster's tables are: the same for `scan` and `link`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from stillwatch.config import Config
    from stillwatch.run import Place

LOG = typer.Argument(
    None,
    help="Log folder: exchanges/ and, if you have them, accounts, releases, declared, indicators, evidence. "
    "May be left out when --table names the exchanges.",
)
OUT = typer.Option(Path("out"), "--out", "-o", help="Result folder.")
ENGINE = typer.Option("duckdb", help="duckdb, on this machine; spark, on a cluster or here (docs/on-spark.md).")
TABLE = typer.Option(
    [],
    help="With spark, NAME=TABLE or NAME=PATH: an input table that Spark reads itself, such as "
    "exchanges=lake.llm.requests or accounts=s3a://lake/accounts. May be given several times.",
)
FORMAT = typer.Option("parquet", help="With spark, what the paths of --table hold: parquet, orc, iceberg, delta, …")
WRITE_TO = typer.Option(
    None, help="With spark, a database of the catalog or a path for all tables; OUT/tables/spark when not given."
)
LOG_FORMAT = typer.Option(
    None, help="What the files of LOG/exchanges are, if that is not told from their content (docs/log-formats.md)."
)
MAP = typer.Option(
    [],
    metavar="COLUMN=PATH|FILE",
    help="Where a column stands in a log of any other form, such as account_id=auth.customer, timestamp=created@ms or "
    "channel==api; or a TOML file with a line for each. May be given several times.",
)
ENGINES = ("duckdb", "spark")


def place(
    log: Path | None, out: Path, key: Path | None, engine: str, table: Sequence[str], format: str, write_to: str | None
) -> Place:
    """What was asked for, as a run takes it; what does not fit together is a usage error."""
    from stillwatch.errors import EngineMissing
    from stillwatch.run import INPUTS, Place

    if engine not in ENGINES:
        raise EngineMissing(f"there is no engine called {engine!r}", "--engine", " or ".join(ENGINES))
    named = {name: where for name, _, where in (one.partition("=") for one in table)}
    for name, where in named.items():
        if name not in INPUTS or not where:
            raise typer.BadParameter(f"{name!r}: NAME=TABLE or NAME=PATH; NAME is one of {', '.join(INPUTS)}")
    if engine != "spark" and (named or write_to):
        raise typer.BadParameter("--table and --write-to go with --engine spark")
    if log is None and "exchanges" not in named:
        raise typer.BadParameter("a log folder, or --engine spark with --table exchanges=…")
    return Place(log, out, key, engine=engine, tables=named, format=format, write_to=write_to)


def as_logged(config: Config, log_format: str | None, given: Sequence[str]) -> Config:
    """The settings with what the command line says of the form of the log; of two for one column the last counts."""
    from dataclasses import replace

    from stillwatch.readers.mapped import lines_of

    reading = config.reading
    if log_format is not None:
        reading = replace(reading, log_format=log_format)
    lines = [line for one in given for line in ((one,) if "=" in one else lines_of(Path(one)))]
    return replace(config, reading=replace(reading, map=(*reading.map, *lines)))
