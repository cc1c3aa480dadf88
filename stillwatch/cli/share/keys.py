"""`stillwatch share keys`: new keys to sign with, the list that partners hold, and the end of one that was lost."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer

from stillwatch.cli.scan import JSON
from stillwatch.cli.share.outgoing import NOW

app = typer.Typer(
    help="Keys that signatures are made with, and the list of them that partners hold.", no_args_is_help=True
)
LIST = typer.Argument(..., metavar="LIST", help="List of public keys, JSON.")


@app.callback()
def options() -> None:
    """Keys that signatures are made with, and the list of them that partners hold."""


@app.command()
def new(
    file: Path = typer.Argument(..., help="Where to write the private key; never over another."),
    owner: str = typer.Option(..., help="Who signs with it: an organisation, not a person."),
    listed: Path = typer.Option(
        Path("keys.json"), "--list", help="List of public keys to add it to; made if not there."
    ),
    days: float = typer.Option(400.0, min=1.0, help="Days that it is good for."),
    now: datetime = NOW,
) -> None:
    """Make a key: the private half in a file of mode 600, the public half in the list that partners get.

    Make the next one a month or two before this one ends and send the list again: meanwhile both are good.

    Example: stillwatch share keys new ours.key --owner "Example AI" --list example.keys.json
    """
    from stillwatch.cli.share.needs import needs
    from stillwatch.cli.verify.where import seconds
    from stillwatch.safeguards.chain import instant

    needs("cryptography", "share")
    from stillwatch.sharing.signing import keys

    at = seconds(now)
    public = keys.new(file).public_key()
    one = keys.Key(keys.keyid(public), owner, public, at, at + days * 86_400)
    keys.add(listed, one)
    typer.echo(f"{file}: for you alone; {listed}: for partners; good until {instant(one.ends)}", err=True)
    typer.echo(one.keyid)


@app.command()
def end(
    listed: Path = LIST,
    key: str = typer.Argument(..., metavar="KEYID", help="Id of the key, or eight or more digits of its beginning."),
    now: datetime = NOW,
) -> None:
    """End a key that is out of your hands: nothing that it has signed counts from now on. Then send the list to partners.

    Example: stillwatch share keys end example.keys.json 9c1e77aa
    """
    from stillwatch.cli.share.needs import needs
    from stillwatch.cli.verify.where import seconds

    needs("cryptography", "share")
    from stillwatch.sharing.signing import keys

    one = keys.end(listed, key, seconds(now))
    typer.echo(f"{one.keyid} is ended; send {listed} to whoever holds it", err=True)


@app.command()
def show(listed: Path = LIST, now: datetime = NOW, json: bool = JSON) -> None:
    """Show the keys of a list, and which are good now.

    Example: stillwatch share keys show example.keys.json
    """
    from stillwatch.cli.share.needs import needs
    from stillwatch.cli.verify.where import day, printed, seconds, table

    needs("cryptography", "share")
    from stillwatch.sharing.signing import keys

    at, found = seconds(now), keys.public(listed)
    good = {one.keyid: not one.why_not(at, at) for one in found}
    if json:
        printed({"keys": [{**keys.row(one), "good": good[one.keyid]} for one in found]})
        return
    table(
        ("Key", "Owner", "From", "Until", "Good now"),
        [(one.keyid[:16], one.owner, day(one.begins), day(one.ends), "yes" if good[one.keyid] else "no") for one in found],
    )  # fmt: skip
