"""Limits that replicas share: whom one hits, and when one stops, the others know."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from guard_here import HARVESTER, NOW, facts, policy, rule
from redis_here import RedisHere, until

from stillwatch.guard.limits import ACCUSED, Limits
from stillwatch.guard.server import Server
from stillwatch.guard.shared_limits import SharedLimits

TODAY = NOW.timestamp()
DAY = 86_400.0  # seconds


class Replica:
    """One, with the limits of its own and what it said."""

    def __init__(self, url: str, rules: tuple[Any, ...], honest: str = "") -> None:
        self.said: list[str] = []
        self.server = Server(url, self.said.append, 5.0, pause=0.02)
        self.limits, self.shared = Limits(), SharedLimits(self.server)
        self.rules, self.honest = rules, honest

    def hits(self, accounts: str, verdict: str = ACCUSED, now: float = TODAY) -> list[bool]:
        known = facts() | HARVESTER | {"account.verdict": verdict}
        return [self.limits.admits(self.rules[0], known | {"account.id": one}, now) for one in accounts]

    async def exchange(self, now: float = TODAY) -> list[str]:
        stopped = await self.shared.exchange(
            self.limits, self.rules, lambda account: "clear" if account in self.honest else ACCUSED, now
        )
        return [one.id for one in stopped]

    @property
    def hit(self) -> Any:
        return self.limits.of(self.rules[0])


Story = Callable[[Replica, Replica], Awaitable[None]]


@pytest.fixture
def told(redis: RedisHere, tmp_path: Path) -> Callable[..., None]:
    """Have two replicas of one policy do something."""

    def tell(story: Story, honest: str = "", **changes: Any) -> None:
        rules = policy(tmp_path, rule(**changes)).rules

        async def all_of_it() -> None:
            pair = [Replica(redis.url, rules, honest) for _ in range(2)]
            await story(*pair)
            for replica in pair:
                await replica.server.close()

        asyncio.run(all_of_it())

    return tell


def test_a_rule_that_one_replica_stops_stops_for_all(told: Callable[..., None]) -> None:
    async def story(one: Replica, other: Replica) -> None:
        assert one.hits("x", "watch") == [False] and one.hit.stopped
        assert await one.exchange() == [] and await other.exchange() == ["stop"]
        assert other.hits("a") == [False] and other.hit.stopped == one.hit.stopped
        assert await other.exchange() == [], "it stops once"

    told(story)


def test_a_limit_of_a_day_is_of_all_together(told: Callable[..., None]) -> None:
    async def story(one: Replica, other: Replica) -> None:
        one.hits("ab"), other.hits("c")
        for replica in (one, other, one):
            await replica.exchange()
        assert one.hit.today == other.hit.today == one.hit.ever == set("abc")
        assert one.hits("dc") == other.hits("ea") == [False, True]
        tomorrow = TODAY + DAY
        assert one.hits("d", now=tomorrow) == [True]
        await one.exchange(tomorrow), await other.exchange(tomorrow)
        assert (other.hit.today, other.hit.ever) == ({"d"}, set("abcd"))

    told(story, limit={"accounts": 3})


def test_honest_customers_hit_by_replicas_add_up(told: Callable[..., None]) -> None:
    async def story(one: Replica, other: Replica) -> None:
        assert one.hits("ax", "watch") == [True, True] and other.hits("y", "watch") == [True]
        await one.exchange()
        assert await other.exchange() == ["stop"] and "3 of 3" in other.hit.stopped
        assert await one.exchange() == ["stop"]

    told(story, honest="axy", limit={"honest": 2})


def test_many_accounts_come_over_whole(told: Callable[..., None]) -> None:
    async def story(one: Replica, other: Replica) -> None:
        one.hit.ever.update(f"account {n}" for n in range(5000))
        other.hit.ever.update(["\ud800", "ü"])
        for replica in (one, other, one):
            await replica.exchange()
        assert one.hit.ever == other.hit.ever and len(one.hit.ever) == 5002

    told(story)


def test_rules_that_nobody_notices_are_not_exchanged(told: Callable[..., None], redis: RedisHere) -> None:
    async def story(one: Replica, other: Replica) -> None:
        assert await one.exchange() == [] and await one.server.ask("DBSIZE") == 0
        redis.kill()
        assert await other.exchange() == [] and len(other.said) == 1, "that the server is away is said all the same"

    told(story, do="log")


def test_what_is_kept_ends(told: Callable[..., None]) -> None:
    async def story(one: Replica, other: Replica) -> None:
        one.hits("a")
        await one.exchange()
        one.hits("x", "watch")
        await one.exchange()
        lives = {
            key.rsplit(b":")[-1]: await one.server.ask("TTL", key) / DAY for key in await one.server.ask("KEYS", "*")
        }
        assert lives == pytest.approx({b"ever": 90, str(int(TODAY // DAY)).encode(): 2, b"stopped": 90}, abs=0.01)

    told(story)


def test_without_a_server_each_replica_has_its_own_limits_and_they_meet_again(
    told: Callable[..., None], redis: RedisHere
) -> None:
    async def story(one: Replica, other: Replica) -> None:
        one.hits("a")
        await one.exchange(), await other.exchange()
        redis.kill()
        one.hits("b"), other.hits("cx", "watch")
        assert [await one.exchange(), await other.exchange(), await one.exchange()] == [[], [], []]
        assert one.hit.ever == {"a", "b"} and other.hit.stopped
        redis.start()
        await until(lambda: one.server.up and other.server.up)
        await other.exchange()
        assert await one.exchange() == ["stop"] and one.hit.ever == set("abc")
        assert [len(replica.said) for replica in (one, other)] == [2, 2]

    told(story, limit={"honest": 1})


def test_what_a_server_forgot_it_is_told_again(told: Callable[..., None]) -> None:
    async def story(one: Replica, other: Replica) -> None:
        one.hits("abc")
        await one.exchange()
        await one.server.ask("FLUSHALL")
        for replica in (one, one, other):
            await replica.exchange()
        assert other.hit.ever == set("abc") and not one.said

    told(story)


def test_after_an_outage_all_is_told_again_also_where_numbers_are_as_they_were(
    told: Callable[..., None], redis: RedisHere
) -> None:
    async def story(one: Replica, other: Replica) -> None:
        one.hits("ab")
        await one.exchange()
        redis.kill()
        await one.server.ask("PING")  # a request notices it, between two exchanges
        redis.start()
        await until(lambda: one.server.up)
        other.hits("cd")
        await other.exchange(), await one.exchange()
        assert one.hit.ever == set("abcd")

    told(story)
