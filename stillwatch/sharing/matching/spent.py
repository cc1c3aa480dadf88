"""What each partner has asked: quotas against probing, kept over restarts, and a log of evaluations with numbers alone."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from stillwatch.sharing.matching.epochs import Limits
from stillwatch.sharing.matching.refused import Refused
from stillwatch.sharing.matching.sizes import LEAST

_DAY = 86_400
_WAIT = 30.0  # seconds for another process's line
_TABLE = "CREATE TABLE IF NOT EXISTS spent (request TEXT PRIMARY KEY, partner TEXT, epoch TEXT, at REAL, points INTEGER) STRICT"


class Spent:
    """Several processes may: each look and its entry are one transaction."""

    def __init__(self, state: Path) -> None:
        self._file, self._log = state / "spent.db", state / "evaluations.jsonl"
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(self._connected()) as store:
            store.execute(_TABLE)

    def spend(self, partner: str, epoch: str, request: str, points: int, limits: Limits, now: float) -> None:
        """Enter a request before it is evaluated: one that is stopped half-way is paid for. Refused: nothing is entered."""
        if points < LEAST:
            raise Refused(
                f"{points:,} points",
                "the request",
                f"{LEAST:,} at least, filled up",
                "ask as `request` does",
                "too_few",
            )
        with closing(self._connected()) as store:
            store.execute("BEGIN IMMEDIATE")
            seen = store.execute("SELECT 1 FROM spent WHERE request = ?", (request,)).fetchone()
            if seen:
                raise Refused(
                    "this request was answered before", "the request", "each once", "make a new request", "replay"
                )
            midnight = now // _DAY * _DAY
            day, whole = store.execute(
                "SELECT coalesce(sum(points) FILTER (WHERE at >= ?), 0), coalesce(sum(points) FILTER (WHERE epoch = ?), 0) "
                "FROM spent WHERE partner = ?",
                (midnight, epoch, partner),
            ).fetchone()
            for spent, most, what in ((day, limits.per_day, "day"), (whole, limits.per_epoch, "epoch")):
                if spent + points > most:
                    left = max(most - spent, 0)
                    raise Refused(
                        f"{points:,} points, and {left:,} are left of the {what}'s {most:,}", "the quota",
                        f"{left:,} points", f"wait for the next {what}, or ask for less", "over_quota",
                    )  # fmt: skip
            store.execute("INSERT INTO spent VALUES (?, ?, ?, ?, ?)", (request, partner, epoch, now, points))
            store.commit()

    def note(self, now: float, partner: str, epoch: str, what: str, **numbers: int | str) -> None:
        """A line of the log. No value, no tag, no point, no key."""
        at = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%SZ}"
        row: dict[str, Any] = {"at": at, "partner": partner, "epoch": epoch, "what": what, **numbers}
        handle = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, orjson.dumps(row) + b"\n")
        finally:
            os.close(handle)

    def used(self, partner: str, epoch: str) -> tuple[int, int]:
        """Requests and points of an epoch."""
        with closing(self._connected()) as store:
            told = "SELECT count(*), coalesce(sum(points), 0) FROM spent WHERE partner = ? AND epoch = ?"
            return store.execute(told, (partner, epoch)).fetchone()

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, timeout=_WAIT, isolation_level=None)
