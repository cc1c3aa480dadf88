"""The store of cases: opened once each, news added, nothing changed. Several processes may write while others read.

No direct identifier is kept: accounts by the provider's own ids, and what was shown as a token under the key of pseudonyms,
but for the few kinds in OPEN that say nothing of a person.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import orjson
from sqlalchemy import Column, ColumnElement, Select, exists, false, insert, literal, select
from sqlalchemy.exc import IntegrityError

from stillwatch.config import Verification
from stillwatch.errors import BadConfiguration, UnknownFormat
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.stores import told
from stillwatch.verification.ladder.case import PROVIDER, Case, Opened, fold
from stillwatch.verification.ladder.schema import CASES, EVENTS, opened
from stillwatch.verification.outcome import STATES, STEPS, Outcome

_AS_IT_IS = ("case", "account_id", "at", "until", "pathway", "likelihood", "why", "batch")
Recorded = Literal["recorded", "known", "unknown case"]
OPEN = ("organization", "issuer", "country", "method", "document_type", "pathway")  # kinds kept as they are
_LONGEST_NAME, _LONGEST_ID = 64, 255  # characters of a vendor's name or a case's, and of an event's id, as columns have
_AHEAD = 86_400.0  # seconds: a vendor's clock may be wrong, but news from the day after tomorrow would stand for ever


class Cases:
    """Cases at a path (SQLite) or a URL (PostgreSQL)."""

    def __init__(self, where: str | Path, keys: Pseudonyms, most_tries: int = Verification.most_tries) -> None:
        self.keys = keys
        self._engine, self._most_tries = opened(where), most_tries

    def close(self) -> None:
        """Give connections back."""
        self._engine.dispose()

    def __enter__(self) -> Cases:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open_case(self, case: Opened) -> bool:
        """Ask this. False when a case of that name is there already: asking twice is asking once."""
        _sound(case)
        row = {name: getattr(case, name) for name in _AS_IT_IS}
        try:
            with told(self._engine), self._engine.begin() as connection:
                connection.execute(insert(CASES).values(**row, steps=",".join(case.steps)))
        except IntegrityError:
            return False
        return True

    def record(self, outcome: Outcome, now: float | None = None) -> Recorded:
        """Add news. What was recorded is on the disk when this returns.

        UnknownFormat where step, state or time cannot be: then nothing is kept, and the same news will never do. Any other
        error is the store's, and the same news may do later.
        """
        now = time.time() if now is None else now
        _possible(outcome, now)
        row = {
            "vendor": outcome.vendor, "event_id": outcome.event_id, "at": outcome.at, "case": outcome.case,
            "step": outcome.step, "state": outcome.state, "session": outcome.session, "reason": outcome.reason,
            "facts": orjson.dumps(self._tokens(outcome.facts)).decode(), "received_at": now,
        }  # fmt: skip
        there = exists().where(CASES.c.case == outcome.case)
        values = select(*(literal(value).label(name) for name, value in row.items())).where(there)
        try:
            with told(self._engine), self._engine.begin() as connection:
                adding = insert(EVENTS).from_select(list(row), values).returning(EVENTS.c.number)
                added = connection.execute(adding).first()  # not how many rows: psycopg does not say
        except IntegrityError:
            return "known"
        return "unknown case" if added is None else "recorded"

    def case(self, name: str) -> Case | None:
        """One case as it stands; None when there is none of that name."""
        return next(self._folded(select(CASES).where(_is(CASES.c.case, name))), None)

    def of_account(self, account: str) -> list[Case]:
        """All cases of an account, oldest first."""
        return list(self._folded(select(CASES).where(_is(CASES.c.account_id, account))))

    def of_session(self, vendor: str, session: str) -> str | None:
        """The case that a vendor's session belongs to, by news of it that was recorded before."""
        asked = select(EVENTS.c.case).where(EVENTS.c.vendor == vendor, EVENTS.c.session == session).limit(1)
        with told(self._engine), self._engine.connect() as connection:
            found = connection.execute(asked).scalar()
        return None if found is None else str(found)

    def due(self, now: float) -> list[Case]:
        """Open cases whose deadline is over by then, oldest first."""
        return [one for one in self._folded(select(CASES).where(CASES.c.until <= now)) if one.open]

    def all(self, since: float | None = None, state: str = "") -> Iterator[Case]:
        """Every case, or those asked since then, or of one state; oldest first."""
        asked = select(CASES) if since is None else select(CASES).where(CASES.c.at >= since)
        return (one for one in self._folded(asked) if not state or one.state == state)

    def failures(self) -> Iterator[tuple[str, float, str]]:
        """(account, since when, state) of cases that ended badly, so that others of their batch are looked at again."""
        return ((one.opened.account_id, one.at, one.state) for one in self.all(state="failed"))

    def waive(self, case: str, who: str, now: float) -> Recorded:
        """A person says that nothing more is asked. Undoes whatever followed from it at the next `due`."""
        found = self.case(case)
        if found is None:
            return "unknown case"
        event = f"waived:{case}:{now:.6f}"
        return self.record(Outcome(PROVIDER, event, now, case, found.opened.steps[0], "waived", reason=who), now)

    def _tokens(self, facts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        return [(kind, value if kind in OPEN else self.keys.token(f"shown {kind}", value)) for kind, value in facts]

    def _folded(self, asked: Select[Any]) -> Iterator[Case]:
        """Cases with their events, read as of one instant."""
        chosen = asked.subquery()
        joined = (
            select(chosen, *(column.label(f"event_{column.name}") for column in EVENTS.c))
            .select_from(chosen.outerjoin(EVENTS, EVENTS.c.case == chosen.c.case))
            .order_by(chosen.c.at, chosen.c.case, EVENTS.c.number)
        )
        with told(self._engine), self._engine.connect() as connection:
            for _, rows in groupby(connection.execute(joined).mappings(), lambda row: row["case"]):
                together = list(rows)
                events = [_outcome(row) for row in together if row["event_number"] is not None]
                yield fold(_opened(together[0]), events, self._most_tries)


def _is(column: Column[str], text: str) -> ColumnElement[bool]:
    """No row for a text that nothing in the store can be: PostgreSQL takes the question for an error."""
    return false() if "\0" in text else column == text


def _opened(row: Any) -> Opened:
    return Opened(
        row["case"], row["account_id"], row["at"], tuple(row["steps"].split(",")), row["until"], row["pathway"],
        row["likelihood"], row["why"], row["batch"],
    )  # fmt: skip


def _outcome(row: Any) -> Outcome:
    facts = tuple((str(kind), str(value)) for kind, value in orjson.loads(row["event_facts"]))
    names = ("vendor", "event_id", "at", "case", "step", "state", "session", "reason")
    return replace(Outcome(*(row[f"event_{name}"] for name in names)), facts=facts)


def _sound(case: Opened) -> None:
    texts = (case.case, case.account_id, case.pathway, case.why, case.batch)
    if (
        not 0 < len(case.case) <= _LONGEST_NAME
        or not case.account_id
        or not case.steps
        or not set(case.steps) <= set(STEPS)
        or any("\0" in one for one in texts)
    ):
        raise BadConfiguration(
            f"a case {case.case!r} of account {case.account_id!r} that asks for {', '.join(case.steps) or 'nothing'}",
            "open_case", f"a name, an account, and some of {', '.join(STEPS)}; no NUL in any text",
        )  # fmt: skip
    if not (math.isfinite(case.at) and math.isfinite(case.until) and case.at <= case.until):
        raise BadConfiguration(f"a case from {case.at} until {case.until}", "open_case", "seconds since 1970, in order")


def _possible(one: Outcome, now: float) -> None:
    where = f"{one.vendor} {one.event_id}"[:100]
    if not 0 < len(one.vendor) <= _LONGEST_NAME or not 0 < len(one.event_id) <= _LONGEST_ID:
        raise UnknownFormat(
            "news without a vendor or an id", where, f"{_LONGEST_NAME} and {_LONGEST_ID} characters at most: by them the "
            "same news is known",
        )  # fmt: skip
    texts = (
        one.vendor,
        one.event_id,
        one.case,
        one.session,
        one.reason,
        *(text for fact in one.facts for text in fact),
    )
    if any("\0" in text for text in texts):
        raise UnknownFormat("news with a character that no text has", where, "no NUL")
    if one.step not in STEPS or one.state not in STATES:
        raise UnknownFormat(
            f"step {one.step!r}, state {one.state!r}", where, f"{', '.join(STEPS)}; {', '.join(STATES)}"
        )
    if not (math.isfinite(one.at) and 0 <= one.at <= now + _AHEAD):
        raise UnknownFormat(f"news of {one.at}", where, "seconds since 1970, no more than a day ahead")
