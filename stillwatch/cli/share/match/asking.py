"""`stillwatch share match request` and `finish`: what an asker does before and after the holder's evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from stillwatch.cli.share.match import where

SET = typer.Argument(..., metavar="SET", help="The holder's set.")
TELL = typer.Option(None, help="Write what would tell the holder the same values; send it, or do not.")


def request(
    published: Path = SET,
    log: Path = where.LOG,
    result: Path = where.RESULT,
    out: Path = typer.Option(Path("request.match"), "--out", "-o", help="The request to hand to the holder."),
    secret: Path = where.SECRET,
    workers: int = where.WORKERS,
    config: Path = where.CONFIG,
    json: bool = where.JSON,
) -> None:
    """Blind the values of our campaigns' harvesters and spares, to ask a holder for them. Victims are never among them.

    What is written looks random to everybody, the holder too. Values stay in memory; only a secret is kept until `finish`.

    Example: stillwatch share match request set.match LOG --result OUT
    """
    import time

    where.installed()
    from stillwatch import keyfiles
    from stillwatch.errors import BadConfiguration
    from stillwatch.sharing.matching import asker, holder, messages
    from stillwatch.sharing.matching.identifiers import CAMPAIGN
    from stillwatch.sharing.matching.kinds import chosen

    message = where.read(published)
    head, _ = messages.read_set(message, str(published))
    found = where.gathered(log, result, chosen(head.kinds), CAMPAIGN, config)
    if not keyfiles.create(secret):
        raise BadConfiguration("another request is not finished", str(secret), "a new file", "finish it, or --secret")
    asked = asker.request(message, found, keyfiles.read(secret), time.time(), workers)
    where.write(out, asked)
    values = dict(sorted(holder.totals(found).items()))
    where.told(
        {"request": str(out), "bytes": len(asked), "to": head.holder, "epoch": head.epoch, "values": values}, json
    )


def finish(
    reply: Path = typer.Argument(..., metavar="REPLY", help="The holder's reply."),
    published: Path = SET,
    log: Path = where.LOG,
    result: Path = where.RESULT,
    secret: Path = where.SECRET,
    out: Path = where.MATCHES,
    evidence: Path = where.EVIDENCE,
    tell: Path = TELL,
    workers: int = where.WORKERS,
    config: Path = where.CONFIG,
    json: bool = where.JSON,
) -> None:
    """Read a holder's reply: which of our values it has too, and what its campaigns are called towards us.

    Log and result must be as they were for the request. A match is evidence, and never enough to accuse.

    Example: stillwatch share match finish reply.match set.match LOG --result OUT --evidence evidence.parquet
    """
    import time

    where.installed()
    from stillwatch import keyfiles
    from stillwatch.sharing.matching import asker, matched, messages
    from stillwatch.sharing.matching.identifiers import CAMPAIGN
    from stillwatch.sharing.matching.kinds import chosen

    message, answered, own = where.read(published), where.read(reply), keyfiles.read(secret)
    head, _ = messages.read_set(message, str(published))
    found = where.gathered(log, result, chosen(head.kinds), CAMPAIGN, config)
    answer = asker.finished(message, found, own, answered, time.time(), workers)
    said: dict[str, Any] = {"asked": answer.asked, "found": answer.found}
    if head.mode == messages.MATCH:
        said |= where.kept(matched.table(answer.matches), out, evidence)
        if tell is not None:
            where.write(tell, answer.told)
            said |= {"told": str(tell), "our_campaigns": asker.label_names(found, own)}
    secret.unlink()
    where.told(said, json)
