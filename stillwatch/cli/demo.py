"""`stillwatch demo`: make a small world, scan it, show what was found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stillwatch.cli.where import OUT

if TYPE_CHECKING:
    from stillwatch.evidence import Campaign


def demo(
    out: Path = OUT,
    scale: float = typer.Option(0.005, min=0.0005, max=1.0, help="Share of the first public disclosure."),
    seed: int = typer.Option(7, help="Another seed is another set of people."),
) -> None:
    """Show the main job on made traffic."""
    from stillwatch.cli.scan import show
    from stillwatch.cli.watcher import TerminalWatcher
    from stillwatch.cli.worlds import make
    from stillwatch.config import Config
    from stillwatch.run import Place
    from stillwatch.run import scan as run_scan

    make(out, "disclosure-2026-02", 0, [], scale, seed, None, None, False, False)
    with TerminalWatcher() as watcher:
        outcome = run_scan(Place(out / "log", out / "result"), Config(), watcher)
    show(outcome, out / "result", False)
    typer.echo(f"next: stillwatch explain {_first(outcome.report.campaigns)} --out {out / 'result'}")


def _first(campaigns: Sequence[Campaign]) -> str:
    return campaigns[0].campaign_id if campaigns else "ACCOUNT"
