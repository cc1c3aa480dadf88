"""`stillwatch share`: what was found, told to others and learned from them. One file per command."""

from __future__ import annotations

import typer

from stillwatch.cli.share import (
    attribute,
    export,
    importing,
    key,
    keys,
    log,
    match,
    misp,
    name,
    outgoing,
    pull,
    received,
    release,
    serve,
    sign,
    token,
)

app = typer.Typer(
    help="What was found, told to others and learned from them (docs/sharing.md).",
    no_args_is_help=True,
)
app.command("attribute")(attribute.attribute)
app.command("name")(name.name)
app.command("export")(export.export)
app.command("key")(key.key)
app.command("propose")(outgoing.propose)
app.command("approve")(outgoing.approve)
app.command("refuse")(outgoing.refuse)
app.command("release")(release.release)
app.command("withdraw")(release.withdraw)
app.command("log")(log.log)
app.command("sign")(sign.sign)
app.command("verify")(sign.verify)
app.add_typer(keys.app, name="keys")
app.add_typer(misp.app, name="misp")
app.command("import")(importing.import_)
app.command("received")(received.received)
app.command("trust")(received.trust)
app.command("forget")(received.forget)
app.command("indicators")(received.indicators)
app.command("serve")(serve.serve)
app.command("pull")(pull.pull)
app.command("token")(token.token)
app.add_typer(match.app, name="match")


@app.callback()
def options() -> None:
    """What was found, told to others and learned from them (docs/sharing.md)."""
