"""`stillwatch verify`: who is at the door, what is asked of them, and who is back. One file per command."""

from __future__ import annotations

import typer

from stillwatch.cli.verify.returning import returning

app = typer.Typer(
    help="Sign-ups: their risk, what is asked of them, and who is back after a ban (docs/verification.md).",
    no_args_is_help=True,
)


@app.callback()
def options() -> None:
    """Sign-ups: their risk, what is asked of them, and who is back after a ban (docs/verification.md)."""


app.command("returning")(returning)
