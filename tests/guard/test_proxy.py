"""The proxy between real clients and a model's server: nothing is noticed of it, until a rule applies."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import socket
import time
from pathlib import Path
from typing import Any

import aiohttp
import anthropic
import httpx2
import openai
import orjson
import pytest
import templates_here
from guard_files import acting, files
from guard_placed import Placed, free_port
from templates_here import FRAME
from upstream_here import WORDS
from yarl import URL

from stillwatch.guard.budgets import LEAST_ANSWER

TEXT = "".join(WORDS)
ASKED = [{"role": "user", "content": "What is the answer?"}]
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]


def test_official_clients_notice_nothing(place: Any) -> None:
    placed = place(acting())
    chat = placed.openai().chat.completions
    plain = chat.create(model="m", messages=ASKED, tools=TOOLS)
    assert (
        plain.choices[0].message.content == TEXT and plain.choices[0].message.tool_calls[0].function.name == "weather"
    )
    events = list(chat.create(model="m", messages=ASKED, tools=TOOLS, stream=True))
    assert "".join(one.choices[0].delta.content or "" for one in events) == TEXT
    assert any(one.choices[0].delta.tool_calls for one in events), (
        "and no chunk without choices, which was not asked for"
    )
    counted = list(chat.create(model="m", messages=ASKED, stream=True, stream_options={"include_usage": True}))
    assert counted[-1].usage.completion_tokens == 5

    messages = placed.anthropic().messages
    tool = {"name": "weather", "input_schema": {"type": "object"}}
    answer = messages.create(model="m", max_tokens=99, messages=ASKED, tools=[tool])
    assert [block.type for block in answer.content] == ["text", "tool_use"]
    with messages.stream(model="m", max_tokens=99, messages=ASKED) as stream:
        assert "".join(stream.text_stream) == TEXT and stream.get_final_message().usage.output_tokens == 5


def test_what_is_no_request_to_a_model_passes_as_it_is(place: Any) -> None:
    placed = place(acting())
    assert placed.openai().models.list().model_dump()["path"] == "/v1/models"
    with pytest.raises(openai.NotFoundError):
        placed.openai().get("/missing", cast_to=object)
    big = os.urandom(3 << 20)
    sent = placed.openai().post("/files?purpose=x", content=big, cast_to=object)
    assert sent["bytes"] == len(big) and placed.upstream.asked[-1]["query"] == b"purpose=x"
    assert placed.upstream.asked[-1]["raw"] == big


def test_who_is_refused_cannot_go_by_way_of_files_or_of_engines_own_paths(place: Any) -> None:
    placed = place(acting())
    with pytest.raises(openai.PermissionDeniedError):
        placed.openai("sk-campaign").get("/files", cast_to=object)
    assert placed.openai().get("/files", cast_to=object)
    for path in ("/generate", "/inference/v1/generate", "/v1/chat/completions/batch", "/tokenize", "/"):
        assert asyncio.run(_post(placed, b"{}", path=path))[0] == 404
    assert [one["path"] for one in placed.upstream.asked] == ["/v1/files"]


def test_bodies_go_on_to_the_byte_and_headers_but_those_of_the_connection(place: Any) -> None:
    placed = place(acting())
    body = b'{ "model":"m",  "seed": 12345678901234567890123, "messages":[{"role":"user","content":"\\u00e9"}]}'
    asyncio.run(_post(placed, body, {"x-own": "1", "connection": "x-hop", "x-hop": "2"}))
    (asked,) = placed.upstream.asked
    assert asked["raw"] == body and asked["headers"][b"x-own"] == b"1" and b"x-hop" not in asked["headers"]
    assert asked["headers"][b"host"].startswith(b"127.0.0.1:")


async def _post(
    placed: Placed, body: bytes, headers: dict[str, str] | None = None, path: str = "/v1/chat/completions"
) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as session, session.post(
        URL(placed.address + path, encoded=True), data=body, headers={"authorization": "Bearer sk-honest", **(headers or {})}
    ) as answer:  # fmt: skip
        return answer.status, await answer.read()


@pytest.mark.parametrize(
    ("do", "status", "code"),
    [
        ("refuse", 403, "request_refused"),
        ("hold", 403, "request_refused"),
        ({"require_verification": {"level": "phone"}}, 403, "verification_required"),
        ({"slow_down": {"per_minute": 0.1}}, 429, "rate_limit_exceeded"),
        ({"token_budget": {"tokens": 5, "every": "1d", "of": "campaign"}}, 429, "rate_limit_exceeded"),
    ],
)
def test_who_is_refused_is_told_where_to_appeal_and_nothing_else(place: Any, do: Any, status: int, code: str) -> None:
    placed = place(acting(do=do, reason="the secret reason"))
    client = placed.openai("sk-campaign")
    with pytest.raises(openai.APIStatusError) as refused:
        for _ in range(2):  # the first is within the rate
            client.chat.completions.create(model="m", messages=ASKED)
    answer = refused.value.response
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers["x-decision-id"].startswith("D-") and answer.headers["x-decision-id"] in answer.text
    assert status == 429 or "https://example.com/appeal" in answer.text
    assert not any(word in answer.text for word in ("stop", "secret", "C-1", "harvest", "campaign"))
    with pytest.raises(anthropic.APIStatusError) as other:
        placed.anthropic("sk-campaign").messages.create(model="m", max_tokens=9, messages=ASKED)
    assert other.value.status_code == status and other.value.body["type"] == "error"
    assert placed.openai().chat.completions.create(model="m", messages=ASKED).choices, "and nobody else is"


def test_edits_of_a_request(place: Any) -> None:
    placed = place(acting(do=["drop_logprobs", {"cap_n": {"n": 1}}]))
    given = {"model": "m", "messages": ASKED, "logprobs": True, "top_logprobs": 3, "n": 4}
    placed.openai("sk-campaign").chat.completions.create(**given)
    placed.openai("sk-honest").chat.completions.create(**given)
    changed, same = (one["body"] for one in placed.upstream.asked)
    assert "logprobs" not in changed and "top_logprobs" not in changed and changed["n"] == 1
    assert same == given


def test_a_rule_about_the_newest_message(place: Any, tmp_path: Path) -> None:
    when = 'account.id == "honest" && "C-1" in request.templates'
    files(tmp_path, acting(when=when, do={"cap_n": {"n": 1}}, limit={"honest": 1}))
    templates_here.write(tmp_path / "out", [("C-1", FRAME.format(""))])
    placed, fits = place(again=True), FRAME.format("?")
    for key, *texts in (("honest", "Hello", fits), ("honest", fits, "Hello"), ("campaign", "Hello", fits)):
        talk = [{"role": "user", "content": text} for text in texts]
        placed.openai(f"sk-{key}").chat.completions.create(model="m", messages=talk, n=4)
    assert [one["body"]["n"] for one in placed.upstream.asked] == [1, 4, 4]
    assert [row["prompt"] for row in placed.rows(wanted=3)] == [fits, "Hello", fits]


def test_fields_that_engines_run_are_stripped_from_everybody(place: Any) -> None:
    placed = place(acting())
    extra = {"custom_logit_processor": "gASV", "logit_bias": {"1": 5}, "watermark": {"key": "00"}}
    placed.openai().chat.completions.create(model="m", messages=ASKED, extra_body=extra)
    assert placed.upstream.asked[-1]["body"] == {"model": "m", "messages": ASKED}


def test_a_live_rule_without_a_backtest_is_a_shadow_and_said(place: Any) -> None:
    placed = place(acting(), backtested=False)
    assert placed.openai("sk-campaign").chat.completions.create(model="m", messages=ASKED).choices
    assert any("rule stop is live and acts as a shadow: no backtest" in line for line in placed.said)
    assert placed.rows("decisions")[0]["shadow"] == ["stop"]


def test_budgets_hold_to_the_token_over_streams_that_run_at_once(place: Any) -> None:
    """Rounds of 64 streams of two accounts of a campaign, until none gets through any more."""
    placed = place(acting(do={"token_budget": {"tokens": 3_000, "every": "1d", "of": "campaign"}}))
    placed.upstream.output_tokens, placed.upstream.pace = 30, 0.01

    async def one(session: aiohttp.ClientSession, place: int) -> int:
        body = {
            "model": "m",
            "messages": ASKED,
            "stream": True,
            "max_tokens": 30,
            "stream_options": {"include_usage": True},
        }
        key = {"authorization": f"Bearer {'sk-campaign' if place % 2 else 'sk-other'}"}
        async with session.post(f"{placed.address}/v1/chat/completions", json=body, headers=key) as answer:
            text = await answer.read()
        if answer.status == 429:
            return 0
        assert text.endswith(b"data: [DONE]\n\n")
        (usage,) = [line for line in text.splitlines() if b'"usage"' in line]
        return int(orjson.loads(usage.removeprefix(b"data: "))["usage"]["total_tokens"])

    async def rounds() -> int:
        used = 0
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            while more := sum(await asyncio.gather(*(one(session, number) for number in range(64)))):
                used += more
        return used

    used, reserved = asyncio.run(rounds()), len(placed.upstream.asked[0]["raw"]) + LEAST_ANSWER
    assert used <= 3_000 and 3_000 - used < reserved, used


def test_a_budget_limits_an_answer_to_what_is_left(place: Any) -> None:
    placed = place(acting(do={"token_budget": {"tokens": 400, "every": "1d", "of": "account"}}))
    placed.openai("sk-campaign").chat.completions.create(model="m", messages=ASKED)
    placed.openai("sk-campaign").chat.completions.create(model="m", messages=ASKED, max_completion_tokens=1_000)
    first, second = (one["body"]["max_completion_tokens"] for one in placed.upstream.asked)
    longer = len(placed.upstream.asked[1]["raw"]) - len(placed.upstream.asked[0]["raw"])
    assert second > 0 and abs(first - 12 - second) < 60 + longer, (
        "twelve were used; the rest of what was reserved came back"
    )


def test_the_log_is_one_that_scan_reads(place: Any, stillwatch: Any) -> None:
    placed = place(acting())
    placed.openai().chat.completions.create(model="m", messages=ASKED, stream=True).close()
    list(placed.openai().chat.completions.create(model="m", messages=ASKED, stream=True))
    with pytest.raises(openai.PermissionDeniedError):
        placed.openai("sk-campaign").chat.completions.create(model="m", messages=ASKED)
    rows = placed.rows(wanted=3)
    whole = next(
        row for row in rows if row["account_id"] == "honest" and row["status"] == 200 and row["output_tokens"] == 5
    )
    assert (whole["prompt"], whole["input_tokens"], whole["finish_reason"]) == ("What is the answer?", 7, "stop")
    refused = next(row for row in rows if row["account_id"] == "campaign")
    assert refused["status"] == 403 and "sk-" not in str(rows)
    (decision,) = placed.rows("decisions")
    assert decision["live"] == ["stop"] and decision["exchange_id"] == refused["exchange_id"]
    assert decision["facts"] == {"account.verdict": "campaign"} and decision["found_until"].startswith("2026-02-01")
    code, said, _ = stillwatch("scan", placed.folder / "log", "--out", placed.folder / "scanned", "--json")
    assert code == 0 and json.loads(said)["totals"]["exchanges"] == 3


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"{", 400, "not JSON"),
        (b"[]", 400, "JSON object"),
        (b"\xff\xfe", 400, "not JSON"),
        (b"[" * 100_000, 400, "cannot be read"),
        (b'{"model": "broken", "messages": []}', 500, "out of memory"),
    ],
)
def test_malformed_requests_and_errors_of_the_model(place: Any, body: bytes, status: int, told: str) -> None:
    found, text = asyncio.run(_post(place(acting()), body))
    assert found == status and told in text.decode()


def test_a_compressed_body_is_told_to_be_one(place: Any) -> None:
    packed = gzip.compress(b'{"model": "m", "messages": []}')
    status, text = asyncio.run(_post(place(acting()), packed, {"content-encoding": "gzip"}))
    assert status == 400 and b"is compressed" in text


def test_bodies_beyond_the_limit(place: Any) -> None:
    placed = place(acting())
    assert asyncio.run(_post(placed, b" " * (100 << 20) + b"{}"))[0] == 413
    assert asyncio.run(_post(placed, b'{"model": "m", "messages": [], "x": "' + b"y" * (20 << 20) + b'"}'))[0] == 200


def test_a_stream_that_breaks_off_is_seen_to_and_charged_for_what_came(place: Any) -> None:
    placed = place(acting(do={"token_budget": {"tokens": 2_000, "every": "1d", "of": "campaign"}}))
    placed.upstream.words, placed.upstream.breaks_off_after = ["word "] * 99, 40
    client = placed.openai("sk-campaign")
    with pytest.raises((openai.APIError, httpx2.HTTPError)):
        list(client.chat.completions.create(model="m", messages=ASKED, stream=True, max_tokens=1_500))
    placed.upstream.breaks_off_after = 0
    limit = 1_500  # of which some fifty tokens are gone, and no more
    client.chat.completions.create(model="m", messages=ASKED, max_tokens=limit)
    assert placed.upstream.asked[-1]["body"]["max_tokens"] == limit


def test_a_model_that_falls_silent_is_given_up(place: Any, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[guard]\nquiet_seconds = 0.5\n")
    placed = place(acting(), options=("--config", str(tmp_path / "settings.toml")))
    client, model = placed.openai(), placed.upstream

    def streamed() -> int:
        return len(list(client.chat.completions.create(model="m", messages=ASKED, stream=True)))

    model.pace = 0.3
    assert streamed() == len(WORDS) + 1, "it takes far longer than that, and is never silent as long"
    model.pace = 3.0
    with pytest.raises((openai.APIError, httpx2.HTTPError)):
        streamed()
    model.pace, model.thinks = 0.0, 3.0
    with pytest.raises(openai.APIStatusError) as late:
        client.chat.completions.create(model="m", messages=ASKED)
    assert late.value.status_code == 504


def test_a_client_that_sends_its_body_too_slowly(place: Any, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[guard]\nbody_seconds = 0.5\n")
    placed = place(acting(), options=("--config", str(tmp_path / "settings.toml")))
    host, _, port = placed.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{")
        told = b"".join(iter(lambda: line.recv(65_536), b""))  # until the guard closes the line
    assert b" 408 " in told.splitlines()[0] and b"has not come in time" in told
    assert placed.openai().chat.completions.create(model="m", messages=ASKED).choices


def test_a_model_that_is_away(place: Any) -> None:
    placed = place(acting(), options=("-u", f"http://127.0.0.1:{free_port()}"))
    status, text = asyncio.run(_post(placed, b'{"model": "m", "messages": []}'))
    assert status == 502 and b"cannot be reached" in text


def test_a_client_that_hangs_up_ends_the_models_work_and_gets_its_tokens_back(place: Any) -> None:
    placed = place(acting(do={"token_budget": {"tokens": 1_000, "every": "1d", "of": "campaign"}}))
    placed.upstream.words, placed.upstream.pace = ["word "] * 500, 0.02
    stream = placed.openai("sk-campaign").chat.completions.create(
        model="m", messages=ASKED, stream=True, max_tokens=990
    )
    next(iter(stream))
    stream.close()
    for _ in range(200):
        if placed.upstream.hung_up:
            break
        time.sleep(0.02)
    assert placed.upstream.hung_up == 1
    placed.upstream.words, placed.upstream.pace = WORDS, 0.0
    again = placed.openai("sk-campaign").chat.completions.create(model="m", messages=ASKED, max_tokens=500)
    assert again.choices, "what was not answered was given back"


def test_pages_of_its_own(place: Any) -> None:
    placed = place(acting())
    with pytest.raises(openai.PermissionDeniedError):
        placed.openai("sk-campaign").chat.completions.create(model="m", messages=ASKED)

    async def page(path: str, at: str = placed.inside, status: int = 200) -> str:
        async with aiohttp.ClientSession() as session, session.get(at + path) as answer:
            assert answer.status == status, path
            return await answer.text()

    assert json.loads(asyncio.run(page("/healthz")))["status"] == "ok"
    metrics = asyncio.run(page("/metrics"))
    assert 'stillwatch_guard_decisions_total{what="refuse"} 1.0' in metrics
    assert 'stillwatch_guard_rule_acting{rule="stop"} 1.0' in metrics and "sk-" not in metrics
    for path in ("/healthz", "/metrics", "/auth", "/ext_authz/", "/beta/litellm_basic_guardrail_api"):
        asyncio.run(page(path, placed.address, 404))  # what customers see
    asyncio.run(page("/asked/at/a/place/of/its/own", status=404))
