"""Options that the commands about programmes have in common, and the instant that they are about."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

PATHWAYS = typer.Option(None, "--pathways", help="Your own pathways, TOML, over those that come along.")
LISTS = typer.Option(None, "--lists", help="Folder of lists of your own, beside those of the packages.")
PROOFS = typer.Option(None, "--proofs", help="What was proved, JSON lines (docs/verification-pathways.md).")


def instant(given: datetime | None) -> datetime:
    """The instant that is asked about, UTC; now when none was given."""
    return datetime.now(UTC) if given is None else given.replace(tzinfo=UTC)
