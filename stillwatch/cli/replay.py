"""`stillwatch replay LOG --out OUT --every 6h`: when would it have been found, and what had it got by then."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer

from stillwatch.cli.scan import CONFIG, INSTANTS, JSON, KEY, NETWORKS, QUIET
from stillwatch.cli.span import span
from stillwatch.cli.where import LOG_FORMAT, MAP, OUT, as_logged


def replay(
    log: Path = typer.Argument(..., help="Log folder, as for scan."),
    out: Path = OUT,
    every: str = typer.Option("6h", help="Time between looks: minutes, hours or days, such as 30m, 6h or 1d."),
    until: datetime = typer.Option(None, formats=INSTANTS, help="Read nothing later than this, UTC."),
    log_format: str = LOG_FORMAT,
    map: list[str] = MAP,
    networks: Path = NETWORKS,
    config: Path = CONFIG,
    key: Path = KEY,
    json: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Go through a log in order of time: when each campaign would have been found, and what it had harvested by then.

    A look is a scan of all that had arrived by then. OUT is as of scan, after the last look; replay.parquet beside it has
    who was found at each.

    Examples: stillwatch replay LOG --out OUT --every 6h; stillwatch replay LOG --out OUT --every 1h --until 2026-02-01
    """
    from datetime import UTC

    from stillwatch.cli.scan import finish, show
    from stillwatch.cli.watcher import TerminalWatcher
    from stillwatch.config import load
    from stillwatch.run import Place
    from stillwatch.run import replay as run_replay

    place = Place(log, out, key, networks, None if until is None else until.replace(tzinfo=UTC))
    with TerminalWatcher(quiet) as watcher:
        outcome = run_replay(place, span(every, "1m", "28d"), as_logged(load(config), log_format, map), watcher)
    show(outcome, out, json)
    finish(outcome.rejected, out)
