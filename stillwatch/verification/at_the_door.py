"""Assesses sign-ups for the service, and remembers them: what is learned from one is needed for the next, also after a restart.

A journal of sign-ups (as pseudonyms) and of what became of them, one line of JSON each. Beginning goes through those of the
window again; what is older is left out, and the file is written anew without it. An earlier sign-up of which a step is asked
since stands there as well, until it was asked: a stop in between loses none.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import orjson

from stillwatch.evidence import Reason
from stillwatch.verification.assesses import Unreadable
from stillwatch.verification.assessment import Assessment
from stillwatch.verification.assessor import Assessor
from stillwatch.verification.cells import DAY
from stillwatch.verification.reading import BadSignup, SignupReader
from stillwatch.verification.signup import Signup

_NAMES = frozenset(one.name for one in fields(Signup))
_FROZEN_EVERY = 1_000  # sign-ups: what is remembered is never garbage, and looking through all of it takes a second
GOOD = "cleared"  # of VERDICTS, and a step that was passed; the others are bad


class AtTheDoor:
    """For the service (assesses.py). `window` is how far back sign-ups are remembered, days."""

    def __init__(self, reader: SignupReader, assessor: Assessor, journal: Path, window: float, now: float) -> None:
        self._reader, self._assessor = reader, assessor
        kept = [row for row in _rows(journal) if float(row["at"]) >= now - window * DAY]
        draft = journal.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(orjson.dumps(row) + b"\n" for row in kept)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, journal)
        self._journal = os.open(journal, os.O_WRONLY | os.O_APPEND)
        self._left: dict[str, Assessment] = {}  # raised before, and not asked
        self.remembered = 0
        for row in kept:
            self._again(row)
        assessor.raised()  # is in the journal, or was found under other settings
        self._since = 0
        gc.freeze()

    def assess(self, row: dict[str, Any], now: float) -> Assessment:
        """A row of LOG_SIGNUPS, signed up now unless it says otherwise. Unreadable where it is none."""
        try:
            one = self._reader.read(row, now)
        except BadSignup as problem:
            raise Unreadable(problem.field, f"{problem.what}; allowed: {problem.allowed}") from None
        told = {name: value for name, value in asdict(one).items() if value not in ("", None)}
        self._note(told)
        self._since += 1
        if self._since % _FROZEN_EVERY == 0:
            gc.freeze()
        return self._assessor.assess(one)

    def learn(self, account_id: str, verdict: str, at: float) -> None:
        """What became of an account: one of VERDICTS."""
        self._note({"account_id": account_id, "outcome": verdict, "at": at})
        self._assessor.outcome(account_id, bad=verdict != GOOD)

    def raised(self, now: float) -> list[Assessment]:
        """Earlier sign-ups of which a step is asked since, by what later ones told; and those left from before a stop."""
        left, found = list(self._left.values()), self._assessor.raised()
        self._left.clear()
        for one in found:
            self._note({"raised": asdict(one), "at": now})
        return left + found

    def asked(self, account_id: str, now: float) -> None:
        """What was raised is dealt with."""
        self._note({"asked": account_id, "at": now})

    def close(self) -> None:
        """Whatever was told is on its way to the disk already."""
        os.close(self._journal)

    def _again(self, row: Mapping[str, Any]) -> None:
        if "outcome" in row:
            self._assessor.outcome(row["account_id"], bad=row["outcome"] != GOOD)
        elif "raised" in row:
            found = row["raised"]
            reasons = tuple(Reason(**one) for one in found["reasons"])
            self._left[found["account_id"]] = Assessment(**{**found, "reasons": reasons})
        elif "asked" in row:
            self._left.pop(row["asked"], None)
        else:
            self._assessor.assess(Signup(**{name: value for name, value in row.items() if name in _NAMES}))
            self.remembered += 1

    def _note(self, row: Mapping[str, Any]) -> None:
        """A sign-up does not wait for our disk: one that cannot be noted is known until the next restart."""
        with suppress(OSError):
            os.write(
                self._journal, orjson.dumps(row) + b"\n"
            )  # one call a line: a crash leaves whole ones, and half of one


def _rows(journal: Path) -> Iterator[dict[str, Any]]:
    """Lines of the journal that can be read; the last one may have been cut off by a crash."""
    if not journal.exists():
        return
    with journal.open("rb") as file:
        for line in file:
            with suppress(orjson.JSONDecodeError, KeyError, TypeError, ValueError):
                row = orjson.loads(line)
                float(row["at"])
                yield row
