"""Policy, backtests and result, read again when their files change, in a thread of its own, and put in place at once.

What cannot be read leaves what was read before in place, and is said: a policy with a mistake in it must not end the one
that stands, and a scan that is writing its result is read a moment later.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from stillwatch.config import Config
from stillwatch.errors import StillwatchError
from stillwatch.fitting import FILE
from stillwatch.guard import policy as policies
from stillwatch.guard import receipts
from stillwatch.guard.asked import Asked
from stillwatch.guard.guard import Guard
from stillwatch.guard.indicators import Indicators
from stillwatch.guard.known import Known, known
from stillwatch.guard.policy import Policy
from stillwatch.guard.receipts import Receipt
from stillwatch.guard.registered import Registered
from stillwatch.readers import open_sides
from stillwatch.readers.folder import side_files

_RESULT = ("campaigns.json", "accounts.parquet", FILE)
_SIDES = ("accounts", "declared", "indicators", "verifications")


@dataclass(frozen=True)
class Sources:
    """Where a guard reads."""

    policy: Path
    result: Path | None = None  # folder of scan, replay or watch (STATE/result); without, nothing is known of anybody
    side: Path | None = None  # folder with accounts and declared, as in a log, and verifications

    def rules(self) -> tuple[Policy, dict[str, Receipt]]:
        """The policy and its backtests."""
        return policies.read(self.policy), receipts.read(receipts.beside(self.policy))

    def found(self, config: Config) -> Known:
        """What is known of accounts."""
        registered, indicators, asked = Registered.nothing(), Indicators({}), Asked({})
        if self.side is not None:
            now = datetime.now(UTC)
            log = open_sides(self.side, config.reading, now)
            accounts, declared, shared, verifications = (log.table(name)[0] for name in _SIDES)
            registered, indicators = Registered.of(accounts, declared, now), Indicators.of(shared, now)
            asked = Asked.of(verifications)
        if self.result is None:
            return Known("", {}, {}, registered, indicators, asked=asked)
        # A watch puts another folder there: all is of one look.
        return replace(known(self.result.resolve(), registered, config), indicators=indicators, asked=asked)

    def stamp(self) -> tuple[tuple[str, int, int], ...]:
        """Of the files as they are: another as soon as one changes."""
        files = [self.policy, receipts.beside(self.policy)]
        if self.result is not None:
            files += [self.result.resolve() / name for name in _RESULT]
        if self.side is not None:
            files += [one.path for name in _SIDES for one in side_files(self.side, name)[0]]
        return tuple(_stamp(path) for path in files)


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        there = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), there.st_mtime_ns, there.st_size


class Refreshed:
    """Keeps a guard up to date. `put` runs a call on the guard's own thread, such as loop.call_soon_threadsafe."""

    def __init__(
        self, guard: Guard, sources: Sources, config: Config, put: Callable[..., object], says: Callable[[str], None]
    ) -> None:
        self.problem = ""  # why the last attempt failed; empty when it did not
        self.read_at = time.time()  # of the last that did not, seconds since 1970
        self._guard, self._sources, self._config, self._put, self._says = guard, sources, config, put, says
        self._stamp = sources.stamp()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="guard refresh", daemon=True)

    def __enter__(self) -> Refreshed:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(self._config.guard.refresh_seconds):
            self.once()

    def once(self) -> None:
        """Read again if anything changed."""
        stamp = self._sources.stamp()
        if stamp == self._stamp:
            return
        try:
            (policy, passed), found = self._sources.rules(), self._sources.found(self._config)
        except (StillwatchError, OSError, ValueError, KeyError) as problem:
            told = str(problem)
            if told != self.problem:
                self._says(f"what stood before goes on to be decided by: {told}")
            self.problem = told
            return
        if stamp != self._sources.stamp():
            return  # somebody is writing: the next turn reads all of it
        self._stamp, self.problem, self.read_at = stamp, "", time.time()
        self._put(self._exchange, policy, passed, found)

    def _exchange(self, policy: Policy, passed: dict[str, Receipt], found: Known) -> None:
        self._guard.take(policy, passed, time.time())
        self._guard.look(found)
