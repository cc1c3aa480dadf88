"""Budgets that replicas share, on a real server: exact while it answers, and right again after it did not."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from multiprocessing import get_context
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis_here import RedisHere, until

from stillwatch.guard.actions import TokenBudget
from stillwatch.guard.budgets import Budgets, Exhausted, Local, Reserved
from stillwatch.guard.server import Server
from stillwatch.guard.shared_budgets import Shared

NOON = 20_000 * 86_400.0 + 43_200  # seconds since 1970: the beginning of an hour
HOUR = TokenBudget(100_000, timedelta(hours=1))
KEY = "stop:a"


class Replica:
    """One, with what it said."""

    def __init__(self, url: str, patience: float = 5.0, prefix: str = "test:") -> None:
        self.said: list[str] = []
        self.server = Server(url, self.said.append, patience, pause=0.05)
        self.budgets = Shared(self.server, prefix)


@asynccontextmanager
async def replicas(url: str, number: int, **settings: Any) -> AsyncIterator[list[Replica]]:
    made = [Replica(url, **settings) for _ in range(number)]
    yield made
    for one in made:
        await one.server.close()


async def take(budgets: Budgets, least: int, most: int, now: float = NOON, budget: TokenBudget = HOUR) -> Reserved:
    found = await budgets.reserve(KEY, budget, least, most, now)
    assert isinstance(found, Reserved)
    return found


async def left(budgets: Budgets, budget: TokenBudget = HOUR, now: float = NOON) -> int:
    """Tokens left of a budget, which stay there."""
    found = await budgets.reserve(KEY, budget, 1, budget.tokens, now)
    if isinstance(found, Exhausted):
        return 0
    await budgets.settle(found, 0, now)
    return found.tokens


def test_exact_under_many_tasks_and_connections(redis: RedisHere) -> None:
    held, most_held, draw = 0, 0, random.Random(1)

    async def customer(budgets: Budgets) -> None:
        nonlocal held, most_held
        while isinstance(found := await budgets.reserve(KEY, HOUR, 50, draw.randint(50, 900), NOON), Reserved):
            held += found.tokens
            most_held = max(most_held, held)
            await asyncio.sleep(draw.random() / 1000)
            used = draw.randint(0, found.tokens)
            held -= found.tokens - used
            await budgets.settle(found, used, NOON)

    async def story() -> None:
        async with replicas(redis.url, 4) as made:
            await asyncio.gather(*(customer(made[n % 4].budgets) for n in range(64)))
            assert {await left(one.budgets) for one in made} == {HOUR.tokens - held}, "what came back is there for all"
            assert not any(one.said for one in made)

    asyncio.run(story())
    assert HOUR.tokens - 50 < held <= most_held <= HOUR.tokens


def drained(url: str) -> int:
    """Tokens that the tasks of a process got before the budget was exhausted."""

    async def customer(budgets: Budgets) -> int:
        used = 0
        while isinstance(found := await budgets.reserve(KEY, HOUR, 1, 70, NOON), Reserved):
            await budgets.settle(found, found.tokens - 1, NOON)
            used += found.tokens - 1
            if found.tokens == 1:  # the last tokens only come back for ever
                break
        return used

    async def story() -> int:
        async with replicas(url, 1) as (one,):
            got = sum(await asyncio.gather(*(customer(one.budgets) for _ in range(16))))
            assert not one.said
            return got

    return asyncio.run(story())


def test_exact_under_many_processes(redis: RedisHere) -> None:
    with ProcessPoolExecutor(4, get_context("spawn")) as processes:
        used = sum(processes.map(drained, [redis.url] * 4))

    async def story() -> int:
        async with replicas(redis.url, 1) as (one,):
            return await left(one.budgets)

    assert used + asyncio.run(story()) == HOUR.tokens and used > HOUR.tokens - 200


def test_settling_twice_or_at_once_changes_nothing(redis: RedisHere) -> None:
    async def story() -> None:
        async with replicas(redis.url, 2) as (one, other):
            reserved = await take(one.budgets, 1, 1000)
            await asyncio.gather(*(one.budgets.settle(reserved, 400, NOON) for _ in range(5)))
            await one.budgets.settle(reserved, 0, NOON)
            assert await left(other.budgets) == HOUR.tokens - 400

    asyncio.run(story())


def test_whoever_is_cancelled_while_settling_has_settled(redis: RedisHere) -> None:
    async def story() -> None:
        async with replicas(redis.url, 2) as (one, other):
            task = asyncio.create_task(one.budgets.settle(await take(one.budgets, 1, 1000), 400, NOON))
            await asyncio.sleep(0)
            task.cancel()
            assert isinstance((await asyncio.gather(task, return_exceptions=True))[0], asyncio.CancelledError)
            assert await left(one.budgets) == await left(other.budgets) == HOUR.tokens - 400

    asyncio.run(story())


def test_a_server_killed_under_load_fails_no_request_and_counts_are_right_after(redis: RedisHere) -> None:
    used = [0, 0]
    budget = TokenBudget(10**9, timedelta(hours=1))
    over = False

    async def customer(number: int, budgets: Budgets) -> None:
        while not over:
            found = await take(budgets, 10, 1000, budget=budget)
            await asyncio.sleep(0.001)
            await budgets.settle(found, 7, NOON)
            used[number] += 7

    async def story() -> None:
        nonlocal over
        async with replicas(redis.url, 2) as made:
            tasks = [asyncio.create_task(customer(n % 2, made[n % 2].budgets)) for n in range(32)]
            for outage in (1, 2):
                await asyncio.sleep(0.2)
                redis.kill()
                await until(lambda: not any(one.server.up for one in made))
                before = list(used)
                await asyncio.sleep(0.2)
                assert used[0] > before[0] and used[1] > before[1], "requests go on"
                redis.start()
                await until(lambda: all(one.server.up for one in made))
                assert [one.server.counts["outages"] for one in made] == [outage, outage]
            over = True
            await asyncio.gather(*tasks)
            for one in made:
                assert await left(one.budgets, budget) == budget.tokens - sum(used)
                assert ["is away" in told for told in one.said] == [True, False, True, False], one.said

    asyncio.run(story())


def test_a_server_that_hangs_costs_each_caller_its_patience_once(redis: RedisHere) -> None:
    async def story() -> None:
        async with replicas(redis.url, 2, patience=0.5) as (one, other):
            await take(other.budgets, 1, 500)
            await take(one.budgets, 1, 100)
            for _ in range(2):
                redis.hang()
                begun = time.monotonic()
                held = await asyncio.gather(*(take(one.budgets, 1, 10) for _ in range(50)))
                assert 0.5 <= time.monotonic() - begun < 0.9
                begun = time.monotonic()
                held += [await take(one.budgets, 1, 10) for _ in range(50)]
                assert time.monotonic() - begun < 0.25, "nobody asks it any more"
                redis.go_on()  # and it answers all that it was asked, when nobody listens any more
                await until(lambda: one.server.up)
                for reserved in held:
                    await one.budgets.settle(reserved, 1, NOON)
            assert await left(one.budgets) == await left(other.budgets) == HOUR.tokens - 500 - 100 - 200
            assert (one.server.counts["outages"], len(one.said)) == (2, 4)

    asyncio.run(story())


def test_a_question_from_before_an_outage_is_not_counted_after_it(redis: RedisHere) -> None:
    async def story() -> None:
        async with replicas(redis.url, 2) as (one, other):
            await take(one.budgets, 1, 100)
            before = one.server.turn
            one.server.away("test")
            held = await take(one.budgets, 1, 20)
            await until(lambda: one.server.up)
            after, one.server.turn = one.server.turn, before
            await one.budgets.settle(held, 0, NOON)  # as if it had been on its way all the time
            one.server.turn = after
            assert await left(other.budgets) == HOUR.tokens - 120

    asyncio.run(story())


class Busy:
    """Requests that come while a server is told what it missed."""

    def __init__(self, budgets: Budgets, held: Reserved) -> None:
        self.budgets, self.held = budgets, held

    async def catch_up(self) -> None:
        await self.budgets.settle(self.held, 1, NOON)
        await take(self.budgets, 1, 20)
        await self.budgets.reserve("stop:b", HOUR, 1, 300, NOON)

    def caught_up(self) -> None:
        pass


def test_what_is_used_while_a_server_is_told_what_it_missed_counts_as_well(redis: RedisHere) -> None:
    async def story() -> None:
        async with replicas(redis.url, 2) as (one, other):
            one.server.follow(Busy(one.budgets, await take(one.budgets, 1, 1000)))
            one.server.away("test")
            await until(lambda: one.server.up)
            assert await left(one.budgets) == await left(other.budgets) == HOUR.tokens - 21
            found = await other.budgets.reserve("stop:b", HOUR, 1, HOUR.tokens, NOON)
            assert isinstance(found, Reserved) and found.tokens == HOUR.tokens - 300

    asyncio.run(story())


def test_during_an_outage_what_others_used_before_still_counts(redis: RedisHere) -> None:
    async def story() -> None:
        async with replicas(redis.url, 2) as (one, other):
            await take(other.budgets, 1, 60_000)
            await take(one.budgets, 1, 10_000)
            redis.kill()
            assert (await take(one.budgets, 1, HOUR.tokens)).tokens == 30_000
            assert isinstance(await one.budgets.reserve(KEY, HOUR, 1, 1, NOON), Exhausted)

    asyncio.run(story())


def test_a_server_that_was_never_there(redis: RedisHere) -> None:
    redis.kill()

    async def story() -> None:
        async with replicas(redis.url, 2) as (one, other):
            held = await take(one.budgets, 1, 1000)
            assert await left(one.budgets) == HOUR.tokens - 1000 and await left(other.budgets) == HOUR.tokens
            redis.start()
            await until(lambda: one.server.up and other.server.up)
            assert await left(other.budgets) == HOUR.tokens - 1000
            await one.budgets.settle(held, 1, NOON)
            assert await left(other.budgets) == HOUR.tokens - 1
            await other.server.ask("FLUSHALL")
            await take(one.budgets, 1, 10)
            assert "forgotten" in one.said[-1], "what it was told after the outage it should know"

    asyncio.run(story())


def test_a_server_that_forgot_is_told_again(redis: RedisHere) -> None:
    async def story() -> None:
        async with replicas(redis.url, 2) as made:
            for one in made:
                await take(one.budgets, 1, 100)
            await made[0].server.ask("FLUSHALL")
            for one in made:
                await take(one.budgets, 1, 10)
            assert all("forgotten" in one.said[0] for one in made)
            await until(lambda: all(one.server.up for one in made))
            assert await left(made[0].budgets) == HOUR.tokens - 220

    asyncio.run(story())


def test_any_error_of_the_server_is_an_outage(redis: RedisHere) -> None:
    async def story() -> None:
        async with replicas(redis.url, 1) as (one,):
            await one.server.ask("SET", f"test:budget:{KEY}:3600:{int(NOON // 3600)}", "of somebody else")
            assert (await take(one.budgets, 1, 1000)).tokens == 1000
            assert "WRONGTYPE" in one.said[0] and not one.server.up

    asyncio.run(story())


def test_names_that_clients_chose_stop_nobody(redis: RedisHere) -> None:
    async def story() -> None:
        async with replicas(redis.url, 1) as (one,):
            for key in ("stop:\ud800", "stop:{a}\r\n\0", "stop:" + "x" * 100_000):
                assert isinstance(await one.budgets.reserve(key, HOUR, 1, 1, NOON), Reserved)
            assert one.server.up

    asyncio.run(story())


def test_keys_end_with_their_windows(redis: RedisHere) -> None:
    async def story() -> None:
        async with replicas(redis.url, 1) as (one,):
            await take(one.budgets, 1, 10)
            (key,) = await one.server.ask("KEYS", "*")
            assert 3600 < await one.server.ask("TTL", key) <= 3660
            await one.server.ask("EXPIRE", key, 100)
            await one.budgets.settle(await take(one.budgets, 1, 10), 5, NOON)
            assert await one.server.ask("TTL", key) <= 100, "using it does not make it live longer"

    asyncio.run(story())


STEP = st.tuples(
    st.sampled_from(["reserve", "settle"]),
    st.integers(-70, 50),  # least, or the reservation to settle
    st.integers(-5, 130),  # most, or the tokens used
    st.integers(-59, 100),  # seconds that the clock goes on, or back
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=25))
def test_local_and_shared_agree(redis: RedisHere, steps: list[tuple[str, int, int, int]]) -> None:
    budget = TokenBudget(200, timedelta(minutes=2))

    async def told(budgets: Budgets) -> list[Any]:
        held: list[Reserved] = []
        answers: list[Any] = []
        now = latest = NOON
        for doing, first, second, later in steps:
            now = max(now + later, latest - 59)
            latest = max(now, latest)
            if doing == "reserve":
                found = await budgets.reserve(KEY, budget, first, second, now)
                held += [found] if isinstance(found, Reserved) else []
                answers.append(found.tokens if isinstance(found, Reserved) else found)
            elif held:
                await budgets.settle(held[first % len(held)], second, now)
        return answers

    async def story() -> None:
        async with replicas(redis.url, 1, prefix=f"{secrets.token_hex(8)}:") as (one,):
            assert await told(one.budgets) == await told(Local())
            assert not one.said

    asyncio.run(story())
