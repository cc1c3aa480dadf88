"""Rates: how long a request waits, in one process and with replicas that share a server."""

from __future__ import annotations

import asyncio
import secrets

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis_here import RedisHere, until

from stillwatch.guard.actions import SlowDown
from stillwatch.guard.rates import Local, Rates
from stillwatch.guard.server import Server
from stillwatch.guard.shared_rates import Shared

NOW = 1_800_000_000.0  # seconds since 1970
EACH_SECOND = SlowDown(60.0)
BURST = SlowDown(60.0, burst=3)


def waits(rates: Rates, *calls: tuple[float, float], rate: SlowDown = EACH_SECOND) -> list[float]:
    """Seconds to wait of requests that come so many seconds after NOW, with so much patience."""

    async def story() -> list[float]:
        return [await rates.wait("a", rate, NOW + at, patience) for at, patience in calls]

    return asyncio.run(story())


@pytest.mark.parametrize(
    ("rate", "calls", "told"),
    [
        (EACH_SECOND, [(0, 0), (0.25, 0), (1, 0), (1.5, 0)], [0, 0.75, 0, 0.5]),
        (EACH_SECOND, [(0, 0), (0.5, 0), (0.5, 0), (0.5, 0)], [0, 0.5, 0.5, 0.5]),  # what was not let in does not count
        (EACH_SECOND, [(0, 0), (0, 5), (0, 5), (0, 5), (3, 0), (4, 0)], [0, 1, 2, 3, 1, 0]),  # what waits does
        (EACH_SECOND, [(0, 0), (0, 0.9), (0, 1)], [0, 1, 1]),
        (EACH_SECOND, [(0, 0), (100, 0), (100, 0)], [0, 0, 1]),  # quiet for long is no burst
        (BURST, [(0, 0)] * 4 + [(1, 0), (1, 0)], [0, 0, 0, 1, 0, 1]),
        (BURST, [(0, 0)] * 4 + [(60, 0)] * 4, [0, 0, 0, 1, 0, 0, 0, 1]),
        (EACH_SECOND, [(0, 0), (-3600, 0), (-3540, 0), (-3539, 0)], [0, 61, 1, 0]),  # a clock set back by an hour
        (EACH_SECOND, [(0, 0)] + [(0, 1e9)] * 62, [0, *range(1, 61), 61, 61]),  # no more than a minute is booked
    ],
)
def test_how_long_a_request_waits(rate: SlowDown, calls: list[tuple[float, float]], told: list[float]) -> None:
    assert waits(Local(), *calls, rate=rate) == told


def test_keys_that_are_due_take_no_room() -> None:
    rates = Local()

    async def story() -> None:
        for n in range(20_000):
            await rates.wait(f"a{n}", EACH_SECOND, NOW + n / 100)
        assert await rates.wait("a19999", EACH_SECOND, NOW + 199.99) == 1, "what is not due is remembered"

    asyncio.run(story())
    assert len(rates._due) <= 1024


CALL = st.tuples(st.sampled_from("ab"), st.integers(-5_000_000, 5_000_000), st.sampled_from([0.0, 0.3, 2.0, 100.0]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(CALL, max_size=25), per_minute=st.floats(0.01, 1e5), burst=st.integers(1, 20))
def test_local_and_shared_agree(
    redis: RedisHere, calls: list[tuple[str, int, float]], per_minute: float, burst: int
) -> None:
    rate = SlowDown(per_minute, burst)

    async def told(*replicas: Rates) -> list[float]:
        now, answers = NOW, []
        for number, (key, later, patience) in enumerate(calls):
            now += later / 1e6
            answers.append(await replicas[number % len(replicas)].wait(key, rate, now, patience))
        return answers

    async def story() -> None:
        prefix = f"{secrets.token_hex(8)}:"
        servers = [Server(redis.url, print, 5.0) for _ in range(2)]
        assert await told(*(Shared(one, prefix) for one in servers)) == await told(Local())
        for one in servers:
            assert one.up
            await one.close()

    asyncio.run(story())


def test_replicas_keep_a_rate_together_and_over_an_outage(redis: RedisHere) -> None:
    async def story() -> None:
        servers = [Server(redis.url, print, 5.0, pause=0.02) for _ in range(2)]
        one, other = (Shared(server) for server in servers)
        assert [await one.wait("a", BURST, NOW), await other.wait("a", BURST, NOW)] == [0, 0]
        assert [await one.wait("a", BURST, NOW), await other.wait("a", BURST, NOW)] == [0, 1]
        redis.kill()
        assert [await one.wait("a", BURST, NOW + 1), await one.wait("a", BURST, NOW + 1)] == [0, 1]
        assert await other.wait("a", BURST, NOW) == 1, "it knows what the server said last"
        redis.start()
        await until(lambda: all(server.up for server in servers))
        assert await one.wait("a", BURST, NOW + 1) == 1, "a server that was emptied learns it again"
        for server in servers:
            await server.close()

    asyncio.run(story())


def test_keys_end_a_minute_after_they_are_due(redis: RedisHere) -> None:
    async def story() -> None:
        server = Server(redis.url, print, 5.0)
        rates = Shared(server)
        for _ in range(3):
            await rates.wait("a", BURST, NOW)
        assert 60_000 < await server.ask("PTTL", "stillwatch:rate:a") <= 63_000
        await server.close()

    asyncio.run(story())
