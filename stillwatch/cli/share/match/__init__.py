"""`stillwatch share match`: which of our indicators a partner sees too, without showing the rest."""

from __future__ import annotations

import typer

from stillwatch.cli.share.match import asking, holding, online

app = typer.Typer(
    help="Which of our indicators a partner sees too, without showing the rest (docs/sharing-matching.md).",
    no_args_is_help=True,
)
app.command("setup")(holding.setup)
app.command("request")(asking.request)
app.command("evaluate")(holding.evaluate)
app.command("finish")(asking.finish)
app.command("told")(holding.told)
app.command("end")(holding.end)
app.command("serve")(online.serve)
app.command("ask")(online.ask)


@app.callback()
def options() -> None:
    """Which of our indicators a partner sees too, without showing the rest (docs/sharing-matching.md)."""
