"""`stillwatch share match serve` and `ask`: the same between two machines."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.beside import address
from stillwatch.cli.share.match import where


def serve(
    state: Path = where.STATE,
    bind: str = typer.Option("127.0.0.1:8086", metavar="HOST:PORT", help="Behind TLS: partners come here."),
) -> None:
    """Give each partner its set, evaluate what it asks within its quotas, and keep what it tells. Until interrupted.

    A partner's token is in STATE/PARTNER.token. Every evaluation is a line of STATE/evaluations.jsonl, with numbers alone.

    Example: stillwatch share match serve --state matching --bind 127.0.0.1:8086
    """
    import time

    host, port = address("--bind", bind)
    where.installed()
    from stillwatch.sharing.matching.door import Door
    from stillwatch.sharing.matching.served import serve as run

    run(Door(state, time.time, _says), host, port, _says)


def ask(
    log: Path = where.LOG,
    result: Path = where.RESULT,
    url: str = typer.Option(..., help="The holder's address, https://…"),
    token: Path = typer.Option(..., help="File with the token that the holder gave us."),
    epoch: str = where.EPOCH,
    out: Path = where.MATCHES,
    evidence: Path = where.EVIDENCE,
    tell: bool = typer.Option(False, "--tell", help="Tell the holder which values matched; it learns of no others."),
    yes: bool = typer.Option(False, "--yes", help="Send it. Without it is told what would be sent."),
    workers: int = where.WORKERS,
    config: Path = where.CONFIG,
    json: bool = where.JSON,
) -> None:
    """Ask a holder for its set and for our campaigns' values in it, all in one go. Nothing is sent until you say --yes.

    Example: stillwatch share match ask LOG --result OUT --url https://north.example --token north.token --epoch 2026-11 --yes
    """
    import secrets
    import time

    where.installed()
    from stillwatch import keyfiles
    from stillwatch.sharing.matching import asker, holder, matched, messages
    from stillwatch.sharing.matching.client import Holder
    from stillwatch.sharing.matching.identifiers import CAMPAIGN
    from stillwatch.sharing.matching.kinds import NAMES, chosen
    from stillwatch.sharing.matching.sizes import padded

    north = Holder(url, keyfiles.text(token).strip())
    if not yes:
        found = where.gathered(log, result, NAMES, CAMPAIGN, config)
        values = dict(sorted(holder.totals(found).items()))
        where.told({"to": url, "values": values, "points_at_most": padded(len(found.held)), "sent": False}, json)
        typer.echo("nothing was sent; say --yes to send it, blinded", err=True)
        return
    published = north.set(epoch)
    head, _ = messages.read_set(published, url)
    found, own, now = (
        where.gathered(log, result, chosen(head.kinds), CAMPAIGN, config),
        secrets.token_bytes(32),
        time.time(),
    )
    reply = north.evaluation(asker.request(published, found, own, now, workers))
    answer = asker.finished(published, found, own, reply, now, workers)
    said = {"from": head.holder, "asked": answer.asked, "found": answer.found}
    if head.mode == messages.MATCH:
        said |= where.kept(matched.table(answer.matches), out, evidence)
        if tell:
            north.tell(epoch, answer.told)
            said |= {"told": len(answer.matches), "our_campaigns": asker.label_names(found, own)}
    where.told(said, json)


def _says(text: str) -> None:
    typer.echo(text, err=True)
