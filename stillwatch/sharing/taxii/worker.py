"""Adds what was posted and waits, and forgets statuses that have been kept long enough. A thread beside the server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from stillwatch.errors import StillwatchError
from stillwatch.sharing.taxii.exchange import Collection
from stillwatch.sharing.taxii.received import Received

_LOOKS_SECONDS = 5.0  # a process that died may have left something to do
_FORGETS_SECONDS = 3_600.0
_JOINS_SECONDS = 30.0  # a chunk takes a tenth of a second, and may wait for another process


class Worker:
    """Until it is closed. Whatever fails is tried again."""

    def __init__(self, received: Received, collections: dict[str, Collection], says: Callable[[str], None]) -> None:
        self._received, self._collections, self._says = received, collections, says
        self._waits, self._ends = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="taxii-worker", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._waits.set()

    def close(self) -> None:
        self._ends.set()
        self._waits.set()
        self._thread.join(_JOINS_SECONDS)

    def _run(self) -> None:
        forgot = -_FORGETS_SECONDS
        while not self._ends.is_set():
            self._waits.clear()
            more = False
            try:
                more = self._received.work(self._collections)
                if time.monotonic() - forgot >= _FORGETS_SECONDS:
                    self._received.forget()
                    forgot = time.monotonic()
            except StillwatchError as problem:
                self._says(str(problem))
            except Exception as problem:  # a defect must not end what was promised to partners
                self._says(f"what was posted could not be added yet: {type(problem).__name__}: {problem}")
            if not more:
                self._waits.wait(_LOOKS_SECONDS)
