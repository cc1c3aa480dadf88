"""`stillwatch verify outcomes --out LOG`: what outcomes tell scan and link, and what programme accounts have proved by them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from stillwatch.cli.scan import CONFIG, JSON
from stillwatch.cli.verify.asked_for import LISTS, PATHWAYS
from stillwatch.cli.verify.where import CASES, KEY, YES

if TYPE_CHECKING:
    from collections import Counter

    from stillwatch.config import Config
    from stillwatch.verification.ladder import Case
    from stillwatch.verification.pathways import Proof

_ALIKE = ("account_id", "kind", "case", "at", "revoked")  # fields of a proof by which it is there already


def outcomes(
    out: Path = typer.Option(..., "--out", "-o", help="Log folder: evidence.jsonl is added to."),
    cases: str = CASES,
    proofs: Path = typer.Option(
        None, "--proofs", help="File of proofs, JSON lines: what programme accounts have shown is added to it."
    ),
    pathways: Path = PATHWAYS,
    lists: Path = LISTS,
    config: Path = CONFIG,
    key: Path = KEY,
    yes: bool = YES,
    json: bool = JSON,
) -> None:
    """Show which accounts share a verified person or a refused document, and write it for scan and link with --yes.

    With --proofs steps that accounts of programmes passed become proofs, and those that were taken back are marked so.
    Organisations that were verified are proposed by `stillwatch verify declare`.

    Example: stillwatch verify outcomes --out LOG --cases cases.db --proofs proofs.jsonl --yes
    """
    from collections import Counter

    from stillwatch.cli.verify import where
    from stillwatch.config import load

    where.installed()
    from stillwatch.verification.ladder import feedback
    from stillwatch.verification.pathways.proof import row

    settings, aside = load(config), Counter[str]()
    with where.opened(cases, key, settings.verification.most_tries) as store:
        everyone = list(store.all())
    evidence = list(feedback.evidence(everyone))
    proved = _proved(everyone, proofs, out, pathways, lists, settings, aside) if proofs else []
    added = {"evidence": 0, "proofs": 0}
    if yes:
        added["evidence"] = feedback.add(out, "evidence", evidence, ("account_id", "kind", "value"))
        if proofs:
            added["proofs"] = feedback.add(proofs.parent, proofs.stem, [row(one) for one in proved], _ALIKE)
    if json:
        document = {"evidence": evidence, "proofs": [row(one) for one in proved], "added": added}
        where.printed({**document, "set_aside": aside.total(), "carried_out": yes})
    else:
        _show(evidence, proved)
    told = f"{added['evidence']:,} rows of evidence added to {out}"
    told += f", {added['proofs']:,} proofs to {proofs}" if proofs else ""
    typer.echo(told if yes else "nothing was written; say --yes to add it", err=True)
    where.end(aside)


def _proved(
    cases: Sequence[Case], proofs: Path, log: Path, pathways: Path | None, lists: Path | None, settings: Config,
    aside: Counter[str],
) -> list[Proof]:  # fmt: skip
    """Proofs of these cases, with what the log's accounts say of them today."""
    from datetime import UTC, datetime

    from stillwatch.errors import BadConfiguration, NothingToRead
    from stillwatch.verification.lists import Lists
    from stillwatch.verification.pathways import kinds_of, load, shown
    from stillwatch.verification.pathways.members import members
    from stillwatch.verification.pathways.proof import read

    if proofs.suffix != ".jsonl":
        raise BadConfiguration("proofs in a form that is not known", str(proofs), "a file whose name ends in .jsonl")
    ways = load(pathways)
    written = read(proofs, kinds_of(ways), aside) if proofs.exists() else []
    try:
        those = {one.account_id: one for one in members(log, settings.reading, datetime.now(UTC), aside)}
    except NothingToRead:
        those = {}  # then cases alone say who is on which pathway
    return shown(cases, ways, those, Lists.load(lists), written)


def _show(evidence: Sequence[dict[str, Any]], proved: Sequence[Proof]) -> None:
    from collections import Counter

    from stillwatch.cli.verify import where

    holders = Counter((one["kind"], one["value"]) for one in evidence)
    kinds = Counter(one["kind"] for one in evidence)
    shared = Counter(kind for (kind, _), many in holders.items() if many > 1)
    where.table(
        ("Kind", "Rows", "Values that several accounts share"),
        [(kind, f"{many:,}", f"{shared[kind]:,}") for kind, many in sorted(kinds.items())],
    )
    if proved:
        rows = [
            (one.account_id, one.kind, where.day(one.at), where.day(one.revoked) if one.revoked is not None else "")
            for one in proved
        ]
        where.table(("Account", "Proved", "On", "Taken back"), rows)
