"""Options and endings that the commands about programmes have in common."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import typer

PATHWAYS = typer.Option(None, "--pathways", help="Your own pathways, TOML, over those that come along.")
LISTS = typer.Option(None, "--lists", help="Folder of lists of your own, beside those of the packages.")
PROOFS = typer.Option(None, "--proofs", help="What was proved, JSON lines (docs/verification-pathways.md).")


def instant(given: datetime | None) -> datetime:
    """The instant that is asked about, UTC; now when none was given."""
    return datetime.now(UTC) if given is None else given.replace(tzinfo=UTC)


def printed(document: Any) -> None:
    """A document as JSON on stdout."""
    import sys

    import orjson

    sys.stdout.write(orjson.dumps({"schema_version": 1, **document}).decode() + "\n")


def finish(aside: Counter[str]) -> None:
    """Say what was set aside, and end with the code for it."""
    from stillwatch.errors import SOME_ROWS_SET_ASIDE

    for reason, count in aside.most_common():
        typer.echo(f"set aside: {count:,} × {reason}", err=True)
    if aside:
        raise typer.Exit(SOME_ROWS_SET_ASIDE)
