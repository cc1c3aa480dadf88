"""`stillwatch scan LOG --out OUT`: a log folder in, explained campaigns out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stillwatch.cli.where import ENGINE, FORMAT, LOG, LOG_FORMAT, MAP, OUT, TABLE, WRITE_TO, as_logged, place

if TYPE_CHECKING:
    from stillwatch.run import Outcome

CONFIG = typer.Option(None, "--config", "-c", help="Settings, TOML (docs/settings.md).")
KEY = typer.Option(None, "--key", help="Key file of the pseudonyms; by default STILLWATCH_KEY, or OUT.key beside OUT.")
NETWORKS = typer.Option(None, help="Folder of ASN lists (.csv or .parquet with an asn column).")
INSTANTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]  # how an instant may be written, UTC
JSON = typer.Option(False, "--json", help="Print the result as JSON.")
QUIET = typer.Option(False, "--quiet", "-q", help="No progress.")


def scan(
    log: Path = LOG,
    out: Path = OUT,
    log_format: str = LOG_FORMAT,
    map: list[str] = MAP,
    engine: str = ENGINE,
    table: list[str] = TABLE,
    format: str = FORMAT,
    write_to: str = WRITE_TO,
    as_of: datetime = typer.Option(None, formats=INSTANTS, help="Read nothing later than this, UTC."),
    networks: Path = NETWORKS,
    config: Path = CONFIG,
    key: Path = KEY,
    fail_on: float = typer.Option(
        None, min=0.0, max=1.0, help="Exit with 1 when a campaign has at least this confidence, 0..1."
    ),
    json: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Find coordinated extraction in a log.

    Examples: stillwatch scan LOG --out OUT; stillwatch scan LOG --out OUT --json | jq '.campaigns[].name';
    stillwatch scan --engine spark --table exchanges=lake.llm.requests --write-to lake.stillwatch --out OUT
    """
    from dataclasses import replace
    from datetime import UTC

    from stillwatch.cli.watcher import TerminalWatcher
    from stillwatch.config import load
    from stillwatch.errors import FAIL_ON_REACHED
    from stillwatch.run import scan as run_scan

    asked = place(log, out, key, engine, table, format, write_to)
    settings = as_logged(load(config), log_format, map)
    instant = None if as_of is None else as_of.replace(tzinfo=UTC)
    with TerminalWatcher(quiet) as watcher:
        outcome = run_scan(replace(asked, networks=networks, as_of=instant), settings, watcher)
    show(outcome, out, json)
    if fail_on is not None and any(one.confidence >= fail_on for one in outcome.report.campaigns):
        raise typer.Exit(FAIL_ON_REACHED)
    finish(outcome.rejected, out)


def show(outcome: Outcome, out: Path, json: bool) -> None:
    """The answer: the document as JSON, or the campaigns as a table and what stands around it."""
    import sys

    from rich.console import Console

    from stillwatch.render.json import campaigns_json
    from stillwatch.render.terminal import campaigns_table, summary_lines

    if json:
        sys.stdout.write(campaigns_json(outcome.report).decode() + "\n")
        return
    console = Console()
    console.print(campaigns_table(outcome.report))
    for line in summary_lines(outcome.report):
        console.print(line)
    if outcome.exchanges_at != str(out / "exchanges.parquet"):
        console.print(f"exchanges: {outcome.exchanges_at}", soft_wrap=True)
    console.print(f"report: {out / 'report.html'}", soft_wrap=True)


def finish(rejected: int, out: Path) -> None:
    """Exit with 13 when rows were set aside; `out` is where they are listed."""
    from stillwatch.errors import SOME_ROWS_SET_ASIDE

    if rejected:
        typer.echo(f"{rejected:,} input rows were set aside; see {out / 'rejected.jsonl'}", err=True)
        raise typer.Exit(SOME_ROWS_SET_ASIDE)
