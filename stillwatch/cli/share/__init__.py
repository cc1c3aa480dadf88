"""`stillwatch share`: what was found, told to others and learned from them. One file per command."""

from __future__ import annotations

import typer

from stillwatch.cli.share import attribute, export, key, name, pull, push, serve, token

app = typer.Typer(
    help="What was found, told to others and learned from them (docs/sharing.md).",
    no_args_is_help=True,
)
app.command("attribute")(attribute.attribute)
app.command("name")(name.name)
app.command("export")(export.export)
app.command("key")(key.key)
app.command("serve")(serve.serve)
app.command("pull")(pull.pull)
app.command("push")(push.push)
app.command("token")(token.token)


@app.callback()
def options() -> None:
    """What was found, told to others and learned from them (docs/sharing.md)."""
