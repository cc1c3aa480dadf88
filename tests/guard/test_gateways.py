"""Real gateways ask a real guard before they pass a request on, set up as docs/guard-gateways.md says."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import gateways_here
import openai
import orjson
import pytest
from gateways_here import Gateway, Silent
from guard_files import acting
from guard_placed import Placed, free_port, guards
from upstream_here import Upstream, served

CHAT, COMPLETIONS, EMBEDDINGS = "/v1/chat/completions", "/v1/completions", "/v1/embeddings"
ASKED = [{"role": "user", "content": "What is the answer?"}]
BODY = orjson.dumps({"model": "m", "messages": ASKED})
LARGE = orjson.dumps({"model": "large", "messages": ASKED})
LONG = orjson.dumps({"model": "large", "messages": [{"role": "user", "content": "x" * 1_500_000}]})  # beyond Envoy's
ELSEWHERE = "127.0.0.2"  # another address of this machine, which Linux has without being told
RULES = [
    acting(id="all", when='account.id == "campaign"'),
    acting(id="model", when='account.id == "other" && request.model == "large"'),
    acting(id="place", when=f'account.id == "other" && client.address == "{ELSEWHERE}"'),
    acting(id="endpoint", when='account.id == "other" && request.endpoint == "embeddings"'),
    acting(
        id="rate",
        when='account.id == "other" && request.endpoint == "completions"',
        do={"slow_down": {"per_minute": 0.1}},
    ),
]


def _there(name: str) -> None:
    if reason := gateways_here.missing(name):
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Placed]:
    with guards(tmp_path_factory.mktemp("guard")) as put:
        yield put(*RULES, options=("--account-header", "x-account"))


@pytest.fixture(scope="module", params=gateways_here.NAMES)
def gateway(request: Any, guarded: Placed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    _there(request.param)
    folder = tmp_path_factory.mktemp(request.param) / "here"
    with closing(Gateway(request.param, folder, guarded.inside, guarded.serves)) as one:
        yield one


@pytest.fixture
def asked(guarded: Placed) -> Iterator[list[dict[str, Any]]]:
    """What the model is asked by a test."""
    guarded.upstream.asked.clear()
    yield guarded.upstream.asked


def test_a_campaign_is_refused_and_told_where_to_appeal(gateway: Gateway, asked: list[Any]) -> None:
    client = openai.OpenAI(api_key="sk-campaign", base_url=f"http://127.0.0.1:{gateway.port}/v1", max_retries=0)
    with pytest.raises(openai.PermissionDeniedError) as refused:
        client.chat.completions.create(model="m", messages=ASKED)
    number = refused.value.response.headers["x-decision-id"]
    assert number in refused.value.message and "https://example.com/appeal" in refused.value.message
    assert refused.value.code == "request_refused" and asked == []


def test_a_stream_goes_through_as_it_comes(gateway: Gateway, guarded: Placed) -> None:
    client = openai.OpenAI(api_key="sk-honest", base_url=f"http://127.0.0.1:{gateway.port}/v1", max_retries=0)
    stream = client.chat.completions.create(model="m", messages=ASKED, stream=True)
    assert "".join(one.choices[0].delta.content or "" for one in stream) == "The answer is 42."
    hung_up, guarded.upstream.pace = guarded.upstream.hung_up, 0.3
    try:
        stream = client.chat.completions.create(model="m", messages=ASKED, stream=True)
        assert next(iter(stream)).choices[0].delta.content == "The"
        stream.close()
        for _ in range(100):
            if guarded.upstream.hung_up > hung_up:
                break
            time.sleep(0.05)
        else:
            raise AssertionError("its first word came after the last, or nobody was told that the client is gone")
    finally:
        guarded.upstream.pace = 0.0


def test_rules_about_the_body_hold_where_it_is_shown(gateway: Gateway) -> None:
    shown = 200 if gateway.name == "nginx" else 403
    assert gateway.ask(CHAT, LARGE, key="sk-other")[0] == shown
    assert gateway.ask(CHAT, BODY, key="sk-other")[0] == 200


def test_a_long_body_goes_on_whole_and_hides_nobody(gateway: Gateway, asked: list[Any]) -> None:
    assert gateway.ask(CHAT, LONG, key="sk-campaign")[0] == 403 and asked == []
    assert gateway.ask(CHAT, LONG, key="sk-honest")[0] == 200 and asked[0]["raw"] == LONG
    assert gateway.ask(CHAT, LONG, key="sk-other")[0] == (403 if gateway.name == "traefik" else 200)


def test_a_rate_is_told_with_when_to_come_again(gateway: Gateway, guarded: Placed) -> None:
    answers = [gateway.ask(COMPLETIONS, BODY, key="sk-other") for _ in range(2)]
    status, text, headers = answers[1]
    assert status == 429 and 1 < int(headers["retry-after"]) <= 600 and headers["x-decision-id"] in text.decode()


@pytest.mark.parametrize(
    "path",
    [
        EMBEDDINGS,
        "/v1/embedding%73",
        "/v1/embeddings?model=m",
        "/v1/embeddings#there",
        "//v1/embeddings",
        "/v1/embeddings/",
    ],
)
def test_a_path_written_otherwise_is_the_same_path(gateway: Gateway, asked: list[Any], path: str) -> None:
    assert gateway.ask(path, BODY, key="sk-other")[0] in (400, 403) and asked == []


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Original-URI", "/v1/models"), ("X-Forwarded-Uri", "/v1/models"), ("X-Envoy-Original-Path", "/v1/models")],
        [("Connection", "x-original-uri, x-forwarded-uri, x-forwarded-for")],
        [("X-Account", "honest"), ("X_Account", "honest")],
        [("X-Forwarded-Method", "GET"), ("X-Envoy-Auth-Partial-Body", "true"), ("X-Http-Method-Override", "GET")],
    ],
)
def test_headers_of_a_client_change_nothing(gateway: Gateway, asked: list[Any], headers: list[tuple[str, str]]) -> None:
    assert gateway.ask(EMBEDDINGS, BODY, *headers, key="sk-other")[0] in (400, 403) and asked == []


def test_a_second_key_does_not_hide_the_first(gateway: Gateway, asked: list[Any]) -> None:
    """Envoy makes one of both, which is nobody's."""
    status = gateway.ask(CHAT, BODY, ("Authorization", "Bearer made-up"), key="sk-campaign")[0]
    assert status in (400, 403) or asked[0]["headers"][b"authorization"] == b"Bearer sk-campaign,Bearer made-up"
    assert gateway.ask(CHAT, BODY, ("Authorization", "Bearer made-up"), ("X-Api-Key", "sk-campaign"))[0] == 403


@pytest.mark.skipif(sys.platform != "linux", reason=f"{ELSEWHERE} has to be added to the loopback first")
def test_where_a_client_is_says_the_gateway(gateway: Gateway) -> None:
    def status(source: str, *headers: tuple[str, str]) -> int:
        return gateway.ask(CHAT, BODY, *headers, key="sk-other", source=source)[0]

    assert status(ELSEWHERE) == status(ELSEWHERE, ("X-Forwarded-For", "192.0.2.9")) == 403
    assert status("127.0.0.1") == status("127.0.0.1", ("X-Forwarded-For", ELSEWHERE)) == 200


@pytest.mark.parametrize("name", gateways_here.NAMES)
def test_without_a_guard_requests_pass(name: str, tmp_path: Path) -> None:
    _there(name)
    upstream = Upstream()
    with served(upstream) as model, Silent() as silent:
        for number, guard in enumerate((f"http://127.0.0.1:{free_port()}", silent)):
            changes = [gateways_here.quickly(name)]
            with closing(Gateway(name, tmp_path / str(number), guard, model, changes)) as one:
                assert one.ask(CHAT, LONG, key="sk-campaign")[0] == 200 and upstream.asked[-1]["raw"] == LONG


def test_traefik_that_asks_the_guard_itself_refuses_all_without_it(tmp_path: Path) -> None:
    _there("traefik")
    with served(Upstream()) as model:
        direct = [("127.0.0.1:9000/auth", "127.0.0.1:8080/auth"), ("104857600", str(len(BODY)))]
        with closing(Gateway("traefik", tmp_path / "here", f"http://127.0.0.1:{free_port()}", model, direct)) as one:
            assert one.ask(CHAT, BODY, key="sk-honest")[:2] == (500, b"")
            assert one.ask(CHAT, LONG, key="sk-honest")[:2] == (401, b""), "longer than it may show"
