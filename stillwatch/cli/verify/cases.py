"""`stillwatch verify cases`: what was asked of whom and what came of it; `--waive` ends one by a person's word."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from stillwatch.cli.scan import CONFIG, JSON
from stillwatch.cli.verify.where import CASES, KEY, NOW, YES


def cases(
    of: list[str] = typer.Argument(None, metavar="[ACCOUNT]...", help="Only these accounts."),
    cases: str = CASES,
    state: str = typer.Option("", help="Only cases in this state: asked, started, pending, passed, failed, waived, …"),
    waive: list[str] = typer.Option(
        [], metavar="CASE", help="Ask no more of this case; what followed from it is undone."
    ),
    why: str = typer.Option("", help="Why it is waived, and by whom."),
    config: Path = CONFIG,
    key: Path = KEY,
    now: datetime = NOW,
    yes: bool = YES,
    json: bool = JSON,
) -> None:
    """Show cases and where they stand; or waive some.

    Example: stillwatch verify cases acct_17 --cases cases.db
    """
    from stillwatch.cli.verify import where
    from stillwatch.config import load
    from stillwatch.errors import BadConfiguration

    where.installed()
    from stillwatch.verification.outcome import STATES

    if state and state not in STATES:
        raise BadConfiguration(f"state {state!r}", "--state", ", ".join(STATES))
    at = where.seconds(now)
    with where.opened(cases, key, load(config).verification.most_tries) as store:
        if waive:
            if not why:
                raise BadConfiguration("a case is waived without a reason", "--why", "why, and by whom")
            unknown = [one for one in waive if store.case(one) is None]
            if unknown:
                raise BadConfiguration(f"no such case: {', '.join(unknown)}", "--waive", "a case of `verify cases`")
            for one in waive if yes else ():
                store.waive(one, why, at)
            typer.echo(f"{len(waive):,} cases {'are waived' if yes else 'would be waived; say --yes'}", err=True)
        found = [case for one in of for case in store.of_account(one)] if of else list(store.all())
        rows = [_row(one, at) for one in found if not state or one.state == state]
    if json:
        where.printed({"cases": rows})
        return
    where.table(
        ("Case", "Account", "Asked for", "Stands", "Since", "Until"),
        [(one["case"], one["account_id"], " or ".join(one["steps"]), one["standing"], where.day(one["at"]),
          where.day(one["until"])) for one in rows],
    )  # fmt: skip


def _row(one: Any, now: float) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        **asdict(one.opened), "asked_at": one.opened.at, "state": one.state, "standing": one.standing(now), "at": one.at,
        "open": one.open, "news": [asdict(step) for step in one.steps],
    }  # fmt: skip
