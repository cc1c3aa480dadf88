"""`stillwatch report`: render a saved result again, without computing anything."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.where import OUT


def report(
    out: Path = OUT,
    html: Path = typer.Option(None, help="Where to write the page; OUT/report.html by default."),
) -> None:
    """Write report.html from campaigns.json."""
    from stillwatch.render.html import report_html
    from stillwatch.render.json import read_campaigns

    target = html or out / "report.html"
    target.write_text(report_html(read_campaigns(out / "campaigns.json")), encoding="utf-8")
    typer.echo(target)
