"""How long a request has to wait so that its sender keeps a rate: GCRA, the generic cell rate algorithm of ITU-T I.371.

All that is remembered of a key is when its next request would be due if requests came evenly; one that comes earlier than a
burst allows waits for the rest. Counted in whole microseconds, so that every replica comes to the same answer.
"""

from __future__ import annotations

from typing import Protocol

from stillwatch.guard.actions import SlowDown

PATIENCE = 2.0  # seconds that a request which comes too early is held before it is told to come again: hardly noticed
BOOKED = 60.0  # seconds of waiting that can be booked: by then a client has given up
SECOND = 1_000_000  # microseconds
_FEW = 1024  # keys; fewer are never looked through for old ones


class Rates(Protocol):
    """What keeps rates, in this process or for all replicas."""

    async def wait(self, key: str, rate: SlowDown, now: float, patience: float = 0.0) -> float:
        """Seconds until the request may go on; 0: now.

        A wait of `patience` seconds or less is booked: whoever waits has his turn then. A longer one is not, and the request
        counts as never made: the client may come again after that time.
        """


def pace(rate: SlowDown) -> tuple[int, int]:
    """Microseconds between requests in the long run, and by how much one may come early."""
    gap = round(60 * SECOND / rate.per_minute)
    return gap, gap * (rate.burst - 1)


def micros(seconds: float) -> int:
    """Whole microseconds."""
    return int(seconds * SECOND)


def next_due(due: int, gap: int, early: int, now: int, patience: int) -> tuple[int, int]:
    """When the next request is due, and how long this one waits. Microseconds, all of them."""
    due = max(now, min(due, now + gap + early + micros(BOOKED)))  # later than that only if the clock was set back
    wait = max(due - early - now, 0)
    return (due + gap if wait <= patience else due), wait


class Local:
    """Rates of one process. When twice as many keys are held as the last time, those that are due are forgotten."""

    def __init__(self) -> None:
        self._due: dict[str, int] = {}  # microseconds since 1970
        self._most = _FEW

    async def wait(self, key: str, rate: SlowDown, now: float, patience: float = 0.0) -> float:
        """As `Rates`."""
        gap, early = pace(rate)
        due, wait = next_due(self.due(key), gap, early, micros(now), micros(min(patience, BOOKED)))
        self.learn(key, due, now)
        return wait / SECOND

    def due(self, key: str) -> int:
        """When the next request of a key is due; 0: at any time."""
        return self._due.get(key, 0)

    def learn(self, key: str, due: int, now: float) -> None:
        """Remember when the next request of a key is due."""
        self._due[key] = due
        if len(self._due) > self._most:
            self._due = {one: late for one, late in self._due.items() if late > micros(now)}
            self._most = max(2 * len(self._due), _FEW)
