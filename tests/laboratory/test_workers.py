"""Parts are done in processes of their own, and come back in their order."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from stillwatch.laboratory.workers import done


@dataclass(frozen=True)
class Squares:
    """Squares of numbers, and by whom."""

    add: int

    def does(self, part: int) -> tuple[int, int]:
        return part * part + self.add, os.getpid()


@pytest.mark.parametrize("workers", [1, 2])
def test_what_comes_of_each_part(workers: int) -> None:
    told: list[int] = []
    found, seconds = done(Squares(1), [3, 1, 2], workers, told.append)
    assert [square for square, _ in found] == [10, 2, 5] and told == [1, 2, 3] and seconds >= 0
    assert ({by for _, by in found} == {os.getpid()}) == (workers == 1)
