"""How long the other side may be silent. Setting a timer anew for each piece of a stream took a tenth of what a piece takes."""

from __future__ import annotations

import asyncio
from types import TracebackType

LATE = 0.1  # share of the time by which silence is found out late, so that hearing something costs next to nothing


class Patience:
    """A context that ends with TimeoutError when nothing was heard in it for `seconds`, or up to a tenth more."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(seconds)
        self._now = asyncio.get_running_loop().time
        self._again = 0.0

    async def __aenter__(self) -> Patience:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._timeout.__aexit__(kind, problem, trace)

    def heard(self) -> None:
        """Something came, or went on."""
        now = self._now()
        if now >= self._again:
            self._again = now + self._seconds * LATE
            self._timeout.reschedule(now + self._seconds * (1 + LATE))
