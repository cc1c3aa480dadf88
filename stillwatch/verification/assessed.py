"""A file of sign-ups, judged in the order in which they came, as they would have been at the door."""

from __future__ import annotations

import heapq
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.config import Reading
from stillwatch.errors import NothingToRead
from stillwatch.readers import Reject, open_sides
from stillwatch.verification.assessment import Assessment
from stillwatch.verification.assessor import Assessor
from stillwatch.verification.reading import BadSignup, SignupReader

_ROWS = 2_000  # of the file held as objects at once
_SIGNED_UP, _BANNED = range(2)


@dataclass
class Judged:
    """A sign-up of the file: what was said when it came, and since when it is asked for a step."""

    said: Assessment
    asked_at: float | None = None  # seconds since 1970; None: never
    because: Assessment | None = None  # what was said then


def signups(place: Path, reading: Reading, now: datetime) -> tuple[pa.Table, list[Reject]]:
    """Rows of LOG_SIGNUPS of a log folder's accounts or of a single file, and what was set aside of them."""
    folder, name = (place, "accounts") if place.is_dir() else (place.parent, place.name.split(".")[0])
    table, rejects = open_sides(folder, reading, now).signups(name)
    if table is None or not table.num_rows:
        why = f": {rejects[0].reason}" if rejects else ""
        raise NothingToRead(f"no sign-ups{why}", str(place), "accounts as of a log (docs/tables.md, log_signups)")
    return table, rejects


def judged(
    signups: pa.Table,
    reader: SignupReader,
    assessor: Assessor,
    aside: Counter[str],
    progress: Callable[[int], None] = lambda done: None,
) -> Iterator[Judged]:
    """Each sign-up, once all were read; bans in the file are told to the assessor when they were made, not before."""
    found: dict[str, Judged] = {}
    at = 0.0
    for at, what, row in heapq.merge(_signed_up(signups, aside), _banned(signups), key=lambda event: event[:2]):
        if what == _BANNED:
            assessor.outcome(row["account_id"], bad=True)
        else:
            try:
                said = assessor.assess(reader.read(row))
            except BadSignup as problem:
                aside[str(problem)] += 1
                continue
            found[said.account_id] = Judged(said, said.at if said.asks else None, said if said.asks else None)
            if len(found) % _ROWS == 0:
                progress(len(found))
        _since(found, assessor, at)
    assessor.settle()
    _since(found, assessor, at)
    progress(signups.num_rows)
    yield from found.values()


def told(found: Sequence[Judged]) -> list[tuple[str, list[Judged]]]:
    """Batches with those of them that are asked, the largest first."""
    batches: defaultdict[str, list[Judged]] = defaultdict(list)
    for one in found:
        if one.because and one.because.batch:
            batches[one.because.batch].append(one)
    return sorted(batches.items(), key=lambda each: (-len(each[1]), each[0]))


def document(found: Sequence[Judged]) -> dict[str, Any]:
    """Who is asked, with reasons; and how many there were."""
    asked = [row(one) for one in found if one.asked_at is not None]
    return {"signups": len(found), "asked": asked}


def row(one: Judged) -> dict[str, Any]:
    """One sign-up as a line: as it was judged when it came, or when a step of it was asked for."""
    said = one.because or one.said
    reasons = [
        {
            "code": reason.code,
            "text": reason.text,
            "weight": round(reason.weight, 3),
            "innocent_explanation": reason.innocent_explanation,
        }
        for reason in said.reasons
    ]
    return {
        "account_id": said.account_id,
        "at": said.at,
        "likelihood": round(said.likelihood, 6),
        "bits": round(said.bits, 3),
        "asks": one.asked_at is not None,
        "asked_at": None if one.asked_at is None else datetime.fromtimestamp(one.asked_at, UTC).isoformat(),
        "batch": said.batch,
        "pathway": said.pathway,
        "reasons": reasons if one.asked_at is not None else [],
    }


def lines(out: Path, found: Sequence[Judged]) -> None:
    """JSON lines of all of them, for its owner alone; a draft is renamed, so that no one reads half a file."""
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f".{out.name}.draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.writelines(orjson.dumps(row(one)) + b"\n" for one in found)
    os.replace(draft, out)


def _since(found: dict[str, Judged], assessor: Assessor, at: float) -> None:
    for raised in assessor.raised():
        one = found[raised.account_id]
        if one.asked_at is None:
            one.asked_at, one.because = at, raised


def _signed_up(signups: pa.Table, aside: Counter[str]) -> Iterator[tuple[float, int, dict[str, Any]]]:
    for batch in signups.sort_by("created_at").to_batches(_ROWS):
        for row in batch.to_pylist():
            if row["created_at"] is None:
                aside["created_at: not told, so that it cannot be said what was known then"] += 1
            else:
                yield row["created_at"].timestamp(), _SIGNED_UP, row


def _banned(signups: pa.Table) -> Iterator[tuple[float, int, dict[str, Any]]]:
    banned = signups.select(["account_id", "banned_at"]).filter(pc.is_valid(signups["banned_at"]))
    for row in banned.sort_by("banned_at").to_pylist():
        yield row["banned_at"].timestamp(), _BANNED, row
