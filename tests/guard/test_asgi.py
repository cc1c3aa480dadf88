"""The guard as a layer in front of an ASGI app: the same as the proxy does, without a connection in between."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import orjson
import pytest
from guard_files import acting, files
from upstream_here import WORDS, Upstream, served

from stillwatch.errors import BadConfiguration
from stillwatch.guard.asgi import Guarded
from stillwatch.guard.setup import from_environment

TEXT = "".join(WORDS)
ASKED = [{"role": "user", "content": "What is the answer?"}]


def environment(folder: Path, monkeypatch: pytest.MonkeyPatch, *rules: dict[str, Any], **settings: str) -> None:
    files(folder, *rules)
    paths = {"policy": "policy.yaml", "result": "out", "keys": "keys.jsonl", "log": "log"}
    for name, value in {**{name: str(folder / path) for name, path in paths.items()}, **settings}.items():
        monkeypatch.setenv(f"STILLWATCH_GUARD_{name.upper()}", value)


@pytest.fixture
def layered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Serves an app behind a layer that sets itself up from the environment: its address, and the app."""
    servers: list[Any] = []

    def put(*rules: dict[str, Any], app: Any = None, **settings: str) -> tuple[str, Any]:
        environment(tmp_path, monkeypatch, *rules, **settings)
        app = app or Upstream()
        servers.append(served(Guarded(app)))
        return servers[-1].__enter__(), app

    yield put
    for one in servers:
        one.__exit__(None, None, None)


def test_clients_notice_nothing_and_a_campaign_is_refused(layered: Any) -> None:
    address, _ = layered(acting())
    chat = openai.OpenAI(api_key="sk-honest", base_url=f"{address}/v1", max_retries=0).chat.completions
    assert chat.create(model="m", messages=ASKED).choices[0].message.content == TEXT
    events = list(chat.create(model="m", messages=ASKED, stream=True))
    assert "".join(one.choices[0].delta.content or "" for one in events) == TEXT
    messages = anthropic.Anthropic(api_key="sk-honest", base_url=address, max_retries=0).messages
    with messages.stream(model="m", max_tokens=99, messages=ASKED) as stream:
        assert stream.get_final_message().usage.output_tokens == 5
    with pytest.raises(openai.PermissionDeniedError) as refused:
        openai.OpenAI(api_key="sk-campaign", base_url=f"{address}/v1").chat.completions.create(
            model="m", messages=ASKED
        )
    assert "https://example.com/appeal" in str(refused.value)


def test_edited_bodies_have_their_new_length(layered: Any) -> None:
    address, app = layered(acting(do={"cap_n": {"n": 1}}))
    chat = openai.OpenAI(api_key="sk-campaign", base_url=f"{address}/v1", max_retries=0).chat.completions
    chat.create(model="m", messages=ASKED, n=100, extra_body={"logit_bias": {"1": 1}})
    (asked,) = app.asked
    assert asked["body"] == {"model": "m", "messages": ASKED, "n": 1}
    assert int(asked["headers"][b"content-length"]) == len(asked["raw"])


def test_budgets_count_what_passes(layered: Any) -> None:
    address, app = layered(acting(do={"token_budget": {"tokens": 1_000, "every": "1d", "of": "campaign"}}))
    chat = openai.OpenAI(api_key="sk-campaign", base_url=f"{address}/v1", max_retries=0).chat.completions
    passed = 0
    with pytest.raises(openai.RateLimitError):
        for _ in range(200):
            list(chat.create(model="m", messages=ASKED, stream=True, max_tokens=20))
            passed += 1
    assert passed == len(app.asked) and 12 * passed <= 1_000 and 12 * passed > 1_000 - 12 - 200


def test_what_no_model_answers_passes_unread_for_whoever_may_be_answered(layered: Any) -> None:
    address, _ = layered(acting())
    client = openai.OpenAI(api_key="sk-honest", base_url=f"{address}/v1", max_retries=0)
    assert client.models.list().model_dump()["path"] == "/v1/models"
    assert client.post("/files", content=b"\0" * 99, cast_to=object)["bytes"] == 99  # type: ignore[index]
    with pytest.raises(openai.PermissionDeniedError):
        openai.OpenAI(api_key="sk-campaign", base_url=f"{address}/v1", max_retries=0).models.list()


def asks(address: str, path: str, body: Any = None, key: str = "sk-honest", **headers: str) -> httpx2.Response:
    if key:
        headers["authorization"] = f"Bearer {key}"
    return httpx2.request("POST" if body is not None else "GET", f"{address}{path}", json=body, headers=headers)


CHAT = {"model": "m", "messages": ASKED}


def test_sagemakers_path_is_read_as_what_its_body_is(layered: Any) -> None:
    address, app = layered(acting(do=["drop_logprobs", {"cap_n": {"n": 1}}]))
    asks(address, "/invocations", {**CHAT, "n": 9, "logit_bias": {"1": 1}}, "sk-campaign")
    asks(address, "/invocations", {"model": "m", "prompt": "a", "logprobs": 5}, "sk-campaign")
    assert [orjson.loads(one["raw"]) for one in app.asked] == [{**CHAT, "n": 1}, {"model": "m", "prompt": "a"}]


def test_a_model_that_a_header_names_is_the_one_that_rules_are_for(layered: Any) -> None:
    address, _ = layered(acting(scope={"models": ["large"]}))
    named = {"x-amzn-sagemaker-adapter-identifier": "large"}
    asked = [("/invocations", {}), ("/invocations", named), ("/v1/chat/completions", named)]
    assert [asks(address, path, CHAT, "sk-campaign", **more).status_code for path, more in asked] == [200, 403, 200]


@pytest.mark.parametrize(
    ("path", "honest", "campaign"),
    [
        ("/generative_scoring", 404, 404),
        ("/generate", 404, 404),
        ("/inference/v1/generate", 404, 404),
        ("/v1/chat/completions/batch", 404, 404),
        ("/v1/chat/completions/render/", 404, 404),
        ("/v1/load_lora_adapter", 404, 404),
        ("/collective_rpc", 404, 404),
        ("/tokenize", 200, 403),
        ("/v1/messages/count_tokens", 200, 403),
        ("/v1/responses/resp_1", 200, 403),
        ("/v1/score", 200, 403),
        ("/pooling", 200, 403),  # named
        ("/pages/one/two", 200, 403),  # below one that is
        ("/pooling/more", 404, 404),
        ("/health", 200, 200),
        ("/metrics/", 200, 200),
    ],
)
def test_other_paths(layered: Any, path: str, honest: int, campaign: int) -> None:
    address, _ = layered(acting(), passes="/pooling, /pages/")
    assert [asks(address, path, {}, key).status_code for key in ("sk-honest", "sk-campaign")] == [honest, campaign]


def test_monitors_have_no_account_and_browsers_ask_before_they_send_a_key(layered: Any) -> None:
    address, app = layered(acting(when="account.id == ''", limit={"honest": 9}))
    assert asks(address, "/health", key="").status_code == 200
    assert asks(address, "/v1/chat/completions", CHAT, "").status_code == 403
    httpx2.options(f"{address}/v1/chat/completions", headers={"origin": "https://example.com"})
    assert [one["path"] for one in app.asked] == ["/health", "/v1/chat/completions"]


def test_a_root_path_is_not_part_of_the_path(layered: Any) -> None:
    app = Upstream()

    async def below(scope: Any, receive: Any, send: Any) -> None:
        await Guarded(app)({**scope, "root_path": "/api"}, receive, send)

    environment_of = layered(acting())  # sets the variables that the layer reads
    with served(below) as address:
        answers = [asks(address, path, {}, "sk-campaign").status_code for path in ("/api/health", "/api/generate")]
        assert answers == [200, 404] and environment_of
        assert asks(address, "/api/v1/chat/completions", CHAT, "sk-campaign").status_code == 403


def test_kept_fields_are_let_through(layered: Any) -> None:
    address, app = layered(acting(), keep="kv_transfer_params")
    asks(address, "/v1/chat/completions", {**CHAT, "kv_transfer_params": {"a": 1}, "prompt_logprobs": 1})
    assert app.asked[0]["body"] == {**CHAT, "kv_transfer_params": {"a": 1}}


def test_a_completion_without_a_limit_keeps_the_interfaces_own(layered: Any) -> None:
    address, app = layered(acting(do={"token_budget": {"tokens": 100_000, "every": "1d"}}))
    asks(address, "/v1/completions", {"model": "m", "prompt": "a"}, "sk-campaign")
    asks(address, "/v1/chat/completions", CHAT, "sk-campaign")
    assert [app.asked[0]["body"]["max_tokens"], app.asked[1]["body"]["max_completion_tokens"]] == [16, 8_192]


def test_each_of_several_prompts_is_answered_from_what_is_left(layered: Any) -> None:
    address, app = layered(acting(do={"token_budget": {"tokens": 1_000, "every": "1d"}}))
    body = {"model": "m", "prompt": ["a"] * 20, "n": 2, "max_tokens": 100}
    assert asks(address, "/v1/completions", body, "sk-campaign").status_code == 200
    assert 40 * app.asked[0]["body"]["max_tokens"] <= 1_000
    assert asks(address, "/v1/completions", {**body, "prompt": ["a"] * 100}, "sk-campaign").status_code == 429


class Spoken:
    """An app with a websocket, that says when it starts and ends."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})
            return
        for _ in range(2):
            event = (await receive())["type"]
            self.said.append(event)
            await send({"type": f"{event}.complete"})


async def opened(path: str, key: str, **scope: Any) -> list[Any]:
    """What a websocket is told."""
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing was to be waited for")

    headers = [(b"authorization", f"Bearer {key}".encode())]
    standing = from_environment()
    layer = Guarded(Spoken(), standing.gate)
    await layer({"type": "websocket", "path": path, "headers": headers, **scope}, receive, send)
    await standing.close()
    return told


def test_websockets_are_for_whoever_may_be_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(tmp_path, monkeypatch, acting())
    assert asyncio.run(opened("/v1/realtime", "sk-honest")) == [{"type": "websocket.accept"}]
    (closed,) = asyncio.run(opened("/v1/realtime", "sk-campaign"))
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)
    start, body = asyncio.run(opened("/v1/realtime", "sk-campaign", extensions={"websocket.http.response": {}}))
    assert (start["type"], start["status"], body["type"]) == (
        "websocket.http.response.start", 403, "websocket.http.response.body",
    )  # fmt: skip
    assert b"https://example.com/appeal" in body["body"]
    (closed,) = asyncio.run(opened("/other", "sk-honest"))
    assert closed["type"] == "websocket.close"


def test_it_begins_and_ends_with_the_server(layered: Any, tmp_path: Path) -> None:
    app = Spoken()
    environment_of = layered(acting())  # sets the variables that the layer reads
    with served(Guarded(app)) as address:
        assert app.said == ["lifespan.startup"] and environment_of
        asks(address, "/v1/chat/completions", CHAT)
    assert app.said == ["lifespan.startup", "lifespan.shutdown"]
    (written,) = (tmp_path / "log/exchanges").iterdir()
    assert len(written.read_bytes().splitlines()) == 1


def test_a_mistake_in_the_policy_ends_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(tmp_path, monkeypatch, acting(), keep="model")
    told: list[Any] = []

    async def starts() -> None:
        async def receive() -> Any:
            return {"type": "lifespan.startup"}

        async def send(message: Any) -> None:
            told.append(message)

        await Guarded(Spoken())({"type": "lifespan"}, receive, send)

    asyncio.run(starts())
    assert told[0]["type"] == "lifespan.startup.failed" and "model would not be stripped" in told[0]["message"]


def test_without_a_policy_it_says_what_is_missing() -> None:
    with pytest.raises(BadConfiguration, match="STILLWATCH_GUARD_POLICY"):
        from_environment({})
