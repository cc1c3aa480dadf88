"""`stillwatch watch SOURCE --state DIR`: follow a log that grows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stillwatch.cli.beside import METRICS, OTLP, beside
from stillwatch.cli.scan import CONFIG, KEY, NETWORKS, QUIET, finish
from stillwatch.cli.span import span
from stillwatch.cli.where import LOG_FORMAT, MAP, as_logged

if TYPE_CHECKING:
    from stillwatch.evidence import Report

_SHORTEST, _LONGEST = "1m", "1d"


def watch(
    source: str = typer.Argument(
        ..., help="Log folder that grows: exchanges/ and what else scan reads; or a topic, kafka://HOST:PORT/TOPIC."
    ),
    state: Path = typer.Option(
        ..., "--state", "-s", help="Folder for what is known; its link `result` leads to the last look."
    ),
    every: str = typer.Option("1h", help="Time between looks, 1m to 1d."),
    keep: str = typer.Option("28d", help="Exchanges older than this are forgotten; bounds disk and memory."),
    once: bool = typer.Option(False, help="Take what is there, look, and end."),
    otlp: str = OTLP,
    metrics: str = METRICS,
    side: Path = typer.Option(
        None, help="With a topic, folder of accounts, releases, declared, indicators and evidence; read at every look."
    ),
    kafka_config: Path = typer.Option(
        None, help="With a topic, file of the client's properties, for TLS and SASL (docs/watching-kafka.md)."
    ),
    log_format: str = LOG_FORMAT,
    map: list[str] = MAP,
    networks: Path = NETWORKS,
    config: Path = CONFIG,
    key: Path = KEY,
    json: bool = typer.Option(False, "--json", help="One JSON document a look, each on a line."),
    quiet: bool = QUIET,
) -> None:
    """Absorb what comes, and look every so often; campaigns keep their names from look to look.

    New files are taken when they are complete, lines of .jsonl as they are appended, messages of a topic as they come. It may
    be killed anywhere and goes on when the same command is given again; nothing is absorbed twice. docs/watching.md says how
    to run it as a service.

    Examples: stillwatch watch LOG --state STATE --every 15m; stillwatch watch LOG --state STATE --once --json;
    stillwatch watch kafka://broker:9092/exchanges --state STATE --side FOLDER
    """
    import signal

    from stillwatch.cli.watcher import TerminalWatcher
    from stillwatch.config import load
    from stillwatch.run.watching import SCHEME, Asked, topic_at
    from stillwatch.run.watching import watch as run_watch

    if once and (otlp or metrics):
        raise typer.BadParameter("--once ends as soon as it has looked: nothing can be received or measured beside it")
    topic = source.startswith(SCHEME)
    if not topic and (side or kafka_config):
        raise typer.BadParameter(f"--side and --kafka-config go with a topic, {SCHEME}HOST:PORT/TOPIC")
    if topic and otlp:
        raise typer.BadParameter("--otlp writes to a folder; SOURCE is a topic")
    settings = as_logged(load(config), log_format, map)
    asked = Asked(
        topic_at(source, side, kafka_config) if topic else Path(source),
        state, span(every, _SHORTEST, _LONGEST), span(keep, "1h", "3660d"), key, networks, once, says=_say,
    )  # fmt: skip
    with TerminalWatcher(quiet) as terminal:
        companions, watcher = beside(None if topic else Path(source), state, settings, otlp, metrics, terminal)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # how services are stopped
        try:
            for report in run_watch(replace(asked, beside=companions), settings, watcher):
                _show(report, json)
        except KeyboardInterrupt:
            typer.echo("interrupted: the same command goes on from here", err=True)
            return
    if once:
        finish(report.totals["rejected"], state)


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _show(report: Report, json: bool) -> None:
    import sys

    from rich.console import Console

    from stillwatch.render.json import look_line
    from stillwatch.render.terminal import look_lines

    if json:
        sys.stdout.write(look_line(report).decode() + "\n")
        sys.stdout.flush()
        return
    console = Console()
    for line in look_lines(report):
        console.print(line, soft_wrap=True)
