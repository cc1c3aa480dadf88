"""LiteLLM's real proxy with the guard inside, and with one that it asks; its configuration is the one of docs/guard.md."""

from __future__ import annotations

import contextlib
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anthropic
import litellm_here
import openai
import orjson
import pytest
import redis_here
from guard_files import acting, files
from guard_placed import guards
from litellm_here import CLAUDE
from upstream_here import WORDS, Upstream, served

TEXT = "".join(WORDS)
ASKED: Any = [{"role": "user", "content": "What is the answer?"}]
BUDGET = 2_000  # tokens, less than an answer may have: what is left of them is the limit that the model is asked with

# What is done to a campaign's accounts, by the model that they ask: each test has one of its own.
RULES = {
    "refused": "refuse", "held": "hold", "unproven": {"require_verification": {"level": "phone"}},
    "slow": {"slow_down": {"per_minute": 0.1}}, "plain": ["drop_logprobs", {"cap_n": {"n": 1}}], "noted": "log",
    "budgeted": {"token_budget": {"tokens": BUDGET, "every": "1d", "of": "account"}},
}  # fmt: skip
OTHERS = {
    "free": [],
    "asked": ["asked"],
    "away": ["away"],
    "closed": ["closed"],
    "failing": ["failing"],
    "budgeted-dropped": ["dropping"],
}
_FAILING = """
import asyncio
from collections import Counter
from types import SimpleNamespace

from litellm.integrations.custom_guardrail import CustomGuardrail
from stillwatch.guard.litellm import StillwatchGuardrail


class Failing(StillwatchGuardrail):
    async_pre_call_hook = StillwatchGuardrail.async_pre_call_hook

    def __init__(self, **settings):
        CustomGuardrail.__init__(self, **settings)
        self._gate = SimpleNamespace(guard=SimpleNamespace(counts=Counter()))

    async def _entered(self, data, call_type, auth):
        raise RuntimeError("a mistake of ours")


class Dropping(CustomGuardrail):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        raise asyncio.CancelledError
"""


@dataclass
class Proxy:
    """LiteLLM in front of a model's server, with guards."""

    address: str
    upstream: Upstream
    log: Path

    def chat(self, user: str = "campaign") -> Any:
        client = openai.OpenAI(api_key=f"sk-{user}", base_url=f"{self.address}/v1", max_retries=0)
        return client.chat.completions

    def messages(self, user: str = "campaign") -> Any:
        return anthropic.Anthropic(api_key=f"sk-{user}", base_url=self.address, max_retries=0).messages

    def left(self, user: str, **asked: Any) -> int:
        """What of a budget was left for the answer of another request; its own use is 12 tokens."""
        self.chat(user).create(model="budgeted", messages=ASKED, **asked)
        return int(self.upstream.asked[-1]["body"]["max_tokens"])

    def row(self, of: str, **having: str) -> dict[str, Any]:
        """Of the log, once it is written."""
        for _ in range(60):
            lines = [
                line for path in sorted((self.log / of).glob("*.jsonl")) for line in path.read_bytes().splitlines()
            ]
            rows = [row for line in lines if having.items() <= (row := orjson.loads(line)).items()]
            if rows:
                (row,) = rows
                return dict(row)
            time.sleep(0.05)
        raise AssertionError(f"no row of {of} with {having}")


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """One for all tests: it takes longer to start than they take."""
    if reason := litellm_here.missing():
        (pytest.fail if redis_here.wanted() else pytest.skip)(reason)
    folder, upstream = tmp_path_factory.mktemp("inside"), Upstream()
    files(
        folder,
        *(
            acting(id=model, do=do, scope={"models": [model, f"{model}{CLAUDE}", f"{model}-dropped", f"{model},free"]})
            for model, do in RULES.items()
        ),
    )
    named = {"policy": "policy.yaml", "result": "out", "log": "log"}
    variables = {f"STILLWATCH_GUARD_{name.upper()}": str(folder / value) for name, value in named.items()}
    with contextlib.ExitStack() as stack:
        placed = stack.enter_context(guards(tmp_path_factory.mktemp("asked")))(acting())
        inside, asked = litellm_here.documented(placed.inside)
        away = {"guardrail": "generic_guardrail_api", "mode": "pre_call", "api_base": "http://127.0.0.1:9"}
        guardrails = [
            inside,
            {**asked, "litellm_params": {**asked["litellm_params"], "default_on": False}},
            {"guardrail_name": "away", "litellm_params": {**asked["litellm_params"], **away, "default_on": False}},
            {"guardrail_name": "closed", "litellm_params": away},
            {"guardrail_name": "dropping", "litellm_params": {"guardrail": "failing.Dropping", "mode": "pre_call"}},
            {"guardrail_name": "failing", "litellm_params": {"guardrail": "failing.Failing", "mode": "pre_call"}},
        ]
        models: dict[str, list[str]] = {**{model: [] for model in RULES}, **OTHERS}
        models |= {model + CLAUDE: own for model, own in models.items()}
        address = stack.enter_context(
            litellm_here.proxied(
                folder / "proxy",
                stack.enter_context(served(upstream)),
                models,
                guardrails,
                {"failing.py": _FAILING},
                **variables,
            )
        )
        yield Proxy(address, upstream, folder / "log")


@pytest.mark.parametrize("model", ["free", "refused", "budgeted", "asked", "away", "failing"])
def test_an_honest_user_notices_nothing(proxy: Proxy, model: str) -> None:
    chat = proxy.chat("honest")
    answer = chat.with_raw_response.create(model=model, messages=ASKED)
    assert answer.parse().choices[0].message.content == TEXT and "x-decision-id" not in answer.headers
    chunks = list(chat.create(model=model, messages=ASKED, stream=True))
    assert "".join(one.choices[0].delta.content or "" for one in chunks) == TEXT
    assert all(one.choices and one.usage is None for one in chunks), "the chunk that only LiteLLM asked for"
    (*_, last) = chat.create(model=model, messages=ASKED, stream=True, stream_options={"include_usage": True})
    assert last.usage.total_tokens == 12
    with proxy.messages("honest").stream(model=model + CLAUDE, max_tokens=99, messages=ASKED) as stream:
        assert stream.get_final_message().usage.output_tokens == 5
    assert proxy.upstream.asked[-2]["body"].keys() == {"model", "messages", "stream", "stream_options"}


@pytest.mark.parametrize(
    ("model", "error", "told"),
    [
        ("refused", openai.PermissionDeniedError, "This request cannot be answered."),
        ("held", openai.PermissionDeniedError, "This request waits for a review by a person."),
        ("unproven", openai.PermissionDeniedError, "Please verify a phone number"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_campaign_is_told_its_decision_and_nothing_else(
    proxy: Proxy, model: str, error: type[openai.APIStatusError], told: str, stream: bool
) -> None:
    before = len(proxy.upstream.asked)
    with pytest.raises(error) as refused:
        proxy.chat().create(model=model, messages=ASKED, stream=stream)
    body, number = refused.value.body, refused.value.response.headers["x-decision-id"]
    assert isinstance(body, dict) and body["message"].startswith(told) and body["type"] == "permission_error"
    assert body["message"].endswith(f"Decision {number}. To have it looked at again: https://example.com/appeal")
    assert "inside" not in refused.value.response.text and len(proxy.upstream.asked) == before


def test_anthropics_client_is_refused_in_its_own_shape(proxy: Proxy) -> None:
    with pytest.raises(anthropic.PermissionDeniedError) as refused:
        proxy.messages().create(model="refused" + CLAUDE, max_tokens=99, messages=ASKED)
    body = refused.value.response.json()
    assert body["type"] == "error" and body["error"]["type"] == "permission_error"
    assert "https://example.com/appeal" in body["error"]["message"]


def test_whoever_may_not_be_answered_is_not_drawn_anything_either(proxy: Proxy) -> None:
    client = openai.OpenAI(api_key="sk-campaign", base_url=f"{proxy.address}/v1", max_retries=0)
    before = len(proxy.upstream.asked)
    with pytest.raises(openai.PermissionDeniedError):
        client.embeddings.create(model="refused", input="What is the answer?")
    assert len(proxy.upstream.asked) == before


def test_rates_say_when_to_come_again(proxy: Proxy) -> None:
    proxy.chat().create(model="slow", messages=ASKED)
    with pytest.raises(openai.RateLimitError) as slowed:
        proxy.chat().create(model="slow", messages=ASKED)
    assert int(slowed.value.response.headers["retry-after"]) > 60 and "Too many requests" in str(slowed.value)
    proxy.chat("honest").create(model="slow", messages=ASKED)


def test_requests_are_edited_on_their_way(proxy: Proxy) -> None:
    asked = {"n": 9, "logprobs": True, "top_logprobs": 5, "temperature": 0.5}
    extra = {"logit_bias": {"1": 1}, "vllm_xargs": {"watermark": False}, "watermark": {"key": 1}}
    proxy.chat().create(model="plain", messages=ASKED, **asked, extra_body=extra)
    plain = {"model": "plain", "messages": ASKED, "temperature": 0.5}
    assert proxy.upstream.asked[-1]["body"] == {**plain, "n": 1}
    proxy.chat("honest").create(model="plain", messages=ASKED, **asked, extra_body=extra)
    assert proxy.upstream.asked[-1]["body"] == {**plain, **asked}, "hygiene is for everybody, what rules do is not"


def test_budgets_are_settled_to_the_token(proxy: Proxy) -> None:
    first = proxy.left("campaign")
    assert BUDGET - 200 < first < BUDGET and proxy.left("campaign") == first - 12, "of an answer in one piece"
    list(proxy.chat().create(model="budgeted", messages=ASKED, stream=True))
    assert proxy.left("campaign") == first - 36, "of a stream that tells its usage to LiteLLM alone"
    list(proxy.chat().create(model="budgeted", messages=ASKED, stream=True, stream_options={"include_usage": True}))
    assert proxy.left("campaign") == first - 60, "and to the client"
    with proxy.messages().stream(model="budgeted" + CLAUDE, max_tokens=99, messages=ASKED) as stream:
        stream.get_final_message()
    assert proxy.left("campaign") == first - 84, "and of Anthropic's interface"
    proxy.left("campaign", extra_body={"guardrails": ["inside"]})
    list(proxy.chat().create(model="budgeted", messages=ASKED, stream=True, extra_body={"guardrails": ["inside"]}))
    assert proxy.left("campaign") == first - 120, "whoever names the guardrail has no other"
    proxy.chat().create(model="budgeted,free", messages=ASKED)
    assert proxy.left("campaign") == first - 156, "LiteLLM asks every model of a list"


def test_a_call_that_failed_costs_nothing_and_one_that_broke_off_what_came(proxy: Proxy) -> None:
    first = proxy.left("other")
    proxy.upstream.fails = True
    with pytest.raises(openai.InternalServerError):
        proxy.chat("other").create(model="budgeted", messages=ASKED)
    with pytest.raises(openai.APIError):
        list(proxy.chat("other").create(model="budgeted", messages=ASKED, stream=True))
    proxy.upstream.fails = False
    assert proxy.left("other") == first - 12
    proxy.upstream.pace, proxy.upstream.words = 0.05, ["four"] * 100
    with proxy.chat("other").create(model="budgeted", messages=ASKED, stream=True) as stream:
        for _ in range(10):
            next(iter(stream))
    proxy.upstream.pace, proxy.upstream.words = 0.0, list(WORDS)
    assert 15 <= first - 24 - proxy.left("other") < 60, "input by its length, and a token for four bytes that came"


def test_a_request_that_ends_without_any_hook_costs_nothing(proxy: Proxy) -> None:
    first = proxy.left("other")
    with pytest.raises(openai.InternalServerError):
        proxy.chat("other").create(model="budgeted-dropped", messages=ASKED)
    assert proxy.left("other") == first - 12


def test_exchanges_and_decisions_are_written_down(proxy: Proxy) -> None:
    with pytest.raises(openai.PermissionDeniedError) as refused:
        proxy.chat().create(model="held", messages=ASKED)
    list(proxy.chat("campaign").create(model="noted", messages=ASKED, stream=True, max_tokens=50, user="end"))
    row = proxy.row("exchanges", account_id="campaign", model="noted")
    assert (row["prompt"], row["status"], row["input_tokens"], row["output_tokens"]) == (ASKED[0]["content"], 200, 7, 5)
    assert (row["max_tokens"], row["stream"], row["end_user_id"], row["client_ip"]) == (50, True, "end", "127.0.0.1")
    assert row["user_agent"].startswith("OpenAI/Python") and row["finish_reason"] == "stop"
    assert proxy.row("decisions", exchange_id=row["exchange_id"])["live"] == ["noted"]
    number = refused.value.response.headers["x-decision-id"]
    assert proxy.row("decisions", decision_id=number)["done"] == ["hold"]


@pytest.mark.parametrize(
    "way",
    [
        '"litellm_metadata": "user_api_key_hash"', '"metadata": {"user_api_key_user_id": "honest"}', '"guardrails": []',
        '"litellm_metadata": {"user_api_key_hash": "x", "user_api_key_user_id": "honest"}', '"user": "\\ud800"',
        '"disable_global_guardrails": true', f'"x": {"[" * 900}{"]" * 900}', f'"x": {"[" * 1000}{"]" * 1000}',
        '"model": "free,refused"', f'"seed": {"9" * 40}',
    ],
)  # fmt: skip
def test_what_stands_in_a_body_is_no_way_around(proxy: Proxy, way: str) -> None:
    before = len(proxy.upstream.asked)
    body = f'{{"model": "refused", "messages": [{{"role": "user", "content": "What?"}}], {way}}}'
    headers = {"authorization": "Bearer sk-campaign", "content-type": "application/json"}
    request = urllib.request.Request(f"{proxy.address}/v1/chat/completions", body.encode(), headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code in (400, 403) and len(proxy.upstream.asked) == before


@pytest.mark.parametrize("stream", [False, True])
def test_a_guard_that_litellm_asks(proxy: Proxy, stream: bool) -> None:
    before = len(proxy.upstream.asked)
    with pytest.raises(openai.BadRequestError, match=r"https://example\.com/appeal"):
        proxy.chat().create(model="asked", messages=ASKED, stream=stream)
    assert len(proxy.upstream.asked) == before


def test_while_the_guard_is_away_litellm_does_as_it_is_told(proxy: Proxy) -> None:
    proxy.chat().create(model="away", messages=ASKED)
    with pytest.raises(openai.InternalServerError):
        proxy.chat("honest").create(model="closed", messages=ASKED)


def test_a_mistake_of_ours_lets_everybody_pass(proxy: Proxy) -> None:
    assert proxy.chat().create(model="failing", messages=ASKED).choices[0].message.content == TEXT
