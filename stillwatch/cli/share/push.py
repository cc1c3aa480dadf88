"""`stillwatch share push`: a bundle that was released, sent to a partner's TAXII 2.1 collection."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from stillwatch.cli.share import taxii


def push(
    url: str = typer.Argument(..., metavar="URL", help="An API root, or the server's /taxii2/."),
    bundle: Path = typer.Argument(..., help="STIX 2.1 bundle, as it was released."),
    collection: str = typer.Option(..., "--collection", help="Its id, alias or title."),
    state: Path = taxii.STATE,
    credentials: Path = taxii.CREDENTIALS,
    ca: Path = taxii.CA,
    yes: bool = typer.Option(False, "--yes", help="Send it. Without it the plan is shown and nothing leaves."),
    json: bool = typer.Option(False, "--json", help="What came of it, as JSON on stdout."),
) -> None:
    """Send the objects of a bundle, and wait until the server says what became of each.

    What leaves is written to STATE/pushed before it does. Sent again, the same objects are the same to a server.

    Example: stillwatch share push https://ti.example.com/taxii2/ released.json --collection inbox --state STATE --yes
    """
    import asyncio
    import time
    from collections import Counter

    import orjson

    taxii.installed()
    from stillwatch.errors import BadConfiguration, ResponseFailed
    from stillwatch.noted import Notes
    from stillwatch.sharing.taxii.asking import Asking, authorization
    from stillwatch.sharing.taxii.pushed import Pushed
    from stillwatch.sharing.taxii.pushed import bundle as read
    from stillwatch.sharing.taxii.pushed import push as pushed
    from stillwatch.sharing.taxii.remote import remote

    whole, asking = read(bundle), Asking(url, authorization(credentials), ca)
    kinds = Counter(str(one.get("type")) for one in whole.objects)
    listed = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())

    async def all_of_it() -> Pushed | None:
        async with asking:
            found = await remote(asking, collection)
            if not found.can_write:
                raise BadConfiguration(
                    "we may not write to this collection", found.title or found.id, "one with can_write"
                )
            taxii.says(f"{'sends' if yes else 'would send'} {listed} to {found.title or found.id} at {asking.address}")
            if not yes:
                return None
            notes = Notes(state / "pushed", time.time)
            try:
                return await pushed(asking, found, whole, lambda row: notes({"at": time.time(), **row}))
            finally:
                notes.close()

    done = asyncio.run(all_of_it())
    if json:
        said = {"success": done.success, "failures": done.failures} if done else {}
        told = {"bundle": whole.digest, "objects": len(whole.objects), "sent": done is not None, **said}
        sys.stdout.buffer.write(orjson.dumps({"schema_version": 1, **told}) + b"\n")
    if done is None:
        taxii.says("nothing has left: say --yes")
        return
    taxii.says(f"{done.success:,} objects were taken")
    if done.failures:
        why = "; ".join(f"{one.get('id', '')} {one.get('message', '')}".strip() for one in done.failures[:5])
        raise ResponseFailed(
            f"{len(done.failures):,} objects were not taken: {why}", collection, "", "what the server says of each"
        )
