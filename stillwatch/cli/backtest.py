"""`stillwatch backtest POLICY LOG --result OUT`: what a policy would have done, before any rule of it may go live."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.scan import CONFIG, JSON, QUIET
from stillwatch.cli.where import LOG_FORMAT, MAP, as_logged


def backtest(
    policy: Path = typer.Argument(..., help="Policy, YAML (docs/guard.md)."),
    log: Path = typer.Argument(..., help="Log folder, as for scan."),
    result: Path = typer.Option(..., help="Result of a replay of this log; of a scan, it is all hindsight."),
    against: Path = typer.Option(None, help="Another policy: accounts gained and lost."),
    out: Path = typer.Option(None, "--out", "-o", help="Folder to write backtest.json and backtest.parquet into."),
    as_dated: bool = typer.Option(
        False,
        help="Rules stand from `starts` to `expires`. By default they do over the whole log, whatever their dates.",
    ),
    with_receipts: bool = typer.Option(
        True, "--receipts/--no-receipts", help="Write POLICY.backtests.json, without which no rule goes live."
    ),
    log_format: str = LOG_FORMAT,
    map: list[str] = MAP,
    config: Path = CONFIG,
    json: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Take a policy through a log: whom each rule would have hit, and what of the harvest it would have stopped.

    All rules but those that are off are tried as live. Exits with 1 when a live rule may not act.

    Examples: stillwatch backtest policy.yaml LOG --result OUT; stillwatch backtest new.yaml LOG --result OUT --against old.yaml
    """
    import sys
    from datetime import UTC, datetime

    import orjson
    import pyarrow.parquet as pq
    from rich.console import Console

    from stillwatch.cli.policy import read
    from stillwatch.cli.watcher import TerminalWatcher
    from stillwatch.config import load
    from stillwatch.errors import FAIL_ON_REACHED
    from stillwatch.guard import receipts
    from stillwatch.guard.backtest import backtest as run_backtest
    from stillwatch.render.backtest import backtest_lines, rules_table

    settings = as_logged(load(config), log_format, map)
    asked, other = read(policy), read(against) if against else None
    beside = receipts.beside(policy)
    passed = receipts.read(beside)
    with TerminalWatcher(quiet) as watcher:
        found = run_backtest(
            asked, log, result, settings, other=other, as_dated=as_dated, passed=passed, now=datetime.now(UTC),
            watcher=watcher,
        )  # fmt: skip
    document = orjson.dumps(found.document, option=orjson.OPT_INDENT_2)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        pq.write_table(found.rows, out / "backtest.parquet", compression="zstd")
        (out / "backtest.json").write_bytes(document)
    if with_receipts:
        receipts.write(beside, {**receipts.standing(passed, datetime.now(UTC)), **found.receipts})
    if json:
        sys.stdout.write(document.decode() + "\n")
    else:
        console = Console()
        console.print(rules_table(found.document))
        for line in backtest_lines(found.document):
            console.print(line)
        if with_receipts:
            console.print(f"receipts: {beside}", soft_wrap=True)
    if found.rejected:
        typer.echo(f"{found.rejected:,} input rows were set aside; a scan lists them", err=True)
    if found.refused:
        raise typer.Exit(FAIL_ON_REACHED)
