"""`stillwatch share sign` and `verify`: a signature beside a file, and whether it holds."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer

from stillwatch.cli.scan import JSON
from stillwatch.cli.share.outgoing import NOW

SUFFIX = ".dsse.json"


def sign(
    file: Path = typer.Argument(..., help="Any file: a bundle, an event, a table, a brief, a list of keys."),
    key: Path = typer.Option(..., help="Private Ed25519 key, PEM, mode 600 (stillwatch share keys new)."),
    out: Path = typer.Option(None, "--out", "-o", help=f"Signature file; by default FILE{SUFFIX}."),
    days: float = typer.Option(365.0, min=0.01, help="Days that a new signature is good for."),
    now: datetime = NOW,
) -> None:
    """Sign a file, in a DSSE envelope beside it. A second key adds its signature to the envelope that is there.

    What is signed is an in-toto statement with the file's SHA-256, the instant and the end.

    Example: stillwatch share sign 3f1c9a0b.stix.json --key ours.key
    """
    from stillwatch.cli.share.needs import needs
    from stillwatch.cli.verify.where import day, seconds

    needs("cryptography", "share")
    from stillwatch.sharing import files
    from stillwatch.sharing.signing import envelope, keys, statement

    place = out or file.with_name(file.name + SUFFIX)
    private = keys.private(key)
    before = envelope.at(place) if place.exists() else None
    made = statement.sign(file, private, days, seconds(now), before)
    files.replace(place, made.written(), 0o644)
    told = statement.statement(made, str(place))
    typer.echo(
        f"signed by {keys.keyid(private.public_key())[:16]}, {len(made.signatures):,} signatures in all, "
        f"good until {day(told.expires_at)} UTC: {place}", err=True,
    )  # fmt: skip


def verify(
    file: Path = typer.Argument(..., help="The file that was signed."),
    key: list[Path] = typer.Option(..., help="List of keys, or a public key as PEM, that you trust; repeatable."),
    signature: Path = typer.Option(None, help=f"Signature file; by default FILE{SUFFIX}."),
    threshold: int = typer.Option(1, min=1, help="How many different keys must have signed."),
    now: datetime = NOW,
    json: bool = JSON,
) -> None:
    """Check that a file is what its signers signed, that their keys were good, and that the signature is in force.

    Exit code 21 when it is not.

    Example: stillwatch share verify 3f1c9a0b.stix.json --key northwind.keys.json
    """
    from stillwatch.cli.share.needs import needs
    from stillwatch.cli.verify.where import printed, seconds
    from stillwatch.safeguards.chain import instant

    needs("cryptography", "share")
    from stillwatch.sharing.signing import envelope, keys, statement

    place = signature or file.with_name(file.name + SUFFIX)
    trusted = {one.keyid: one for path in key for one in keys.public(path)}
    found = envelope.at(place)
    said, by = statement.verify(file, found, list(trusted.values()), threshold, seconds(now))
    if json:
        printed({
            "verified": True, "name": said.name, "sha256": said.sha256, "signed_at": instant(said.signed_at),
            "expires_at": instant(said.expires_at), "by": [{"keyid": one.keyid, "owner": one.owner} for one in by],
        })  # fmt: skip
        return
    for one in by:
        typer.echo(f"signed by {one.owner} ({one.keyid[:16]}) on {instant(said.signed_at)}")
    typer.echo(f"{file}: what was signed as {said.name}, good until {instant(said.expires_at)}")
