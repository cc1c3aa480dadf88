"""Group commits: requests that come while the disk is busy are written together, and share one fsync."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Commits:
    """Belongs to the event loop that calls it; writing goes on in a thread."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._thread = ThreadPoolExecutor(1, "otlp-disk")
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def add(self, lines: bytes) -> None:
        """Returns when these lines are on the disk; OSError if they could not be written."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((lines, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        await done

    def close(self) -> None:
        self._thread.shutdown()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting, []
            problem: Exception | None = None
            try:
                await loop.run_in_executor(self._thread, self._write, b"".join(lines for lines, _ in group))
            except Exception as raised:
                problem = raised
            for _, done in group:
                if done.done():  # whoever waited was cancelled
                    continue
                if problem is None:
                    done.set_result(None)
                else:
                    done.set_exception(problem)
