"""What is shown of reasoning and is still being made, so that no other stream waits for it.

An answer is edited with a mark in its place, which nobody can guess, and goes on to the client up to there; whoever
carries it fills the mark in once the text is there. Other answers hold no marks, and pay nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Protocol

import orjson

Made = str | Coroutine[Any, Any, str]  # at once, or in a while
Making = Callable[[str], Made]


class Summaries(Protocol):
    """Who makes them, for all answers."""

    def summaries(self) -> Making:
        """Makes those of one answer."""

    async def close(self) -> None:
        """No more of them."""


_MARK_BYTES = 16  # random: not to be guessed by a model, or by who asks it
_DIGITS = 6  # of a mark's number: an answer of 16 MiB has no more of them
_ENDS_OF_EVENTS = b"\n\n", b"\n\r\n"


class Awaited:
    """Of one answer."""

    def __init__(self, making: Making) -> None:
        self._making = making
        self._mark = secrets.token_hex(_MARK_BYTES)
        self._tasks: list[asyncio.Task[str]] = []
        self._marks: dict[bytes, str] = {}  # by the reasoning's hash: Responses repeat it at their end
        self.failed = ""  # why something is not shown that should be

    def __bool__(self) -> bool:
        """Whether anything has to be waited for."""
        return bool(self._tasks)

    def shown(self, text: str) -> str:
        """What stands in the place of the reasoning: what is shown of it, or a mark."""
        of = hashlib.sha256(text.encode()).digest() if self._tasks else b""
        if (known := self._marks.get(of)) is not None:
            return known
        made = self._making(text)
        if isinstance(made, str):
            return made
        of = of or hashlib.sha256(text.encode()).digest()
        mark = self._marks[of] = f"{self._mark}{len(self._tasks):0{_DIGITS}}"
        self._tasks.append(asyncio.get_running_loop().create_task(made))
        return mark

    async def filled(self, edited: bytes) -> AsyncIterator[bytes]:
        """The same with marks filled in; what stands before a mark goes on first, in whole events where it is events."""
        before, *others = edited.split(self._mark.encode())
        passed = bytearray(before)
        for one in others:
            task = self._tasks[int(one[:_DIGITS])]
            if not task.done() and (end := _end_of_events(passed)):
                yield bytes(passed[:end])
                del passed[:end]
            passed += await self._text(task) + one[_DIGITS:]
        if passed:
            yield bytes(passed)

    async def _text(self, task: asyncio.Task[str]) -> bytes:
        """As it stands in JSON."""
        try:
            return orjson.dumps(await task)[1:-1]
        except Exception as problem:
            self.failed = type(problem).__name__
            return b""

    def close(self) -> None:
        """Nobody waits any more."""
        for task in self._tasks:
            task.cancel()


def _end_of_events(passed: bytearray) -> int:
    return max(place + len(end) if (place := passed.rfind(end)) >= 0 else 0 for end in _ENDS_OF_EVENTS)
