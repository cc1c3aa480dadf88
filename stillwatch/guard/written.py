"""The log of a guard: rows are put into a queue on a request's way and written by one thread in the background.

The queue is bounded in rows and in bytes. When it is full, a row is dropped and counted: no request waits for a disk.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from stillwatch.guard.answered import Kept, kept_line
from stillwatch.guard.appended import Appended
from stillwatch.guard.logged import Decided, Exchange, Texts, decided_line, exchange_line
from stillwatch.pseudonyms import Pseudonyms

_MOST_ROWS = 20_000  # waiting: two seconds of what one process can pass on at its best
_MOST_BYTES = 128 << 20  # of bodies waiting; parsed, they take a few times that
_EVERY = 1.0  # seconds between writes: what a killed process loses


class Written:
    """Writes exchanges and decisions to their folders. One thread may put rows."""

    def __init__(
        self,
        exchanges: Path,
        decisions: Path,
        key: Pseudonyms,
        texts: Texts = "all",
        most_rows: int = _MOST_ROWS,
        most_bytes: int = _MOST_BYTES,
        every: float = _EVERY,
        now: Callable[[], float] = time.time,
        answers: Path | None = None,
    ) -> None:
        self.counts: Counter[str] = Counter()  # rows written, dropped and failed; of a disk that fails, how often
        self.keeps_answers = answers is not None
        self._answers = Appended(answers or exchanges), deque[Kept](), kept_line
        self._exchanges = Appended(exchanges), deque[Exchange](), partial(exchange_line, key=key, texts=texts)
        self._decisions = Appended(decisions), deque[Decided](), decided_line
        self._most_rows, self._most_bytes, self._every, self._now = most_rows, most_bytes, every, now
        self._put_bytes = self._taken_bytes = 0  # ever; each is changed by one thread alone
        self._wake, self._ends = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="guard log", daemon=True)
        self._thread.start()

    def exchange(self, one: Exchange) -> bool:
        """Put a row into the queue; False when it was full."""
        queue, size = self._exchanges[1], len(one.asked.raw)
        if len(queue) >= self._most_rows or self._put_bytes - self._taken_bytes + size > self._most_bytes:
            self.counts["exchanges dropped"] += 1
            return False
        self._put_bytes += size
        queue.append(one)
        if len(queue) == self._most_rows // 2:
            self._wake.set()
        return True

    def decision(self, one: Decided) -> bool:
        """The same for a decision."""
        queue = self._decisions[1]
        if len(queue) >= self._most_rows:
            self.counts["decisions dropped"] += 1
            return False
        queue.append(one)
        return True

    def answer(self, one: Kept) -> bool:
        """The same for an answer that is kept to be sealed."""
        queue = self._answers[1]
        if len(queue) >= self._most_rows or self._put_bytes - self._taken_bytes + len(one.raw) > self._most_bytes:
            self.counts["answers dropped"] += 1
            return False
        self._put_bytes += len(one.raw)
        queue.append(one)
        return True

    def close(self, seconds: float = 5.0) -> None:
        """Write what is waiting, within this time, and end."""
        self._ends = True
        self._wake.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            ends = self._ends  # what was put before is written in this round
            self._flush("exchanges", *self._exchanges)
            self._flush("decisions", *self._decisions)
            self._flush("answers", *self._answers)
            if ends:
                break
            self._wake.wait(self._every)
            self._wake.clear()
        self._exchanges[0].close()
        self._decisions[0].close()
        self._answers[0].close()

    def _flush(self, kind: str, files: Appended, queue: deque[Any], line: Callable[[Any], bytes]) -> None:
        lines: list[bytes] = []
        for _ in range(len(queue)):
            one = queue.popleft()
            try:
                lines += [made] if (made := line(one)) else []
            except Exception:  # a defect of ours: the next row is another
                self.counts[f"{kind} failed"] += 1
            if isinstance(one, Exchange | Kept):
                self._taken_bytes += len(one.asked.raw if isinstance(one, Exchange) else one.raw)
        try:
            if lines:
                files.append(lines, self._now())
                self.counts[f"{kind} written"] += len(lines)
        except OSError:
            self.counts[f"{kind} failed"] += len(lines)
