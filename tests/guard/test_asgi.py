"""The guard as a layer in front of an ASGI app: the same as the proxy does, without a connection in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from guard_files import acting, files
from upstream_here import WORDS, Upstream, served

from stillwatch.errors import BadConfiguration
from stillwatch.guard.asgi import Guarded
from stillwatch.guard.setup import from_environment

TEXT = "".join(WORDS)
ASKED = [{"role": "user", "content": "What is the answer?"}]


@pytest.fixture
def layered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Serves an app behind a layer that sets itself up from the environment: its address, and the app."""
    servers: list[Any] = []

    def put(*rules: dict[str, Any]) -> tuple[str, Upstream]:
        files(tmp_path, *rules)
        for name, value in {"policy": "policy.yaml", "result": "out", "keys": "keys.jsonl", "log": "log"}.items():
            monkeypatch.setenv(f"STILLWATCH_GUARD_{name.upper()}", str(tmp_path / value))
        app = Upstream()
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


def test_without_a_policy_it_says_what_is_missing() -> None:
    with pytest.raises(BadConfiguration, match="STILLWATCH_GUARD_POLICY"):
        from_environment({})
