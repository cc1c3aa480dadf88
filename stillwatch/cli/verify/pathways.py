"""`stillwatch verify pathways`: what each pathway must prove, and what accounts of a log have not shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from stillwatch.cli.scan import CONFIG, INSTANTS, JSON
from stillwatch.cli.verify.asked_for import LISTS, PATHWAYS, PROOFS, instant
from stillwatch.cli.verify.where import end, printed

if TYPE_CHECKING:
    from stillwatch.verification.pathways import Pathway, Requirement


def pathways(
    pathways: Path = PATHWAYS,
    check: Path = typer.Option(
        None, "--check", metavar="LOG", help="List programme accounts of a log that lack something."
    ),
    proofs: Path = PROOFS,
    lists: Path = LISTS,
    as_of: datetime = typer.Option(None, formats=INSTANTS, help="Ask about this instant, UTC; now by default."),
    config: Path = CONFIG,
    json: bool = JSON,
) -> None:
    """What each pathway must prove, with what, and for how long.

    Examples: stillwatch verify pathways; stillwatch verify pathways --check LOG --proofs proofs.jsonl --json
    """
    from stillwatch.verification.pathways.programmes import load

    ways = load(pathways)
    if check is None:
        if json:
            printed({"pathways": [_document(one) for one in ways.values()]})
        else:
            _table(ways)
        return
    aside: Counter[str] = Counter()
    document = _lacking(ways, check, proofs, lists, instant(as_of), config, aside)
    if json:
        printed({**document, "set_aside": aside.total()})
    else:
        for row in document["accounts"]:
            read = f" ({', '.join(row['unread'])} waits for a person to read it)" if row["unread"] else ""
            codes = ", ".join(one["code"] for one in row["missing"])
            typer.echo(f"{row['account_id']}  {row['pathway']}: {codes}{read}")
        for row in document["crowded"]:
            typer.echo(f"{row['domain']}  {row['pathway']}: {row['says']}; who comes next shows proof first")
        typer.echo(
            f"{len(document['accounts']):,} of {document['looked_at']:,} programme accounts lack something", err=True
        )
    end(aside)


def _lacking(
    ways: Mapping[str, Pathway], log: Path, proofs: Path | None, lists: Path | None, now: datetime, config: Path | None,
    aside: Counter[str],
) -> dict[str, Any]:  # fmt: skip
    from dataclasses import asdict

    from stillwatch.config import load
    from stillwatch.verification.lists import Lists
    from stillwatch.verification.pathways import crowded, eligible, kinds_of, missing, newest
    from stillwatch.verification.pathways.domain import domain_today
    from stillwatch.verification.pathways.members import members, registered
    from stillwatch.verification.pathways.proof import read
    from stillwatch.verification.pathways.recheck import ANYBODY

    kinds, known, at = kinds_of(ways), Lists.load(lists), now.timestamp()
    kept = newest(read(proofs, kinds, aside) if proofs else [], kinds)
    those = [one for one in members(log, load(config).reading, now, aside) if one.pathway in ways]
    rows, looked_at = [], 0
    for one in those:
        if one.pathway == ANYBODY:
            continue
        looked_at += 1
        domain = domain_today(one.domain, known, one.domain_since)
        looked_up = eligible(domain, one.account_id, ways[one.pathway], at)
        shown = {**registered(one), **kept.get(one.account_id, {}), **looked_up}
        if lacks := missing(ways[one.pathway], shown, at):
            unread = [
                kind.name
                for kind in ways[one.pathway].kinds.values()
                if kind.reviewed and kind.name in shown and not shown[kind.name].reviewed_by
            ]
            rows.append(
                {
                    "account_id": one.account_id,
                    "pathway": one.pathway,
                    "domain": one.domain,
                    "resembles": domain.resembles,
                    "missing": [_requirement(each) for each in lacks],
                    "unread": unread,
                }
            )
    domains = {one.domain: domain_today(one.domain, known) for one in those}
    full = [
        asdict(each)
        for name, way in ways.items()
        for each in crowded(way, [(one.domain, one.created) for one in those if one.pathway == name], domains, at)
    ]
    return {"looked_at": looked_at, "accounts": rows, "crowded": full}


def _document(way: Pathway) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(way), "requires": [_requirement(one) for one in way.requires]}


def _requirement(one: Requirement) -> dict[str, Any]:
    from dataclasses import asdict

    return {"code": one.code, "because": one.because, "step": one.step, "any_of": [asdict(kind) for kind in one.any_of]}


def _table(ways: Mapping[str, Pathway]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("Pathway", "Requirement", "Answered by any of", "Step", box=None)
    for way in ways.values():
        for place, one in enumerate(way.requires):
            answers = "; ".join(f"{kind.says}{_lasts(kind)}" for kind in one.any_of)
            table.add_row(way.name if place == 0 else "", one.code, answers, one.step)
        table.add_row("", "withdrawn", way.withdrawal, "")
    Console().print(table)


def _lasts(kind: Any) -> str:
    if kind.eligibility:
        return " (eligibility, no proof)"
    return f" ({kind.valid_days:,.0f} days)" if kind.valid_days else ""
