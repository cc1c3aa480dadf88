"""How often each address showed no right secret. None can be guessed, so nobody is locked out: a right one always passes."""

from __future__ import annotations

from collections import OrderedDict

MOST = 20  # in a window; a client with an old secret that asks each minute stays below
WINDOW_SECONDS = 300.0
_MOST_ADDRESSES = 10_000  # remembered; the one that was seen first is forgotten first


class Failures:
    """Of one process."""

    def __init__(self) -> None:
        self._counted: OrderedDict[str, tuple[float, int]] = OrderedDict()  # since when, and how many

    def wait(self, address: str, now: float) -> int:
        """One more of an address: seconds that it should wait, 0 while it has not failed too often."""
        since, count = self._counted.get(address, (now, 0))
        if now - since >= WINDOW_SECONDS:
            since, count = now, 0
        self._counted[address] = since, count + 1
        while len(self._counted) > _MOST_ADDRESSES:
            self._counted.popitem(last=False)
        return 0 if count < MOST else max(1, round(since + WINDOW_SECONDS - now))
