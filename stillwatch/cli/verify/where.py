"""Options that several commands of `verify` have, and what is told at their end."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from stillwatch.cli.scan import INSTANTS

if TYPE_CHECKING:
    from stillwatch.verification.ladder import Cases

CASES = typer.Option(
    "cases.db", "--cases", help="Store of cases: a SQLite file, or postgresql+psycopg://… for several hosts."
)
KEY = typer.Option(
    None, "--key", help="Key file of the pseudonyms; by default STILLWATCH_KEY, or CASES.key beside CASES."
)
RESPONSES = typer.Option(Path("responses.jsonl"), help="File of responses, JSON lines: rows are added, never changed.")
RESULT = typer.Option(None, "--result", "-r", help="Result folder: its victims are helped, and asked for nothing.")
YES = typer.Option(False, "--yes", help="Carry it out. Without it the plan is shown and nothing is written.")
NOW = typer.Option(None, formats=INSTANTS, help="As of this instant, UTC.")
SHOWN = 40  # rows of a plan on a terminal; --json has all of them


def installed() -> None:
    """Say what is missing before anything of `verification` is imported."""
    from importlib.util import find_spec

    from stillwatch.errors import EngineMissing

    if find_spec("sqlalchemy") is None:
        raise EngineMissing(
            "the package sqlalchemy is not installed", "stillwatch verify", "the extra `verify`",
            "pip install 'stillwatch[verify]'",
        )  # fmt: skip


def opened(where: str, key: Path | None, most_tries: int) -> Cases:
    """The store of cases, with the key that its tokens are made under."""
    import os

    from stillwatch.pseudonyms import load_key
    from stillwatch.verification.ladder import Cases

    beside = None if "://" in where else Path(f"{where}.key")
    return Cases(where, load_key(key or beside, os.environ), most_tries)


def seconds(now: datetime | None) -> float:
    """The instant of an option, else the present."""
    import time
    from datetime import UTC

    return time.time() if now is None else float(now.replace(tzinfo=UTC).timestamp())


def printed(document: dict[str, Any]) -> None:
    """JSON on stdout."""
    import orjson

    sys.stdout.buffer.write(orjson.dumps({"schema_version": 1, **document}, option=orjson.OPT_INDENT_2) + b"\n")
    sys.stdout.buffer.flush()


def table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """The first rows on stdout, and how many more there are."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for heading in headings:
        shown.add_column(heading, overflow="fold")
    for row in rows[:SHOWN]:
        shown.add_row(*map(Text, row))
    console = Console()
    console.print(shown)
    if len(rows) > SHOWN:
        console.print(f"… and {len(rows) - SHOWN:,} more: --json has all of them")


def day(at: float) -> str:
    """An instant for a table, UTC."""
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"


def end(aside: Counter[str]) -> None:
    """Tell what was set aside."""
    from stillwatch.errors import SOME_ROWS_SET_ASIDE

    for why, many in aside.most_common():
        typer.echo(f"set aside: {many:,} rows, {why}", err=True)
    if aside:
        raise typer.Exit(SOME_ROWS_SET_ASIDE)
