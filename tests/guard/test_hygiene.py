"""Hygiene and edits: what is changed of a body before it goes to the engine, by name, and the bytes that go."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.errors import BadConfiguration
from stillwatch.guard.checked import checked
from stillwatch.guard.decision import PASS, Decision
from stillwatch.guard.edits import edited, usage_added
from stillwatch.guard.hygiene import STRIPPED, Hygiene, cleaned
from stillwatch.guard.requests import Asked, Malformed, asked

PATHS = {
    "chat": "/v1/chat/completions", "responses": "/v1/responses", "completions": "/v1/completions",
    "embeddings": "/v1/embeddings", "messages": "/v1/messages",
}  # fmt: skip


def request(body: Any, endpoint: str = "chat") -> Asked:
    return asked(PATHS[endpoint], body if isinstance(body, bytes) else orjson.dumps(body))


def sent(
    body: Any, endpoint: str = "chat", decision: Decision = PASS, hygiene: Hygiene | None = None, **more: Any
) -> Any:
    one = request(body, endpoint)
    return json.loads(edited(one, decision, cleaned(one, hygiene or Hygiene()), **more))


@pytest.mark.parametrize(
    ("endpoint", "body", "told", "changed"),
    [
        ("chat", {"model": "m", "logit_bias": {"1": 5}}, {"model": "m"}, {"logit_bias"}),
        ("chat", {name: 1 for name in STRIPPED}, {}, STRIPPED),
        (
            "chat", {"extra_body": {"custom_logit_processor": "x", "sampling_params": {"watermark": 1, "top_k": 2}}},
            {"extra_body": {"sampling_params": {"top_k": 2}}},
            {"extra_body.custom_logit_processor", "extra_body.sampling_params.watermark"},
        ),
        ("chat", {"sampling_params": [{"custom_logit_processor": "x"}]}, {}, {"sampling_params"}),
        ("chat", {"logprobs": True, "top_logprobs": 5, "n": 128}, {"logprobs": True, "top_logprobs": 5, "n": 128}, set()),
        ("chat", {"logprobs": False, "n": None}, {"logprobs": False, "n": None}, set()),
        ("chat", {"logprobs": "yes"}, {}, {"logprobs"}),
        ("chat", {"top_logprobs": -1}, {}, {"top_logprobs"}),
        ("chat", {"top_logprobs": 50}, {"top_logprobs": 20}, {"top_logprobs"}),
        ("chat", {"top_logprobs": "all"}, {}, {"top_logprobs"}),
        ("chat", {"n": 1000}, {"n": 128}, {"n"}),
        ("chat", {"n": "500"}, {"n": 128}, {"n"}),
        ("chat", {"n": 0}, {}, {"n"}),
        ("chat", b'{"n": 1e999, "m": 1}', {"m": 1}, {"n"}),
        ("chat", {"n": True}, {}, {"n"}),
        ("completions", {"logprobs": 0, "best_of": 4}, {"logprobs": 0, "best_of": 4}, set()),
        ("completions", {"logprobs": 1000}, {"logprobs": 20}, {"logprobs"}),
        ("completions", {"logprobs": -1, "best_of": 10**12}, {}, {"logprobs", "best_of"}),
        ("completions", {"logprobs": True}, {}, {"logprobs"}),
        ("responses", {"top_logprobs": 21}, {"top_logprobs": 20}, {"top_logprobs"}),
        ("messages", {"watermark": {"key": "00"}, "model": "m"}, {"model": "m"}, {"watermark"}),
        ("completions", {"echo": True, "logprobs": 0}, {"logprobs": 0}, {"echo"}),
        ("completions", {"echo": True, "logprobs": None}, {"echo": True, "logprobs": None}, set()),
        ("completions", {"echo": False, "logprobs": 1}, {"echo": False, "logprobs": 1}, set()),
        ("chat", {"echo": True, "logprobs": True}, {"echo": True, "logprobs": True}, set()),
        (
            "chat", {"chat_template_kwargs": {"chat_template": "{{ 7 }}", "enable_thinking": True}},
            {"chat_template_kwargs": {"enable_thinking": True}}, {"chat_template_kwargs.chat_template"},
        ),
    ],
)  # fmt: skip
def test_what_is_stripped_and_bounded(endpoint: str, body: Any, told: Any, changed: set[str]) -> None:
    assert sent(body, endpoint) == told
    assert set(cleaned(request(body, endpoint), Hygiene()).changed) == changed


@pytest.mark.parametrize("depth", [5, 100, 900, 1_020])
def test_nests_in_nests_are_taken_out_where_they_are_deeper_than_any_engine_reads(depth: int) -> None:
    one = request(b'{"model": "m", "extra_body": ' * depth + b'{"watermark": 1}' + b"}" * depth)
    try:
        made = edited(one, Decision(drop_logprobs=True), cleaned(one, Hygiene()))
    except Malformed:
        assert depth >= 900
    else:
        assert b"watermark" not in made and made.count(b"extra_body") == 4


def test_a_policy_says_what_passes() -> None:
    hygiene = checked({"strip": ["user"], "refuse": ["logit_bias", "seed"], "most_answers": 2}, Hygiene, "policy.yaml")
    one = request({"logit_bias": {}, "user": "u", "n": 3, "watermark": 1, "extra_body": {"seed": 1}})
    found = cleaned(one, hygiene)
    assert set(found.refused) == {"logit_bias", "extra_body.seed"}
    assert set(found.changed) == {"user", "n"}
    with pytest.raises(BadConfiguration, match="most_answers"):
        checked({"most_answers": 0}, Hygiene, "policy.yaml")


@pytest.mark.parametrize("raw", [b' {"model" : "m", "a": 1e2}\n', b'{"n": 1, "n": 2}', b"{}", b""])
def test_what_nobody_changes_goes_on_to_the_byte(raw: bytes) -> None:
    one = request(raw)
    made = edited(one, PASS, cleaned(one, Hygiene()), count_tokens=True)
    assert made is one.raw


@pytest.mark.parametrize(
    ("endpoint", "body", "decision", "told"),
    [
        ("chat", {"logprobs": True, "top_logprobs": 3, "a": 1}, Decision(drop_logprobs=True), {"a": 1}),
        ("completions", {"logprobs": 3, "a": 1}, Decision(drop_logprobs=True), {"a": 1}),
        (
            "responses", {"include": ["message.output_text.logprobs", "x"], "top_logprobs": 1},
            Decision(drop_logprobs=True), {"include": ["x"]},
        ),
        (
            "responses", b'{"include": ["message.output_text.logprobs", "x", "\\ud800", [1e999]]}',
            Decision(drop_logprobs=True), {"include": ["x"]},
        ),
        ("chat", {"extra_body": {"logprobs": 1}}, Decision(drop_logprobs=True), {"extra_body": {}}),
        ("chat", {"n": 5, "b": 1.0}, Decision(most_answers=2), {"n": 2, "b": 1.0}),
        ("chat", {"n": 2}, Decision(most_answers=2), {"n": 2}),
        ("chat", {"n": 1000}, Decision(most_answers=2), {"n": 2}),
        ("chat", {"n": -5}, Decision(most_answers=2), {}),
        ("completions", {"n": 2, "best_of": 9}, Decision(most_answers=3), {"n": 2, "best_of": 3}),
        ("chat", {}, Decision(most_answers=2), {}),
    ],
)  # fmt: skip
def test_what_a_decision_changes(endpoint: str, body: Any, decision: Decision, told: Any) -> None:
    assert sent(body, endpoint, decision) == told


@pytest.mark.parametrize(
    ("endpoint", "body", "most", "told"),
    [
        ("chat", {"max_tokens": 9}, 10, {"max_tokens": 9}),
        ("chat", {"max_tokens": 11}, 10, {"max_tokens": 10}),
        ("chat", {"max_tokens": "abc"}, 10, {"max_tokens": 10}),
        ("chat", {"max_tokens": 99, "max_completion_tokens": 98}, 10, {"max_tokens": 10, "max_completion_tokens": 10}),
        ("chat", {}, 10, {"max_completion_tokens": 10}),
        ("chat", {"n": 3}, 10, {"n": 3, "max_completion_tokens": 3}),
        ("chat", {"n": 3, "max_tokens": 4}, 2, {"n": 3, "max_tokens": 1}),
        ("chat", {"min_tokens": 20}, 10, {"min_tokens": 10, "max_completion_tokens": 10}),
        ("completions", {"best_of": 2}, 10, {"best_of": 2, "max_tokens": 5}),
        ("completions", {}, 99, {"max_tokens": 16}),  # as the interface has it
        ("completions", {"prompt": ["a", "b"], "n": 2, "max_tokens": 9}, 20, {"prompt": ["a", "b"], "n": 2, "max_tokens": 5}),
        ("completions", {"prompt": [[1, 2], [3]], "max_tokens": 9}, 10, {"prompt": [[1, 2], [3]], "max_tokens": 5}),
        ("completions", {"prompt": [1, 2, 3], "max_tokens": 9}, 10, {"prompt": [1, 2, 3], "max_tokens": 9}),
        ("completions", {"prompt": [], "max_tokens": 9}, 10, {"prompt": [], "max_tokens": 9}),
        ("responses", {}, 10, {"max_output_tokens": 10}),
        ("messages", {"max_tokens": 20}, 10, {"max_tokens": 10}),
        (
            "messages", {"max_tokens": 9000, "thinking": {"type": "enabled", "budget_tokens": 8000}}, 4000,
            {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 3999}},
        ),
        (
            "messages", {"max_tokens": 9000, "thinking": {"type": "enabled", "budget_tokens": 8000}}, 1000,
            {"max_tokens": 1000, "thinking": {"type": "disabled"}},
        ),
        ("embeddings", {"input": "a"}, 10, {"input": "a"}),
    ],
)  # fmt: skip
def test_what_is_left_of_a_budget_bounds_the_answers_together(endpoint: str, body: Any, most: int, told: Any) -> None:
    assert sent(body, endpoint, most_output=most) == told


def test_the_watermark_key_is_ours_whatever_the_client_sent() -> None:
    assert sent({"watermark": {"key": "theirs"}}, watermark_key="0a") == {"watermark": {"key": "0a"}}
    assert sent({"model": "m"}, "completions", watermark_key="0a") == {"model": "m", "watermark": {"key": "0a"}}


@pytest.mark.parametrize(
    ("endpoint", "body", "told"),
    [
        ("chat", {"stream": True}, {"include_usage": True}),
        ("completions", {"stream": True, "stream_options": None}, {"include_usage": True}),
        (
            "chat", {"stream": True, "stream_options": {"include_obfuscation": False, "include_usage": False}},
            {"include_obfuscation": False, "include_usage": True},
        ),
        ("chat", {"stream": True, "stream_options": {"continuous_usage_stats": True}}, {"include_usage": True}),
    ],
)  # fmt: skip
def test_a_stream_is_asked_for_its_usage(endpoint: str, body: Any, told: Any) -> None:
    assert usage_added(request(body, endpoint))
    assert sent(body, endpoint, count_tokens=True)["stream_options"] == told


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("chat", {}),
        ("chat", {"stream": True, "stream_options": {"include_usage": True}}),
        ("responses", {"stream": True}),
        ("messages", {"stream": True}),
    ],
)
def test_answers_that_tell_their_usage_anyway_are_not_asked(endpoint: str, body: Any) -> None:
    assert not usage_added(request(body, endpoint))
    assert sent(body, endpoint, count_tokens=True) == body


plain = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
names = st.sampled_from([
    *sorted(STRIPPED), "n", "best_of", "logprobs", "top_logprobs", "max_tokens", "min_tokens", "stream", "stream_options",
    "extra_body", "sampling_params", "include", "thinking", "a", "b",
])  # fmt: skip
bodies = st.dictionaries(
    names, st.one_of(plain, st.text(max_size=4), st.lists(plain, max_size=2), st.dictionaries(names, plain, max_size=4))
)


@settings(max_examples=400, deadline=None)
@given(bodies, st.sampled_from(sorted(PATHS)), st.booleans(), st.integers(0, 3), st.sampled_from([None, 0, 7, 5000]))
def test_any_body_keeps_what_nobody_asked_to_change(
    body: dict[str, Any], endpoint: str, drop: bool, most_answers: int, most: int | None
) -> None:
    made = sent(
        body, endpoint, Decision(drop_logprobs=drop, most_answers=most_answers), most_output=most, count_tokens=True
    )
    assert not STRIPPED & made.keys()
    assert {name: made.get(name) for name in "ab"} == {name: body.get(name) for name in "ab"}
    assert [name for name in made if name in body] == [name for name in body if name in made], "in their order"
    if most_answers and made.get("n") is not None:
        assert made["n"] in (False, True) or 1 <= float(made["n"]) <= most_answers
    again = sent(
        made, endpoint, Decision(drop_logprobs=drop, most_answers=most_answers), most_output=most, count_tokens=True
    )
    assert again == made, "once is enough"


strange = st.one_of(
    plain,
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.text(st.characters(), max_size=4),
    st.lists(plain, max_size=2),
)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.dictionaries(names, st.one_of(strange, st.dictionaries(names, strange, max_size=3))).map(
            lambda body: json.dumps(body).replace("Infinity", "1e999").encode()
        ),
        st.binary(max_size=30),
    ),
    st.sampled_from(sorted(PATHS)),
)
def test_any_bytes_can_be_edited_or_are_malformed(raw: bytes, endpoint: str) -> None:
    try:
        one = request(raw, endpoint)
    except Malformed:
        return
    every = Decision(drop_logprobs=True, most_answers=1)
    made = edited(one, every, cleaned(one, Hygiene()), most_output=9, watermark_key="0a", count_tokens=True)
    again = request(made, endpoint)
    assert again.facts.get("request.n", 1) == 1 and not again.facts.get("request.logprobs")
