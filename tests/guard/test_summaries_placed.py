"""Summaries by a provider's own model, through a proxy and a layer: where they stand, who waits, and what if there is none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import openai
import orjson
import pytest
from summariser_here import KEY, SUMMARY, Asking, layer, proxy
from upstream_here import SIGNATURE, WORDS

from stillwatch.guard.reasoning.endpoint import INSTEAD
from stillwatch.guard.reasoning.summary import extracted

TEXT = "".join(WORDS)
ASKED: list[Any] = [{"role": "user", "content": "What is the answer?"}]
REASONING = "First, I look at it. " + "Then this, and that, and more of it. " * 40 + "So it is 42."
SPACED = f"{REASONING} "  # as a stream of words tells it
PLAIN = extracted(REASONING)
BODY = {"model": "m", "messages": ASKED, "max_tokens": 99}


@pytest.fixture(scope="module", params=[proxy, layer], ids=["proxy", "layer"])
def standing(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with request.param(tmp_path_factory.mktemp("asking")) as asking:
        asking.upstream.reasoning = REASONING
        yield asking


@pytest.fixture
def asking(standing: Asking) -> Asking:
    standing.summariser.__init__()  # type: ignore[misc]
    return standing


def headers(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def raw(asking: Asking, path: str, key: str = "sk-campaign", **more: Any) -> bytes:
    return httpx2.post(f"{asking.address}/v1/{path}", json={**BODY, **more}, headers=headers(key), timeout=60).content


def reasoning(event: bytes) -> str:
    """What of reasoning an event tells; empty if it tells of something else."""
    try:
        document = orjson.loads(event.partition(b"data: ")[2])
    except orjson.JSONDecodeError:
        return ""
    delta = document.get("delta") or (document.get("choices") or [{}])[0].get("delta") or {}
    return str(delta.get("reasoning_content") or delta.get("thinking") or "")


def test_official_clients_see_the_summary_and_the_whole_answer(asking: Asking) -> None:
    client = openai.OpenAI(api_key="sk-campaign", base_url=f"{asking.address}/v1", max_retries=0)
    message = client.chat.completions.create(model="m", messages=ASKED).choices[0].message
    assert (message.content, message.reasoning_content) == (TEXT, SUMMARY)
    deltas = [one.choices[0].delta for one in client.chat.completions.create(model="m", messages=ASKED, stream=True)]
    told = [getattr(one, "reasoning_content", None) for one in deltas]
    assert told[0] == SUMMARY and not any(told[1:]) and "".join(one.content or "" for one in deltas) == TEXT
    messages = anthropic.Anthropic(api_key="sk-campaign", base_url=asking.address, max_retries=0).messages
    for answer in (messages.create(model="m", max_tokens=99, messages=ASKED), streamed(messages)):
        thinking, text = answer.content
        assert (thinking.thinking, thinking.signature, text.text) == (SUMMARY, SIGNATURE, TEXT)

    asked = asking.summariser.asked
    assert len(asked) == 4 and all(REASONING in one["body"]["messages"][1]["content"] for one in asked)
    assert {one["headers"][b"authorization"] for one in asked} == {f"Bearer {KEY}".encode()}
    assert not any(key.encode() in one["headers"][b"authorization"] for one in asked for key in ("sk-campaign",))
    assert not any(KEY in line for line in asking.said)


def streamed(messages: Any) -> Any:
    with messages.stream(model="m", max_tokens=99, messages=ASKED) as stream:
        return stream.get_final_message()


@pytest.mark.parametrize("path", ["chat/completions", "messages"])
def test_the_answer_stays_to_the_byte(asking: Asking, path: str) -> None:
    honest, edited = (raw(asking, path, key, stream=True).split(b"\n\n") for key in ("sk-honest", "sk-campaign"))
    assert [one for one in edited if not reasoning(one)] == [one for one in honest if not reasoning(one)]
    assert [told for one in edited if (told := reasoning(one))] == [SUMMARY]


def test_between_tags_in_a_text(asking: Asking) -> None:
    words, asking.upstream.words = asking.upstream.words, ["<thi", f"nk>{REASONING}</thi", "nk>", *WORDS]
    kept, asking.upstream.reasoning = asking.upstream.reasoning, ""
    try:
        told = orjson.loads(raw(asking, "chat/completions"))["choices"][0]["message"]["content"]
        events = raw(asking, "chat/completions", stream=True).split(b"\n\n")
    finally:
        asking.upstream.words, asking.upstream.reasoning = words, kept
    deltas = [orjson.loads(one[6:])["choices"][0]["delta"].get("content", "") for one in events if b"choices" in one]
    assert told == "".join(deltas) == f"<think>{SUMMARY}</think>{TEXT}"


@pytest.mark.parametrize(
    ("says", "status", "why"),
    [
        (SUMMARY, 500, "status 500"),
        (SUMMARY, 302, "status 302"),
        (b"{", 200, "not an answer of chat"),
        (b'{"choices": []}', 200, "not an answer of chat"),
        (b'{"choices": [{"message": {"content": null}}]}', 200, "no text"),
        (" \n", 200, "empty"),
        ("<think>Only thoughts", 200, "empty"),
        (f"{REASONING}!", 200, "the reasoning"),
        (REASONING[:300], 200, "the reasoning"),
        ("Ends </think> here.", 200, "tags of reasoning"),
        ("x" * (1 << 19), 200, "too long"),
    ],
)
def test_without_a_summary_sentences_are_picked_and_it_is_counted(
    asking: Asking, says: Any, status: int, why: str
) -> None:
    asking.summariser.says, asking.summariser.status = says, status
    before = asking.counts()
    message = orjson.loads(raw(asking, "chat/completions"))["choices"][0]["message"]
    assert (message["reasoning_content"], message["content"]) == (PLAIN, TEXT)
    events = raw(asking, "messages", stream=True).split(b"\n\n")
    assert [told for one in events if (told := reasoning(one))] == [extracted(SPACED)]
    after = asking.counts()
    for name in (INSTEAD, f"{INSTEAD} ({why})"):
        assert after[name] - before.get(name, 0) == 2


async def events_of(client: Any, asking: Asking, key: str, seen: list[str], who: str, path: str = "messages") -> bytes:
    """The stream, told of in `seen` as it comes."""
    whole = b""
    body = {**BODY, "stream": True}
    async with client.stream("POST", f"{asking.address}/v1/{path}", json=body, headers=headers(key)) as answer:
        async for piece in answer.aiter_bytes():
            whole += piece
            seen.append(f"{who}: {'signature' if b'signature_delta' in piece else 'a piece'}")
    seen.append(f"{who}: end")
    return whole


async def until(true: Any) -> None:
    for _ in range(1_000):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to be")


def test_who_waits_for_a_summary_holds_up_nobody_else(asking: Asking) -> None:
    async def together() -> tuple[list[str], bytes]:
        seen: list[str] = []
        asking.summariser.holds = True
        async with httpx2.AsyncClient(timeout=60) as client:
            waiting = asyncio.create_task(events_of(client, asking, "sk-campaign", seen, "summarised"))
            await until(lambda: asking.summariser.asked and "summarised: a piece" in seen)
            await events_of(client, asking, "sk-honest", seen, "honest")
            await events_of(client, asking, "sk-other", seen, "reordered")
            picked = await client.post(
                f"{asking.address}/v1/chat/completions", json=BODY, headers=headers("sk-campaign")
            )
            assert picked.json()["choices"][0]["message"]["reasoning_content"] == PLAIN, "no more at once than is said"
            seen.append("released")
            asking.summariser.holds = False
            return seen, await waiting

    before = asking.counts().get(f"{INSTEAD} (busy)", 0)
    seen, whole = asyncio.run(together())
    assert seen.index("honest: end") < seen.index("reordered: end") < seen.index("released")
    assert seen.index("summarised: a piece") < seen.index("released") < seen.index("summarised: signature")
    told = [reasoning(one) for one in whole.split(b"\n\n")]
    signed = next(place for place, one in enumerate(whole.split(b"\n\n")) if b"signature_delta" in one)
    assert told[signed - 1] == SUMMARY and not any(told[signed:])
    assert asking.counts()[f"{INSTEAD} (busy)"] == before + 1


def test_a_client_that_is_gone_ends_the_call(asking: Asking) -> None:
    async def gone() -> None:
        asking.summariser.holds = True
        async with httpx2.AsyncClient(timeout=60) as client:
            waiting = asyncio.create_task(events_of(client, asking, "sk-campaign", [], ""))
            await until(lambda: asking.summariser.asked)
            waiting.cancel()
        await until(lambda: asking.summariser.hung_up == 1)

    asyncio.run(gone())
    asking.summariser.holds = False
    for _ in range(100):  # its place, of one at once, is free again
        told = orjson.loads(raw(asking, "chat/completions"))["choices"][0]["message"]["reasoning_content"]
        if told == SUMMARY:
            return
        time.sleep(0.05)
    raise AssertionError("the call has left something behind")


def test_one_that_is_late_or_away_is_not_waited_for(tmp_path: Any) -> None:
    with layer(tmp_path, summariser_seconds=0.2) as asking:
        asking.upstream.reasoning = REASONING
        asking.summariser.holds = True
        for why in ("late", "away"):
            message = orjson.loads(raw(asking, "chat/completions"))["choices"][0]["message"]
            assert (message["reasoning_content"], message["content"]) == (PLAIN, TEXT)
            assert asking.counts()[f"{INSTEAD} ({why})"] == 1
            asking.layer._gate.summaries._url = asking.layer._gate.summaries._url.with_port(1)
