"""The server that replicas share: how it is asked, and what is told while it does not answer."""

from __future__ import annotations

import asyncio

import pytest
from redis_here import RedisHere, until

from stillwatch.errors import BadConfiguration
from stillwatch.guard.server import AWAY, TOGETHER, Server


@pytest.mark.parametrize("url", ["", "localhost:6379", "http://localhost", "redis://localhost:port"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(BadConfiguration, match="no address of a server"):
        Server(url, print)


def test_a_burst_is_answered_in_order_over_one_connection(redis: RedisHere) -> None:
    async def story() -> None:
        server = Server(redis.url, print, 5.0)
        burst = 3 * TOGETHER + 1
        answers = await asyncio.gather(*(server.ask("INCR", "n") for _ in range(burst)))
        assert answers == list(range(1, burst + 1))
        assert b"connected_clients:1\r" in await server.ask("INFO", "clients")
        await server.close()

    asyncio.run(story())


def test_an_outage_is_told_once_and_so_is_its_end(redis: RedisHere) -> None:
    async def story() -> None:
        said: list[str] = []
        server = Server(redis.url, said.append, 5.0, pause=0.02)
        assert await server.ask("GET", "x") is None
        redis.kill()
        answers = await asyncio.gather(*(server.ask("INCR", "n") for _ in range(10)))
        assert answers == [AWAY] * 10 and await server.ask("INCR", "n") is AWAY
        await until(lambda: sum(server.counts.values()) > 14)  # it was looked for some times
        assert len(said) == 1 and "is away" in said[0]
        redis.start()
        await until(lambda: server.up)
        assert await server.ask("INCR", "n") == 1
        assert len(said) == 2 and "is back" in said[1]
        assert [server.counts[name] for name in ("outages", "unanswered", "returns")] == [1, 11, 1]
        await server.close()

    asyncio.run(story())


def test_a_connection_that_the_server_closed_is_no_outage(redis: RedisHere) -> None:
    async def story() -> None:
        server = Server(redis.url, print, 5.0)
        await server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no")
        assert await server.ask("PING") == b"PONG" and server.up
        await server.close()

    asyncio.run(story())


def test_the_error_of_one_command_is_not_the_answer_of_another(redis: RedisHere) -> None:
    async def story() -> None:
        server = Server(redis.url, print, 5.0)
        asked = [server.ask("SET", "a", "text"), server.ask("INCR", "a"), server.ask("GET", "a")]
        assert await asyncio.gather(*asked) == [b"OK", AWAY, b"text"] and not server.up
        await server.close()

    asyncio.run(story())


def test_whoever_waits_when_it_is_closed_is_told(redis: RedisHere) -> None:
    async def story() -> None:
        server = Server(redis.url, print, 5.0)
        redis.hang()
        asked = server.ask("PING")
        await asyncio.sleep(0.02)
        await server.close()
        assert await asked is AWAY and await server.ask("PING") is AWAY

    asyncio.run(story())
