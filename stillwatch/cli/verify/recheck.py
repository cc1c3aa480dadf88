"""`stillwatch verify recheck LOG --result OUT`: programme accounts that are asked again, with reasons and a deadline."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stillwatch.cli.scan import CONFIG, INSTANTS, JSON
from stillwatch.cli.verify.asked_for import LISTS, PATHWAYS, PROOFS, instant
from stillwatch.cli.verify.where import end, printed

if TYPE_CHECKING:
    from stillwatch.verification.pathways import Rechecked

SHOWN = 40  # rows on a terminal; --json and --out have all


def recheck(
    log: Path = typer.Argument(help="Log folder with accounts."),
    result: Path = typer.Option(..., "--result", help="What `stillwatch scan` wrote of this log."),
    proofs: Path = PROOFS,
    pathways: Path = PATHWAYS,
    lists: Path = LISTS,
    out: Path = typer.Option(None, "--out", "-o", help="File for the rows: .jsonl or .parquet."),
    as_of: datetime = typer.Option(None, formats=INSTANTS, help="Ask about this instant, UTC; now by default."),
    config: Path = CONFIG,
    json: bool = JSON,
) -> None:
    """Programme accounts whose proof lapsed or which behave like harvesters. Nobody is asked by this: it makes the list.

    Example: stillwatch verify recheck LOG --result OUT --proofs proofs.jsonl --out ask.jsonl
    """
    from stillwatch.config import load
    from stillwatch.verification.lists import Lists
    from stillwatch.verification.pathways import kinds_of, newest
    from stillwatch.verification.pathways import recheck as again
    from stillwatch.verification.pathways.ask_rows import document, write
    from stillwatch.verification.pathways.domain import domain_today
    from stillwatch.verification.pathways.members import found, members
    from stillwatch.verification.pathways.programmes import load as load_pathways
    from stillwatch.verification.pathways.proof import read

    aside: Counter[str] = Counter()
    settings, now, ways, known = load(config), instant(as_of), load_pathways(pathways), Lists.load(lists)
    kinds = kinds_of(ways)
    kept = newest(read(proofs, kinds, aside) if proofs else [], kinds)
    those = members(log, settings.reading, now, aside)
    domains = {one.domain: domain_today(one.domain, known) for one in those}
    answer = again(those, ways, found(result), kept, domains, settings.recheck, now.timestamp())
    if out is not None:
        write(out, answer)
    if json:
        printed({**document(answer), "set_aside": aside.total()})
    else:
        _print(answer)
    end(aside)


def _print(answer: Rechecked) -> None:
    from datetime import UTC

    for one in answer.asked[:SHOWN]:
        until = datetime.fromtimestamp(one.deadline, UTC).date()
        typer.echo(
            f"{one.account_id}  {one.pathway}  {one.step} by {until}{'  (gently)' if one.gentle else ''}: {one.why}"
        )
        typer.echo(f"    innocent: {'; '.join(dict.fromkeys(reason.innocent for reason in one.reasons))}")
    if len(answer.asked) > SHOWN:
        typer.echo(f"and {len(answer.asked) - SHOWN:,} more (--json, --out)")
    for place in answer.institutions:
        typer.echo(f"tell {place.domain}: {place.says}; {place.others_asked:,} others are asked gently")
    if answer.victims:
        typer.echo(
            f"keys of {len(answer.victims):,} were stolen: new keys and help, no question: {', '.join(answer.victims)}"
        )
    typer.echo(f"{len(answer.asked):,} of {answer.looked_at:,} programme accounts; nobody has been asked yet", err=True)
