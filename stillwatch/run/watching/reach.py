"""Whether the brokers answer: said once when they stop, and once when they are back; waits that grow in between."""

from __future__ import annotations

import time
from collections.abc import Callable

_FIRST, _LONGEST = 1.0, 60.0  # seconds between attempts: a restart takes some, and a long outage is no reason to hammer


class Reach:
    """Told of every attempt."""

    def __init__(self, whom: str, says: Callable[[str], None]) -> None:
        self.ever = False  # whether they answered at all since the start
        self._whom = whom
        self._says = says
        self._failures = 0

    def lost(self, why: str) -> None:
        """An attempt that failed; returns when it is time for the next."""
        if not self._failures:
            self._says(f"{self._whom} cannot be reached ({why}); trying until it can, and nothing is skipped")
        time.sleep(min(_FIRST * 2.0 ** min(self._failures, 16), _LONGEST))
        self._failures += 1

    def back(self) -> None:
        """An attempt that was answered."""
        if self._failures:
            self._says(f"{self._whom} can be reached again")
        self._failures, self.ever = 0, True
