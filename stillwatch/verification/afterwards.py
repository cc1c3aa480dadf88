"""What is done after an answer went out: in order, again when it could not be done, and all of it before the end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")
AGAIN_SECONDS = 2.0  # after what could not be done, such as by a store that is away


class Afterwards(Generic[_T]):
    """Within one event loop. `failed` is told of each try that came to nothing."""

    def __init__(self, does: Callable[[_T], Awaitable[None]], failed: Callable[[Exception], None]) -> None:
        self._does, self._failed = does, failed
        self._waiting: deque[_T] = deque()
        self._task: asyncio.Task[None] | None = None
        self._ends = asyncio.Event()

    def add(self, one: _T) -> None:
        """To be done soon; whoever calls does not wait."""
        self._waiting.append(one)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def end(self) -> int:
        """When all is done, or something could not be: how much is left undone."""
        self._ends.set()
        if self._task is not None:
            await self._task
        return len(self._waiting)

    async def _run(self) -> None:
        while self._waiting:
            try:
                await self._does(self._waiting[0])
            except Exception as problem:
                self._failed(problem)
                if self._ends.is_set():
                    return
                try:
                    await asyncio.wait_for(self._ends.wait(), AGAIN_SECONDS)
                except TimeoutError:
                    continue
            else:
                self._waiting.popleft()
