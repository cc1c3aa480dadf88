"""Whom rules have hit, kept in a file and told to replicas, in the background: no request waits for either."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from stillwatch.guard import limits
from stillwatch.guard.guard import Guard
from stillwatch.guard.limits import Limits
from stillwatch.guard.shared_limits import EVERY, SharedLimits


class Kept:
    """A task on the guard's event loop, until it is closed."""

    def __init__(self, guard: Guard, path: Path, shared: SharedLimits | None, says: Callable[[str], None]) -> None:
        self._guard, self._path, self._shared, self._says = guard, path, shared, says
        self._written: dict[str, tuple[int, int, int, str]] = {}
        self._problem = ""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """End, everything written."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._once()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self._once()

    async def _once(self) -> None:
        guard, now = self._guard, time.time()
        if self._shared is not None:
            stopped = await self._shared.exchange(guard.limits, guard.ready.rules, guard.known.verdict, now)
            guard.counts["rules stopped"] += len(stopped)
        hits = guard.limits.hits
        seen = {mark: (hit.day, len(hit.ever), len(hit.honest), hit.stopped) for mark, hit in hits.items()}
        if seen == self._written:
            return
        copied = Limits({
            mark: replace(hit, today=set(hit.today), ever=set(hit.ever), honest=set(hit.honest)) for mark, hit in hits.items()
        })  # fmt: skip
        try:
            await asyncio.to_thread(limits.write, self._path, copied, guard.ready.rules, now)
        except OSError as problem:
            if self._problem != (told := f"what rules hit cannot be written: {problem}"):
                self._says(told)
            self._problem = told
            return
        self._written, self._problem = seen, ""
