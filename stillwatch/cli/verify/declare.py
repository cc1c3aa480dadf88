"""`stillwatch verify declare --out LOG`: organisations that were verified, declared where a person says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from stillwatch.cli.scan import CONFIG, JSON
from stillwatch.cli.verify.where import CASES, KEY, NOW, RESPONSES, YES

if TYPE_CHECKING:
    from stillwatch.config import Config
    from stillwatch.verification.ladder.declarations import Proposal
    from stillwatch.verification.ladder.responses import Response

_T = TypeVar("_T")


def declare(
    organizations: list[str] = typer.Argument(
        None, metavar="[ORGANIZATION]...", help="Accept these, by your own ids; without any, what is proposed is shown."
    ),
    out: Path = typer.Option(..., "--out", "-o", help="Log folder: its accounts are read, declared.jsonl is written."),
    cases: str = CASES,
    responses: Path = RESPONSES,
    undo: list[str] = typer.Option([], metavar="KEY", help="End this declaration; several times for several."),
    by: str = typer.Option("", help="Who says so."),
    why: str = typer.Option("", help="Why, in a sentence."),
    config: Path = CONFIG,
    key: Path = KEY,
    now: datetime = NOW,
    yes: bool = YES,
    json: bool = JSON,
) -> None:
    """Declare organisations that verified themselves, each for 400 days from then. Nothing is written until you say --yes.

    A declaration clears groups of accounts in scans. A verified domain says who answers for them, not that he is honest.

    Example: stillwatch verify declare org_17 --out LOG --by anna --why "spoke to their IT" --yes
    """
    from dataclasses import asdict

    from stillwatch.cli.verify import where
    from stillwatch.config import load
    from stillwatch.errors import BadConfiguration

    where.installed()
    from stillwatch.verification.ladder import declarations, feedback
    from stillwatch.verification.ladder import responses as rows

    at, settings, written = where.seconds(now), load(config), rows.read(responses)
    with where.opened(cases, key, settings.verification.most_tries) as store:
        everyone = list(store.all())
    standing = declarations.declarations(written, at)
    proposed = declarations.proposals(everyone, _organizations(out, settings), written, at)
    already = {one.details[0] for one in standing} - {one.organization for one in proposed}  # told twice is told once
    wanted = [one for one in organizations or () if one not in already]
    chosen = _named(wanted, {one.organization: one for one in proposed}, "proposed for")
    ended = _named(undo, {one.key: one for one in standing}, "declared by the key")
    if (chosen or ended) and not (by and why):
        raise BadConfiguration("a declaration is made, or ended, by nobody", "--by, --why", "who says so, and why")
    if len(chosen) + len(ended) > settings.verification.most_acted_a_run:
        raise BadConfiguration(
            f"{len(chosen) + len(ended):,} declarations at once", "declare",
            f"{settings.verification.most_acted_a_run:,} (verification.most_acted_a_run): a person looks at each",
        )  # fmt: skip
    made = [
        *declarations.accepted(chosen, by, why, written, at),
        *(rows.undoing(one, f"{by}: {why}", at) for one in ended),
    ]
    lost = declarations.unfounded(standing, everyone)
    if yes:
        rows.write(responses, made)
        kept = declarations.declarations(rows.read(responses), at)
        keys = {one.key for one in kept}
        gone = [one for one in rows.read(responses) if one.what == declarations.WHAT and one.key not in keys]
        feedback.take(out, "declared", [declarations.row(one) for one in gone])
        feedback.add(out, "declared", [declarations.row(one) for one in kept], ("kind", "id", "owner", "expires_at"))
    if json:
        where.printed({
            "proposed": [{**asdict(one), "until": one.until} for one in proposed],
            "declared": [{**asdict(one), "verified_no_longer": one.key in lost} for one in standing],
            "rows": [asdict(one) for one in made], "carried_out": yes,
        })  # fmt: skip
    else:
        _show(proposed, standing, lost, made)
    if made or yes:
        typer.echo(f"{len(made):,} rows added to {responses}; {out}/declared.jsonl follows" if yes else
                   f"{len(made):,} rows would be added; say --yes", err=True)  # fmt: skip


def _organizations(log: Path, settings: Config) -> dict[str, str]:
    """By account, the organisation that it stands under."""
    from datetime import UTC, datetime

    from stillwatch.readers import open_sides

    accounts = open_sides(log, settings.reading, datetime.now(UTC)).table("accounts")[0] if log.is_dir() else None
    if accounts is None:
        return {}
    pairs = zip(accounts["account_id"].to_pylist(), accounts["organization_id"].to_pylist(), strict=True)
    return {account: organization for account, organization in pairs if organization}


def _named(names: Sequence[str], among: Mapping[str, _T], what: str) -> list[_T]:
    from stillwatch.errors import BadConfiguration

    for name in names:
        if name not in among:
            raise BadConfiguration(f"nothing is {what} {name!r}", "verify declare", ", ".join(among) or "nothing now")
    return [among[name] for name in dict.fromkeys(names)]


def _show(
    proposed: Sequence[Proposal], standing: Sequence[Response], lost: frozenset[str], made: Sequence[Response]
) -> None:
    from stillwatch.cli.verify import where

    where.table(
        ("Proposed", "Shown", "By", "Its accounts", "On", "Until"),
        [(one.organization, one.owner, f"{one.account_id}, {one.by}", f"{one.accounts:,}", where.day(one.at),
          where.day(one.until)) for one in proposed],
    )  # fmt: skip
    if standing:
        where.table(
            ("Declared", "Shown", "Why", "Until", "Key"),
            [(one.details[0], one.details[1] + (" (verified no longer)" if one.key in lost else ""), one.why,
              where.day(one.expires_at), one.key) for one in standing],
        )  # fmt: skip
    if made:
        where.table(("What", "Key", "Why"), [(one.what, one.key, one.why) for one in made])
