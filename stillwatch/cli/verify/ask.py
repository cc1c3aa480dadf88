"""`stillwatch verify ask FILE`: whom it would ask for what, and with --yes the cases are opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stillwatch.cli.scan import CONFIG, JSON
from stillwatch.cli.verify.where import CASES, KEY, NOW, RESPONSES, RESULT, YES

if TYPE_CHECKING:
    from stillwatch.verification.ladder.case import Case, Opened


def ask(
    file: Path = typer.Argument(
        ..., metavar="FILE", help="Assessments, JSON lines; or the ids of accounts, one a line."
    ),
    cases: str = CASES,
    result: Path = RESULT,
    responses: Path = RESPONSES,
    config: Path = CONFIG,
    key: Path = KEY,
    now: datetime = NOW,
    yes: bool = YES,
    json: bool = JSON,
) -> None:
    """Ask sign-ups in doubt for the next step. Shows whom it would ask for what until you say --yes.

    Hand in whole days: of a day's sign-ups that look honest only a share is asked. Victims are asked for nothing.

    Example: stillwatch verify ask assessments.jsonl --cases cases.db --yes
    """
    from collections import Counter, defaultdict
    from dataclasses import asdict

    from stillwatch.cli.verify import where
    from stillwatch.config import load

    where.installed()
    from stillwatch.verification.ladder import responses as written
    from stillwatch.verification.ladder.asks import asks
    from stillwatch.verification.ladder.assessed import assessments
    from stillwatch.verification.ladder.victims import helped_accounts, victims
    from stillwatch.verification.signs import ALL

    aside, at, settings = Counter[str](), where.seconds(now), load(config).verification
    families = {one.code: one.family for one in ALL}
    read = list(assessments(file, aside, at))
    spared = helped_accounts(written.read(responses), at)
    spared |= {one.account_id for one in victims(result)} if result else frozenset()
    with where.opened(cases, key, settings.most_tries) as store:

        def name(about: str) -> str:
            return f"V-{store.keys.token('case', about)}"

        before: dict[str, list[Case]] = defaultdict(list)
        for one in store.all():
            before[one.opened.account_id].append(one)
        plan = asks(read, lambda account: before.get(account, []), spared, families, name, at, settings)
        new = sum(store.open_case(one) for one in plan.cases) if yes else 0
    if json:
        where.printed({
            "asked": [asdict(one) for one in plan.cases], "left": [{"account_id": who, "why": why} for who, why in plan.left],
            "stopped": plan.stopped, "carried_out": yes,
        })  # fmt: skip
    else:
        _show(plan.cases, plan.left)
    for told in plan.stopped:
        typer.echo(f"stopped: {told}", err=True)
    typer.echo(f"{new:,} cases opened" if yes else "nothing was asked; say --yes to open these cases", err=True)
    where.end(aside)


def _show(made: Sequence[Opened], left: Sequence[tuple[str, str]]) -> None:
    from collections import Counter

    from stillwatch.cli.verify import where

    rows = [(one.account_id, " or ".join(one.steps), where.day(one.until), one.why, one.case) for one in made]
    where.table(("Account", "Asked for", "Until", "Why", "Case"), rows)
    for why, many in Counter(why.split(":")[0] for _, why in left).most_common():
        typer.echo(f"not asked: {many:,}, {why}")
