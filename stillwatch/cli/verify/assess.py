"""`stillwatch verify assess FILE`: how likely each sign-up is an operator's, why, and of whom a step is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from stillwatch.cli.scan import CONFIG, JSON, KEY, QUIET
from stillwatch.cli.verify.asked_for import LISTS

if TYPE_CHECKING:
    from stillwatch.verification.assessed import Judged

SHOWN = 10  # batches, and single sign-ups, on a terminal; --out has all


def assess(
    file: Path = typer.Argument(
        ..., metavar="FILE", help="Sign-ups: a Parquet file or JSON lines as accounts of a log, or a log folder."
    ),
    out: Path = typer.Option(
        None, "--out", "-o", help="JSON lines of all of them, those that are asked with reasons; `verify ask` reads it."
    ),
    lists: Path = LISTS,
    result: Path = typer.Option(
        None,
        "--result",
        "-r",
        help="Result of a scan of the log folder: sign-ups are held against its closed accounts.",
    ),
    config: Path = CONFIG,
    key: Path = KEY,
    json: bool = JSON,
    quiet: bool = QUIET,
) -> None:
    """Judge sign-ups in the order in which they came: each by what was known then, and again when later ones told of it.

    Bans that the file knows of are told when they were made. Nobody is asked for anything: `stillwatch verify ask` is.

    Example: stillwatch verify assess LOG --out assessments.jsonl
    """
    import os
    from collections import Counter
    from datetime import UTC, datetime

    from stillwatch.cli.verify import where
    from stillwatch.config import load

    where.installed()
    from stillwatch.pseudonyms import load_key
    from stillwatch.verification.assessed import document, judged, lines, signups, told
    from stillwatch.verification.assessor import Assessor
    from stillwatch.verification.carried_on import carried_on
    from stillwatch.verification.lists import Lists
    from stillwatch.verification.partners_file import partners
    from stillwatch.verification.reading import SignupReader

    settings, known = load(config), Lists.load(lists)
    table, aside = signups(file, settings.reading, datetime.now(UTC))
    beside = Path(f"{result or out or file}.key")  # values compare under the key of the result alone
    keys, now = load_key(key or beside, os.environ), datetime.now(UTC)
    known.partners = partners(file, settings.reading, now, keys)
    carries_on = None if result is None else carried_on(file, result, keys, settings, now)
    unread: Counter[str] = Counter({f"{one.column or 'file'}: {one.reason}": 1 for one in aside})
    assessor = Assessor(settings, known, carries_on=carries_on)
    found = list(judged(table, SignupReader(keys, known), assessor, unread, _progress(table.num_rows, quiet)))
    if out is not None:
        lines(out, found)
    if json:
        where.printed({**document(found), "set_aside": unread.total()})
    else:
        _show(found, told(found))
    where.end(unread)


def _progress(rows: int, quiet: bool) -> Any:
    """A line on a terminal that says how far it is."""
    import sys

    def tell(done: int) -> None:
        if not quiet and sys.stderr.isatty():
            end = "\n" if done == rows else ""
            sys.stderr.write(f"\r{done:,} of {rows:,} sign-ups{end}")

    return tell


def _show(found: Sequence[Judged], batches: Sequence[tuple[str, list[Judged]]]) -> None:
    from stillwatch.cli.verify import where

    asked = [one for one in found if one.asked_at is not None]
    since = sum(not one.said.asks for one in asked)
    typer.echo(
        f"{len(found):,} sign-ups; a step is asked of {len(asked):,}, of {since:,} of them by what later ones told"
    )
    rows = [
        (name, f"{len(them):,}", f"{where.day(them[0].said.at)} to {where.day(them[-1].said.at)}", _why(them[-1]))
        for name, them in batches[:SHOWN]
        if len(them) > 1
    ]
    if rows:
        where.table(("Batch", "Asked", "Signed up (UTC)", "Why, of the last one"), rows)
    alone = sorted((one for one in asked if one.because and not one.because.batch), key=_heaviest)[:SHOWN]
    singles = [(one.said.account_id, f"{one.because.likelihood:.0%}", _why(one)) for one in alone if one.because]
    if singles:
        where.table(("In no batch", "Likelihood", "Why"), singles)
    typer.echo("nobody has been asked for anything", err=True)


def _heaviest(one: Judged) -> tuple[float, str]:
    return -(one.because.likelihood if one.because else 0.0), one.said.account_id


def _why(one: Judged) -> str:
    reasons = one.because.reasons if one.because else ()
    return "; ".join(f"{reason.weight:+.1f} {reason.text}" for reason in reasons[:2])
