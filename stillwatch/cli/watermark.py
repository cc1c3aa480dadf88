"""`stillwatch watermark`: the secret that keys are made from, the registry of commitments to them, and texts that bear them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer

from stillwatch.cli.watermark_keys import commit, day, detect

app = typer.Typer(
    help="Keys of watermarks, commitments to them, and texts that bear them (docs/watermark.md).", no_args_is_help=True
)
REGISTRY = typer.Argument(..., help="File that `stillwatch guard --watermark-registry` wrote.")


@app.callback()
def options() -> None:
    """Keys of watermarks, commitments to them, and texts that bear them (docs/watermark.md)."""


app.command("commit")(commit)
app.command("detect")(detect)


@app.command("new-secret")
def new_secret(path: Path = typer.Argument(..., metavar="FILE", help="Where to write it; never over another.")) -> None:
    """Make a secret that keys are made from, for its owner alone to read.

    Keep a copy where no machine that answers requests reaches it: whoever has it can forge every mark, and without it
    nothing can be proved.

    Example: stillwatch watermark new-secret watermark.secret
    """
    from stillwatch import keyfiles
    from stillwatch.errors import BadConfiguration

    if not keyfiles.create(path):
        raise BadConfiguration(
            "there is a file already", str(path), "a name that is free", "a secret is never replaced"
        )
    typer.echo(f"written: {path}", err=True)


@app.command()
def show(
    registry: Path = REGISTRY, json: bool = typer.Option(False, "--json", help="Print the lines as JSON.")
) -> None:
    """List what was committed to: scopes, epochs, when, and which keys have been shown since.

    Example: stillwatch watermark show marks.jsonl
    """
    import sys

    import orjson
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from stillwatch.safeguards.watermark import registry as registries

    lines = registries.read(registry)
    shown = {one.commitment: one.key for one in lines if one.kind == "open"}
    rows = [
        {
            "scope": one.scope, "from": day(one.epoch.begins), "until": day(one.epoch.ends), "at": one.at,
            "commitment": one.commitment, "key": shown.get(one.commitment), "why": one.why,
        }
        for one in lines
        if one.kind == "commit"
    ]  # fmt: skip
    if json:
        sys.stdout.buffer.write(
            orjson.dumps({"schema_version": 1, "commitments": rows}, option=orjson.OPT_INDENT_2) + b"\n"
        )
        return
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for heading in ("Scope", "From, until", "Committed", "Commitment", "Key"):
        table.add_column(heading)
    for row in rows:
        days, at = f"{row['from']}\n{row['until']}", str(row["at"])[:19]
        key = row["key"] or "not shown"
        table.add_row(*map(Text, (str(row["scope"]), days, at, str(row["commitment"]), str(key))))  # text, never markup
    Console().print(table)


@app.command()
def verify(
    registry: Path = REGISTRY,
    head: str = typer.Option("", metavar="HASH", help="Hash of a line, published earlier: the registry must have it."),
) -> None:
    """Check that each line follows from the one before, and that each key shown is the one committed to.

    Prints the hash of the last line. Published where a date is beyond doubt, it fixes everything above it: a chain alone
    does not tell that lines were cut off at its end, or that it was made anew.

    Example: stillwatch watermark verify marks.jsonl
    """
    from stillwatch.errors import BadConfiguration
    from stillwatch.safeguards.watermark import registry as registries

    lines = registries.read(registry)
    if head and head not in (one.hash for one in lines):
        raise BadConfiguration(
            "no line has the hash that was published", str(registry), "a registry that goes on from it", "an older copy"
        )
    committed, opened = (sum(one.kind == kind for one in lines) for kind in ("commit", "open"))
    typer.echo(f"in order: {committed} commitments, {opened} keys shown", err=True)
    typer.echo(lines[-1].hash if lines else registries.START)


@app.command("open")
def open_(
    registry: Path = REGISTRY,
    secret: Path = typer.Option(..., help="Secret that the keys were made from."),
    scope: str = typer.Option("all", help="`all`, or a campaign's id."),
    on: datetime = typer.Option(..., "--on", formats=["%Y-%m-%d"], help="A day of the epoch, UTC."),
) -> None:
    """Show a key whose epoch is over, so that anybody can verify what was committed to and look for its mark.

    From then on anybody can write texts that bear it. It is written to the registry and cannot be taken back.

    Example: stillwatch watermark open marks.jsonl --secret watermark.secret --scope C-9d3dfd69 --on 2026-11-20
    """
    import time
    from datetime import UTC

    from stillwatch import keyfiles
    from stillwatch.errors import BadConfiguration
    from stillwatch.safeguards.watermark import registry as registries
    from stillwatch.safeguards.watermark.keys import Secret

    made, at = Secret(keyfiles.read(secret)), on.replace(tzinfo=UTC).timestamp()
    epochs = {
        one.epoch for one in registries.read(registry) if one.scope == scope and one.epoch.begins <= at < one.epoch.ends
    }
    if not epochs:
        raise BadConfiguration(
            "nothing was committed to", f"{registry}: {scope} on {on:%Y-%m-%d}", "a line of the registry",
            f"stillwatch watermark show {registry}",
        )  # fmt: skip
    for epoch in sorted(epochs, key=lambda one: one.begins):
        registries.show(registry, made.key(scope, epoch), time.time())
        typer.echo(made.key(scope, epoch).key)
