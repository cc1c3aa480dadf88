"""Budgets of tokens in one process: what is granted, what comes back, and when they are full again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from stillwatch.guard.actions import TokenBudget
from stillwatch.guard.budgets import KEPT, Exhausted, Local, Reserved

HOUR = TokenBudget(100, timedelta(hours=1))
NOON = 20_000 * 86_400.0 + 43_200  # seconds since 1970: the beginning of an hour


def granted(budgets: Local, least: int, most: int, now: float = NOON, key: str = "stop:a") -> int:
    """Tokens granted; minus the seconds to wait when there are none."""
    found = asyncio.run(budgets.reserve(key, HOUR, least, most, now))
    return found.tokens if isinstance(found, Reserved) else -round(found.seconds)


def settle(budgets: Local, reserved: Any, used: int, now: float = NOON) -> None:
    asyncio.run(budgets.settle(reserved, used, now))


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ([(10, 60)], [60]),
        ([(10, 60), (10, 60)], [60, 40]),
        ([(10, 100), (1, 10)], [100, -3600]),
        ([(10, 60), (41, 60)], [60, -3600]),
        ([(10, 60), (41, 60), (40, 60)], [60, -3600, 40]),
        ([(101, 200)], [-3600]),
        ([(10, 10**30)], [100]),
        ([(0, 0), (-5, -1), (1, 100)], [-3600, -3600, 100]),
    ],
)
def test_what_is_left_is_granted_if_it_is_enough(asked: list[tuple[int, int]], given: list[int]) -> None:
    budgets = Local()
    assert [granted(budgets, least, most) for least, most in asked] == given


@pytest.mark.parametrize(
    ("used", "left"), [((30,), 70), ((60,), 40), ((0,), 100), ((90,), 10), ((30, 0), 70), ((0, 60), 100), ((-9,), 100)]
)
def test_what_was_not_used_comes_back_once(used: tuple[int, ...], left: int) -> None:
    budgets = Local()
    reserved = asyncio.run(budgets.reserve("stop:a", HOUR, 60, 60, NOON))
    for one in used:
        settle(budgets, reserved, one)
    assert granted(budgets, 1, 200) == left


def test_an_engine_that_overran_is_charged_and_nothing_below_zero_is_granted() -> None:
    budgets = Local()
    settle(budgets, asyncio.run(budgets.reserve("stop:a", HOUR, 60, 60, NOON)), 130)
    assert granted(budgets, 1, 1) == -3600


def test_keys_have_budgets_of_their_own() -> None:
    budgets = Local()
    assert granted(budgets, 1, 100) == granted(budgets, 1, 100, key="stop:b") == 100


def test_a_window_ends_at_a_whole_hour_and_the_next_is_full() -> None:
    budgets = Local()
    assert granted(budgets, 1, 90, NOON + 600) == 90
    assert granted(budgets, 20, 30, NOON + 3599) == -1
    assert granted(budgets, 20, 100, NOON + 3600) == 100


def test_what_was_never_settled_is_charged_until_its_window_ends() -> None:
    budgets = Local()
    lost = asyncio.run(budgets.reserve("stop:a", HOUR, 1, 100, NOON))
    assert granted(budgets, 1, 1, NOON + 3599) == -1
    assert granted(budgets, 1, 70, NOON + 3600) == 70
    settle(budgets, lost, 0, NOON + 3610)
    assert granted(budgets, 1, 100, NOON + 3620) == 30, "it comes back to its own window, not to the next"


def test_a_clock_set_back_by_less_than_a_minute_finds_its_window_again() -> None:
    budgets = Local()
    assert granted(budgets, 1, 90, NOON + 3590) == 90
    assert granted(budgets, 1, 70, NOON + 3600) == 70
    assert granted(budgets, 1, 100, NOON + 3599) == 10
    assert granted(budgets, 1, 100, NOON + 3601) == 30


def test_old_windows_take_no_room() -> None:
    budgets = Local()
    for hour in range(50):
        granted(budgets, 1, 1, NOON + hour * 3600 + KEPT)
    assert len(list(budgets.accounts())) == 1


def test_a_reservation_is_exhausted_for_the_rest_of_its_window() -> None:
    assert asyncio.run(Local().reserve("a", TokenBudget(0, timedelta(days=1)), 1, 1, NOON)) == Exhausted(43_200)
