"""`stillwatch share pull`: what a partner's TAXII 2.1 collection has that we have not."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import typer

from stillwatch.cli.share import taxii


def pull(
    url: str = typer.Argument(..., metavar="URL", help="An API root, or the server's /taxii2/."),
    collection: str = typer.Option(..., "--collection", help="Its id, alias or title."),
    partner: str = typer.Option(
        ..., "--from", metavar="PARTNER", help="What we call whose it is: a folder of OUT, too."
    ),
    out: Path = typer.Option(..., "--out", "-o", help="Folder: a bundle a page goes to OUT/PARTNER."),
    state: Path = taxii.STATE,
    credentials: Path = taxii.CREDENTIALS,
    ca: Path = taxii.CA,
    limit: int = typer.Option(1_000, min=1, max=10_000, help="Objects that are asked for in a page."),
    most: int = typer.Option(1_000_000, min=1, help="Objects after which a pull ends; the next goes on."),
    json: bool = typer.Option(False, "--json", help="What was written, as JSON on stdout."),
) -> None:
    """Ask for all versions of all objects that were added since the last pull, and write them down.

    Where it stopped is kept in STATE. Nothing of what comes is believed or acted on: a page is written as it is.

    Example: stillwatch share pull https://ti.example.com/taxii2/ --collection campaigns --from other-lab --out IN --state STATE
    """
    import asyncio
    import hashlib

    import orjson

    taxii.installed()
    from stillwatch.sharing.taxii.asking import Asking, authorization
    from stillwatch.sharing.taxii.pulled import Pulled
    from stillwatch.sharing.taxii.pulled import pull as pulled
    from stillwatch.sharing.taxii.remote import remote

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", partner):
        raise typer.BadParameter("--from: letters, digits, dots and hyphens")
    asking = Asking(url, authorization(credentials), ca)

    async def all_of_it() -> Pulled:
        async with asking:
            found = await remote(asking, collection)
            here = hashlib.sha256(f"{asking.address} {found.id}".encode()).hexdigest()[:16]
            at = state / "pulled" / partner / f"{here}.json"
            return await pulled(asking, found, at, out / partner, most, limit)

    done = asyncio.run(all_of_it())
    if json:
        told = {"objects": done.objects, "pages": [str(one) for one in done.pages], "whole": done.whole}
        sys.stdout.buffer.write(orjson.dumps({"schema_version": 1, **told}) + b"\n")
        return
    for page in done.pages:
        sys.stdout.write(f"{page}\n")
    more = "" if done.whole else "; there are more, which the next pull takes"
    taxii.says(f"{done.objects:,} objects in {len(done.pages)} pages{more}")
