"""`stillwatch link LOG --out OUT`: linking and clustering on accounts and evidence alone."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.scan import CONFIG, JSON, KEY, QUIET, finish
from stillwatch.cli.where import ENGINE, FORMAT, LOG, OUT, TABLE, WRITE_TO, place


def link(
    log: Path = LOG,
    out: Path = OUT,
    engine: str = ENGINE,
    table: list[str] = TABLE,
    format: str = FORMAT,
    write_to: str = WRITE_TO,
    config: Path = CONFIG,
    key: Path = KEY,
    json: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Link and cluster accounts by what they share, without any exchanges."""
    import sys

    import orjson

    from stillwatch.cli.watcher import TerminalWatcher
    from stillwatch.config import load
    from stillwatch.run import link as run_link

    with TerminalWatcher(quiet) as watcher:
        outcome = run_link(place(log, out, key, engine, table, format, write_to), load(config), watcher)
    if json:
        sys.stdout.write(orjson.dumps({"schema_version": 1, **outcome.report.totals}).decode() + "\n")
    else:
        totals = outcome.report.totals
        typer.echo(
            f"{totals['links']:,} links, {totals['clusters']:,} clusters of {totals['accounts']:,} accounts; "
            f"largest {totals['largest']:,}; see {out / 'clusters.parquet'}"
        )
    finish(outcome.rejected, out)
