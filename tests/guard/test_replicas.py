"""Guards that share a server: one budget for all, the server killed under load, and what outlives a restart."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from guard_files import acting
from guard_placed import Placed

ASKED = [{"role": "user", "content": "What is the answer?"}]
BODY = {"model": "m", "messages": ASKED, "stream": True, "max_tokens": 5}


async def _streams(placed: list[Placed], number: int) -> list[int]:
    """Statuses of so many streams at once, dealt to the guards in turn."""

    async def one(session: aiohttp.ClientSession, place: int) -> int:
        address = placed[place % len(placed)].address
        async with session.post(
            f"{address}/v1/chat/completions", json=BODY, headers={"authorization": "Bearer sk-campaign"}
        ) as a:
            text = await a.read()
            assert a.status == 429 or text.endswith(b"data: [DONE]\n\n"), (a.status, text)
            return a.status

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        return list(await asyncio.gather(*(one(session, place) for place in range(number))))


def test_replicas_share_a_budget_to_the_token(place: Any, redis: Any, tmp_path: Path) -> None:
    rules = acting(do={"token_budget": {"tokens": 1_000, "every": "1d", "of": "campaign"}})
    guards = [place(rules, options=("--redis", redis.url)), place(rules, options=("--redis", redis.url), again=True)]
    passed = 0
    while more := asyncio.run(_streams(guards, 32)).count(200):
        passed += more
    assert all(guard.upstream.asked for guard in guards)
    reserved = len(guards[0].upstream.asked[0]["raw"]) + 16
    assert 12 * passed <= 1_000 and 1_000 - 12 * passed < reserved


def test_a_server_that_is_killed_under_load_fails_no_request(place: Any, redis: Any) -> None:
    placed = place(
        acting(do={"token_budget": {"tokens": 100_000_000, "every": "1d", "of": "campaign"}}),
        options=("--redis", redis.url),
    )

    async def load() -> list[int]:
        statuses: list[int] = []
        for turn in range(12):
            if turn == 3:
                redis.kill()
            if turn == 8:
                redis.start()
            statuses += await _streams([placed], 32)
        return statuses

    assert set(asyncio.run(load())) == {200}


def test_a_rule_that_stopped_stays_so_after_a_restart(place: Any) -> None:
    rules = acting(when='account.id == "honest"', limit={"honest": 0})
    first = place(rules)
    client = first.openai()
    assert client.chat.completions.create(model="m", messages=ASKED).choices, "it stops before it hits him"
    first.process.send_signal(signal.SIGINT)
    first.process.wait(20)
    kept = orjson.loads((first.folder / "policy.yaml.limits.json").read_bytes())
    assert [one["stopped"] for one in kept.values()] == [
        "it would have hit a customer beyond the 0 honest ones allowed"
    ]
    second = place(rules, again=True)
    assert second.openai().chat.completions.create(model="m", messages=ASKED).choices
