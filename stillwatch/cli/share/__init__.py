"""`stillwatch share`: what was found, told to others and learned from them. One file per command."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="What was found, told to others and learned from them (docs/sharing.md).",
    no_args_is_help=True,
)


@app.callback()
def options() -> None:
    """What was found, told to others and learned from them (docs/sharing.md)."""
