"""A file of sign-ups, judged in the order in which they came, as they would have been at the door."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from stillwatch.verification.assessment import Assessment
from stillwatch.verification.assessor import Assessor
from stillwatch.verification.reading import SignupReader

_ROWS = 2_000  # of the file held as objects at once
_SIGNED_UP, _BANNED = range(2)


@dataclass
class Judged:
    """A sign-up of the file: what was said when it came, and since when it is asked for a step."""

    said: Assessment
    asked_at: float | None = None  # seconds since 1970; None: never
    because: Assessment | None = None  # what was said then


def judged(signups: pa.Table, reader: SignupReader, assessor: Assessor) -> Iterator[Judged]:
    """Each sign-up, once all were read; bans in the file are told to the assessor when they were made, not before."""
    found: dict[str, Judged] = {}
    for at, what, row in heapq.merge(_signed_up(signups), _banned(signups), key=lambda event: event[:2]):
        if what == _BANNED:
            assessor.outcome(row["account_id"], bad=True)
        else:
            said = assessor.assess(reader.read(row))
            found[said.account_id] = Judged(said, said.at if said.asks else None, said if said.asks else None)
        _since(found, assessor, at)
    assessor.settle()
    _since(found, assessor, at if found else 0.0)
    yield from found.values()


def _since(found: dict[str, Judged], assessor: Assessor, at: float) -> None:
    for raised in assessor.raised():
        one = found[raised.account_id]
        if one.asked_at is None:
            one.asked_at, one.because = at, raised


def _signed_up(signups: pa.Table) -> Iterator[tuple[float, int, dict[str, Any]]]:
    for batch in signups.sort_by("created_at").to_batches(_ROWS):
        for row in batch.to_pylist():
            if row["created_at"] is not None:
                yield row["created_at"].timestamp(), _SIGNED_UP, row


def _banned(signups: pa.Table) -> Iterator[tuple[float, int, dict[str, Any]]]:
    told = signups.select(["account_id", "banned_at"]).filter(pa.compute.is_valid(signups["banned_at"]))
    for row in told.sort_by("banned_at").to_pylist():
        yield row["banned_at"].timestamp(), _BANNED, row
