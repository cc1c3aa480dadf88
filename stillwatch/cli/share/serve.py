"""`stillwatch share serve`: a TAXII 2.1 server that partners read from and write to."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.beside import address
from stillwatch.cli.share import taxii


def serve(
    state: Path = taxii.STATE,
    bind: str = typer.Option("127.0.0.1:8084", metavar="HOST:PORT", help="Where partners, or a proxy, come to."),
    exchange: Path = taxii.EXCHANGE,
    store: str = taxii.STORE,
    cert: Path = typer.Option(None, help="Certificate with its chain, PEM: TLS ends here."),
    cert_key: Path = typer.Option(None, help="Its key, PEM."),
    behind: str = typer.Option(
        "",
        metavar="ADDRESSES",
        help="Proxies where TLS ends instead, and whose X-Forwarded-For is believed; commas between.",
    ),
    metrics: str = typer.Option(None, metavar="HOST:PORT", help="Serve /metrics and /healthz here; 127.0.0.1:9465."),
) -> None:
    """Serve collections to partners over TAXII 2.1 until it is interrupted.

    Who may read and write what is in EXCHANGE; secrets are made by `stillwatch share token`. What each partner got, posted and
    deleted is written to STATE/told before it is answered.

    Example: stillwatch share serve --state STATE --bind 0.0.0.0:443 --cert server.pem --cert-key server.key
    """
    import time

    from stillwatch.errors import BadConfiguration

    taxii.installed()
    from stillwatch.noted import Notes
    from stillwatch.sharing.taxii.counted import Counted
    from stillwatch.sharing.taxii.door import Door
    from stillwatch.sharing.taxii.endpoints import Endpoints
    from stillwatch.sharing.taxii.objects import Objects
    from stillwatch.sharing.taxii.received import Received
    from stillwatch.sharing.taxii.served import Where, guarded
    from stillwatch.sharing.taxii.served import serve as run
    from stillwatch.sharing.taxii.tokens import Tokens
    from stillwatch.sharing.taxii.worker import Worker

    if (cert is None) != (cert_key is None):
        raise BadConfiguration("a certificate goes with its key", "--cert", "--cert and --cert-key")
    where = Where(address("--bind", bind), cert, cert_key, behind, address("--metrics", metrics) if metrics else None)
    guarded(where)
    offered = taxii.offered(exchange, state)
    opened = taxii.opened(store, state)
    objects = Objects(opened)
    objects.begin(offered.collections)
    received = Received(objects)
    counted = Counted(received.waiting)
    notes = Notes(state / "told", time.time)
    worker = Worker(received, offered.collections, taxii.says)
    door = Door(Endpoints(offered, objects, received, notes, counted, worker.wake), Tokens(opened), taxii.says)
    taxii.says(f"{len(offered.collections)} collections, {len(offered.partners)} partners")
    try:
        run(door, counted, where, taxii.says)
    finally:
        door.close()
        worker.close()
        notes.close()
        opened.dispose()
