"""`stillwatch link LOG --out OUT`: linking and clustering on accounts and evidence alone."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.scan import CONFIG, JSON, KEY, LOG, OUT, QUIET, finish


def link(
    log: Path = LOG,
    out: Path = OUT,
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
    from stillwatch.run import Place
    from stillwatch.run import link as run_link

    with TerminalWatcher(quiet) as watcher:
        outcome = run_link(Place(log, out, key), load(config), watcher)
    if json:
        sys.stdout.write(orjson.dumps({"schema_version": 1, **outcome.report.totals}).decode() + "\n")
    else:
        totals = outcome.report.totals
        typer.echo(
            f"{totals['links']:,} links, {totals['clusters']:,} clusters of {totals['accounts']:,} accounts; "
            f"largest {totals['largest']:,}; see {out / 'clusters.parquet'}"
        )
    finish(outcome, out)
