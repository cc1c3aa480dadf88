"""What is done after an answer: in order, again when it could not be done, and before the end."""

from __future__ import annotations

import asyncio

import pytest

from stillwatch.verification import afterwards
from stillwatch.verification.afterwards import Afterwards


class Store:
    """Away for the first tries."""

    def __init__(self, away: int) -> None:
        self.away, self.done = away, list[int]()

    async def does(self, one: int) -> None:
        await asyncio.sleep(0)
        if self.away > 0:
            self.away -= 1
            raise OSError("away")
        self.done.append(one)


@pytest.mark.parametrize(
    ("away", "ends_at_once", "done", "left", "failures"),
    [
        (0, False, [1, 2, 3], 0, 0),
        (0, True, [1, 2, 3], 0, 0),
        (2, False, [1, 2, 3], 0, 2),
        (1, True, [], 3, 1),  # the end does not wait for a store that is away
    ],
)
def test_what_is_done(
    monkeypatch: pytest.MonkeyPatch, away: int, ends_at_once: bool, done: list[int], left: int, failures: int
) -> None:
    monkeypatch.setattr(afterwards, "AGAIN_SECONDS", 0.01)
    store, failed = Store(away), list[Exception]()

    async def run() -> int:
        later = Afterwards(store.does, failed.append)
        for one in (1, 2, 3):
            later.add(one)
        while not ends_at_once and len(store.done) < 3:
            await asyncio.sleep(0.005)
        return await later.end()

    assert asyncio.run(run()) == left
    assert store.done == done and len(failed) == failures
