"""`stillwatch share match setup`, `evaluate`, `told` and `end`: what a holder of values does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from stillwatch.cli.share.match import where

DAYS, PER_DAY, PER_EPOCH = 31, 50_000, 100_000  # sharing/matching/epochs.py has the reasons


def setup(
    log: Path = where.LOG,
    result: Path = where.RESULT,
    state: Path = where.STATE,
    name: str = typer.Option(..., help="Our own name, as the partner knows it."),
    partner: str = where.PARTNER,
    epoch: str = where.EPOCH,
    out: Path = typer.Option(Path("set.match"), "--out", "-o", help="Copy of the set, to hand to the partner."),
    kind: list[str] = typer.Option([], help="email, payment, device, template or phone; repeatable. All but phone."),
    whom: str = typer.Option("campaign", help="campaign: harvesters and spares alone; all: every account but victims."),
    count: bool = typer.Option(False, "--count", help="The partner learns how many values are in common, not which."),
    days: int = typer.Option(DAYS, min=1, help="Days until the epoch is over."),
    per_day: int = typer.Option(PER_DAY, min=1, help="Points that the partner may have evaluated in a day."),
    per_epoch: int = typer.Option(PER_EPOCH, min=1, help="The same for the epoch."),
    workers: int = where.WORKERS,
    config: Path = where.CONFIG,
    json: bool = where.JSON,
) -> None:
    """Make a key for a partner and an epoch, and the set that the partner can ask about.

    The set has tags alone: without an evaluation of ours nobody can tell what any stands for, and each is counted. Addresses
    are never in it. The partner's token for `serve` is made beside it.

    Example: stillwatch share match setup LOG --result OUT --name north --partner south --epoch 2026-11
    """
    import time

    where.installed()
    from stillwatch.errors import BadConfiguration
    from stillwatch.sharing.matching import epochs, holder, messages
    from stillwatch.sharing.matching.identifiers import CAMPAIGN, EVERYBODY
    from stillwatch.sharing.matching.kinds import chosen

    kinds = chosen(kind)
    if whom not in (CAMPAIGN, EVERYBODY):
        raise BadConfiguration(f"nobody is {whom!r}", "--whom", f"{CAMPAIGN} or {EVERYBODY}")
    if not messages.NAME.fullmatch(name):
        raise BadConfiguration(f"{name!r} is no name", "--name", "letters a-z, digits, dashes; 64 at most")
    found = where.gathered(log, result, kinds, whom, config)
    terms = holder.Terms(
        name, partner, epoch, int(time.time()) + days * 86_400, kinds, whom,
        messages.COUNT if count else messages.MATCH, epochs.Limits(per_day, per_epoch),
    )  # fmt: skip
    message = holder.set_up(state, terms, found, workers)
    epochs.token(state, partner)
    where.write(out, message)
    head, _ = messages.read_set(message, str(out))
    said: dict[str, Any] = {
        "set": str(out),
        "bytes": len(message),
        "entries": head.entries,
        "key": head.public,
        "whose": whom,
    }
    said |= {"values": dict(sorted(holder.totals(found).items())), "learned": "how many" if count else "which values"}
    if not count:
        said["campaigns"] = holder.campaign_names(state, partner, epoch)
    where.told(said, json)


def evaluate(
    request: Path = typer.Argument(..., metavar="REQUEST", help="The partner's request."),
    state: Path = where.STATE,
    partner: str = where.PARTNER,
    out: Path = typer.Option(Path("reply.match"), "--out", "-o", help="The reply to hand back."),
    workers: int = where.WORKERS,
    json: bool = where.JSON,
) -> None:
    """Answer a partner's request, within its quotas. We learn how many points it has, and nothing of what they stand for.

    Example: stillwatch share match evaluate request.match --partner south --out reply.match
    """
    import time

    where.installed()
    from stillwatch.sharing.matching import holder, messages
    from stillwatch.sharing.matching.spent import Spent

    asked, spent = where.read(request), Spent(state)
    reply = holder.evaluated(state, partner, asked, time.time(), spent, workers)
    where.write(out, reply)
    head, _ = messages.read_request(asked, str(request))
    requests, points = spent.used(partner, head.epoch)
    where.told(
        {
            "reply": str(out),
            "bytes": len(reply),
            "points": head.points,
            "epoch": {"requests": requests, "points": points},
        },
        json,
    )


def told(
    message: Path = typer.Argument(..., metavar="TOLD", help="What the partner told."),
    state: Path = where.STATE,
    partner: str = where.PARTNER,
    epoch: str = where.EPOCH,
    out: Path = where.MATCHES,
    evidence: Path = where.EVIDENCE,
    json: bool = where.JSON,
) -> None:
    """Read which values a partner has in common with us, if it told. It can tell of no value that it did not ask for.

    Example: stillwatch share match told told.match --partner south --epoch 2026-11 --evidence evidence.parquet
    """
    import time

    where.installed()
    from stillwatch.sharing.matching import holder, matched
    from stillwatch.sharing.matching.spent import Spent

    found = holder.told(state, partner, epoch, where.read(message), time.time(), Spent(state))
    where.told(where.kept(matched.table(found), out, evidence), json)


def end(
    state: Path = where.STATE,
    partner: str = where.PARTNER,
    epoch: str = where.EPOCH,
    yes: bool = typer.Option(False, "--yes", help="Carry it out; it cannot be undone."),
) -> None:
    """End an epoch: its key and index are destroyed, so that nobody can ever try values on its set.

    Example: stillwatch share match end --partner south --epoch 2026-10 --yes
    """
    where.installed()
    from stillwatch.sharing.matching import epochs

    opened = epochs.opened(state, partner, epoch)
    if not yes:
        typer.echo(f"would destroy key and index of {opened.folder}; say --yes to carry it out", err=True)
        return
    typer.echo(f"destroyed: {', '.join(epochs.end(state, partner, epoch))} of {opened.folder}", err=True)
