"""Reasoning in answers: what of it is shown, and that the answer stays as it is, to the byte."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reasoning_here import SECRET, SIGNED, begun, block, chunk, ended, item, reasoned, said, shown, spoken, stream

from stillwatch.guard.reasoning import stream as streams
from stillwatch.guard.reasoning import summary as summaries
from stillwatch.guard.reasoning import whole as wholes
from stillwatch.guard.reasoning.awaited import Awaited
from stillwatch.guard.reasoning.reordered import reordered
from stillwatch.guard.reasoning.shown import editor
from stillwatch.guard.reasoning.summary import LONGEST, MOST_SHOWN, extracted

DONE = b"data: [DONE]\n\n"
PING = b": ping\n\n"
USAGE = {"prompt_tokens": 7, "completion_tokens": 9}
ROLE = chunk({"role": "assistant", "content": ""})
TEXT = chunk({"content": "42"})
CALL = chunk({"tool_calls": [{"index": 0, "id": "t", "function": {"name": "f", "arguments": "{}"}}]})
STOP = chunk({}, ends="stop")
SIZE = f"<{len(SECRET)}>"
SIGNATURE = {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": SIGNED}}
MESSAGE = {"type": "message_start", "message": {"id": "m", "content": [], "usage": {"input_tokens": 7}}}
STOPPED = [{"type": "message_delta", "delta": {"stop_reason": "tool_use"}}, {"type": "message_stop"}]
DETAIL = {"type": "reasoning.text", "text": SECRET, "signature": SIGNED, "index": 0}
EMPTIED = {**DETAIL, "text": ""}
BLOCK = {"type": "thinking", "thinking": SECRET, "signature": ""}


def thought(text: str = SECRET, index: int = 0, name: str = "reasoning_content", **more: Any) -> dict[str, Any]:
    return chunk({name: text, **more}, index)


def told(name: str = "reasoning_content", index: int = 0, text: str = SIZE) -> dict[str, Any]:
    """The event with the summary."""
    one = chunk({name: text}, index)
    del one["choices"][0]["logprobs"]
    return one


Case = tuple[str, list[Any], list[Any], list[Any]]
CHAT: list[Case] = [  # what comes, what goes on with `none`, and with `summary`
    ("nothing to hide", [ROLE, PING, TEXT, CALL, STOP, DONE], [ROLE, PING, TEXT, CALL, STOP, DONE],
     [ROLE, PING, TEXT, CALL, STOP, DONE]),
    ("by itself", [ROLE, thought(), PING, thought(), TEXT, STOP, DONE], [ROLE, PING, TEXT, STOP, DONE],
     [ROLE, PING, told(text="<48>"), TEXT, STOP, DONE]),
    ("under vLLM's name, before a call", [ROLE, thought(name="reasoning"), CALL, STOP], [ROLE, CALL, STOP],
     [ROLE, told("reasoning"), CALL, STOP]),
    ("beside the role", [thought(role="assistant", content=None), TEXT],
     [chunk({"role": "assistant", "content": None}), TEXT],
     [chunk({"role": "assistant", "content": None}), told(), TEXT]),
    ("beside a role said again", [ROLE, thought(role="assistant", content=""), TEXT], [ROLE, TEXT],
     [ROLE, told(), TEXT]),
    ("beside text", [thought(content="42"), STOP], [TEXT, STOP], [told(), TEXT, STOP]),
    ("between texts", [thought(), TEXT, thought(), TEXT], [TEXT, TEXT],
     [told(), TEXT, told(), TEXT]),
    ("of two choices", [thought(index=1), thought(), chunk({"content": "a"}, 1), TEXT], [chunk({"content": "a"}, 1), TEXT],
     [told(index=1), chunk({"content": "a"}, 1), told(), TEXT]),
    ("with the usage so far", [{**thought(), "usage": USAGE}, STOP], [{**chunk({}), "usage": USAGE}, STOP],
     [{**chunk({}), "usage": USAGE}, told(), STOP]),
    ("in details that are signed", [thought(name="reasoning", reasoning_details=[DETAIL]), TEXT],
     [chunk({"reasoning_details": [EMPTIED]}), TEXT],
     [chunk({"reasoning_details": [EMPTIED]}), told("reasoning"), TEXT]),
    ("in details alone", [chunk({"reasoning_details": [{"type": "reasoning.text", "text": SECRET}]}), TEXT], [TEXT],
     [told("reasoning"), TEXT]),
    ("as LiteLLM says it",
     [thought(thinking_blocks=[BLOCK], provider_specific_fields={"thinking_blocks": [BLOCK], "reasoning_content": SECRET}),
      chunk({"content": "", "thinking_blocks": [{**BLOCK, "thinking": "", "signature": SIGNED}]}), TEXT],
     [chunk({"content": "", "thinking_blocks": [{**BLOCK, "thinking": "", "signature": SIGNED}]}), TEXT],
     [chunk({"content": "", "thinking_blocks": [{**BLOCK, "thinking": "", "signature": SIGNED}]}), told(), TEXT]),
    ("broken off", [thought(), b"data: {\"choices\": ["], [b"data: {\"choices\": ["], [b"data: {\"choices\": ["]),
    ("an error", [thought(), {"error": {"message": "m"}}], [{"error": {"message": "m"}}], [{"error": {"message": "m"}}]),
    ("in the text", [ROLE, chunk({"content": "\n<thi"}), chunk({"content": f"nk>{SECRET}</th"}), chunk({"content": "ink>4"})],
     [ROLE, chunk({"content": "\n"}), chunk({"content": "4"})],
     [ROLE, chunk({"content": "\n"}), chunk({"content": f"<think>{SIZE}</think>4"})]),
    ("only like it in the text", [chunk({"content": "<th"}), chunk({"content": "e answer is <think>"}), STOP],
     [chunk({"content": "<the answer is <think>"}), STOP], [chunk({"content": "<the answer is <think>"}), STOP]),
    ("the beginning of a tag alone", [chunk({"content": "<th"}), STOP], [chunk({"content": "<th"}, ends="stop")],
     [chunk({"content": "<th"}, ends="stop")]),
    ("in a text that ends in it", [chunk({"content": f"<think>{SECRET}</"}), STOP], [STOP],
     [chunk({"content": f"<think>{SIZE}</think>"}, ends="stop")]),
    ("with its probabilities",
     [{"choices": [{"index": 0, "delta": {"reasoning": SECRET, "content": "4"}, "logprobs": {"content": [SECRET]}}]}],
     [{"choices": [{"index": 0, "delta": {"content": "4"}, "logprobs": None}]}],
     [{"choices": told("reasoning")["choices"]},
      {"choices": [{"index": 0, "delta": {"content": "4"}, "logprobs": None}]}]),
]  # fmt: skip
COMPLETIONS: list[Case] = [
    ("in the text", [{"choices": [{"index": 0, "text": f"<think>{SECRET}"}]}, {"choices": [{"index": 0, "text": "</think>4"}]}],
     [{"choices": [{"index": 0, "text": "4"}]}], [{"choices": [{"index": 0, "text": f"<think>{SIZE}</think>4"}]}]),
]  # fmt: skip

_BEGUN = begun(0, type="thinking", thinking="", signature="")
_THINKING = [block(0, "thinking", SECRET[:9]), block(0, "thinking", SECRET[9:])]
_REST = [
    begun(1, type="redacted_thinking", data=SIGNED), ended(1), begun(2, type="text", text=""), block(2, "text", "4"),
    ended(2), begun(3, type="tool_use", id="t", name="f", input={}), block(3, "input_json", "{}"), ended(3), *STOPPED,
]  # fmt: skip
MESSAGES: list[Case] = [
    ("signed", [MESSAGE, _BEGUN, *_THINKING, {"type": "ping"}, SIGNATURE, ended(0), *_REST],
     [MESSAGE, _BEGUN, {"type": "ping"}, SIGNATURE, ended(0), *_REST],
     [MESSAGE, _BEGUN, {"type": "ping"}, block(0, "thinking", SIZE), SIGNATURE, ended(0), *_REST]),
    ("not signed", [_BEGUN, *_THINKING, ended(0)], [_BEGUN, ended(0)],
     [_BEGUN, block(0, "thinking", SIZE), ended(0)]),
    ("as the block begins", [begun(0, type="thinking", thinking=SECRET), ended(0)],
     [begun(0, type="thinking", thinking=""), ended(0)],
     [begun(0, type="thinking", thinking=""), block(0, "thinking", SIZE), ended(0)]),
    ("in the text",
     [begun(0, type="text", text=""), block(0, "text", f"<think>{SECRET}"), block(0, "text", "</think>4"), ended(0)],
     [begun(0, type="text", text=""), block(0, "text", "4"), ended(0)],
     [begun(0, type="text", text=""), block(0, "text", f"<think>{SIZE}</think>4"), ended(0)]),
    ("the beginning of a tag alone", [begun(0, type="text", text=""), block(0, "text", "<t"), ended(0)],
     [begun(0, type="text", text=""), block(0, "text", "<t"), ended(0)],
     [begun(0, type="text", text=""), block(0, "text", "<t"), ended(0)]),
    ("an error in the middle", [_BEGUN, *_THINKING, {"type": "error", "error": {"type": "overloaded_error"}}],
     [_BEGUN, {"type": "error", "error": {"type": "overloaded_error"}}],
     [_BEGUN, {"type": "error", "error": {"type": "overloaded_error"}}]),
]  # fmt: skip

_MADE = [
    item("reasoning_summary_part.added", 6, summary_index=0, part={"type": "summary_text", "text": ""}),
    item("reasoning_summary_text.delta", 7, summary_index=0, delta=SIZE),
    item("reasoning_summary_text.done", 8, summary_index=0, text=SIZE),
    item("reasoning_summary_part.done", 9, summary_index=0, part={"type": "summary_text", "text": SIZE}),
]  # fmt: skip
_ITS_OWN = item("reasoning_summary_text.delta", 4, summary_index=0, delta="its own")


def _opens(**more: Any) -> dict[str, Any]:
    return {
        "type": "response.output_item.added",
        "sequence_number": 2,
        "output_index": 0,
        "item": {**reasoned([], []), **more},
    }


def _closes(*of: list[str], **more: Any) -> dict[str, Any]:
    return {
        "type": "response.output_item.done",
        "sequence_number": 10,
        "output_index": 0,
        "item": reasoned(*of, **more),
    }


def _answer(one: dict[str, Any], text: str = "4") -> dict[str, Any]:
    return {"type": "response.completed", "response": {"output": [one, spoken(text)], "usage": {"output_tokens": 9}}}


def _says(kind: str, text: str) -> dict[str, Any]:
    name = "delta" if kind == "delta" else "text"
    return {"type": f"response.output_text.{kind}", "output_index": 1, "content_index": 0, name: text}


RESPONSES: list[Case] = [
    ("its text", [_opens(), item("content_part.added", 3, part={"type": "reasoning_text", "text": ""}),
                  item("reasoning_text.delta", 4, delta=SECRET), item("reasoning_text.done", 5, text=SECRET),
                  item("content_part.done", 6, part={"type": "reasoning_text", "text": SECRET}),
                  _closes([], [SECRET], encrypted_content=SIGNED), _says("delta", "4"), _answer(reasoned([], [SECRET]))],
     [_opens(), _closes([], [], encrypted_content=SIGNED), _says("delta", "4"), _answer(reasoned([], []))],
     [_opens(), *_MADE, _closes([SIZE], [], encrypted_content=SIGNED), _says("delta", "4"), _answer(reasoned([SIZE], []))]),
    ("its own summary", [_opens(content=None), _ITS_OWN, _closes(["its own"], []), _answer(reasoned(["its own"], []))],
     [_opens(content=None), _closes([], []), _answer(reasoned([], []))],
     [_opens(content=None), _ITS_OWN, _closes(["its own"], []), _answer(reasoned(["its own"], []))]),
    ("in the text",
     [_says("delta", f"<think>{SECRET}</think"), _says("delta", ">4<"), _says("done", f"<think>{SECRET}</think>4<"),
      _answer(reasoned([], []), f"<think>{SECRET}</think>4<")],
     [_says("delta", "4<"), _says("done", "4<"), _answer(reasoned([], []), "4<")],
     [_says("delta", f"<think>{SIZE}</think>4<"), _says("done", f"<think>{SIZE}</think>4<"),
      _answer(reasoned([], []), f"<think>{SIZE}</think>4<")]),
    ("the beginning of a tag alone", [_says("delta", "<"), _says("done", "<")], [_says("delta", "<"), _says("done", "<")],
     [_says("delta", "<"), _says("done", "<")]),
]  # fmt: skip
IN_PLACE = [  # reordered, the first of them
    _opens(), item("content_part.added", 3, part={"type": "reasoning_text", "text": ""}),
    item("reasoning_text.delta", 4, delta=SIZE), item("reasoning_text.done", 5, text=SIZE),
    item("content_part.done", 6, part={"type": "reasoning_text", "text": SIZE}),
    _closes([], [SIZE], encrypted_content=SIGNED), _says("delta", "4"), _answer(reasoned([], [SIZE])),
]  # fmt: skip


def _goes(came: list[Any], none: list[Any], summary: list[Any], mode: str) -> list[Any]:
    return none if mode == "none" else IN_PLACE if (came, mode) == (RESPONSES[0][1], "reordered") else summary


STREAMS = [
    pytest.param(endpoint, mode, came, _goes(came, none, summary, mode), id=f"{endpoint}: {what}, {mode}")
    for endpoint, cases in (("chat", CHAT), ("completions", COMPLETIONS), ("messages", MESSAGES), ("responses", RESPONSES))
    for what, came, none, summary in cases
    for mode in ("none", "summary", "reordered")
]  # fmt: skip


def events(body: bytes) -> list[Any]:
    """What a stream says, event by event."""
    return [read(one) for one in body.replace(b"\r\n", b"\n").split(b"\n\n")]


def read(one: bytes) -> Any:
    try:
        return orjson.loads(one.partition(b"data: ")[2])
    except orjson.JSONDecodeError:
        return one


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(("endpoint", "mode", "came", "goes"), STREAMS)
def test_streams(endpoint: str, mode: str, came: list[Any], goes: list[Any], end: bytes) -> None:
    named = endpoint in ("messages", "responses")
    passed, failed = shown(stream(*came, named=named, end=end), mode, endpoint)
    assert events(passed) == events(stream(*goes, named=named, end=end))
    assert not failed and SECRET.encode() not in passed
    for one in came:
        if one in goes:
            assert stream(one, named=named, end=end) in passed, "what holds no reasoning goes on to the byte"


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([one.values for one in STREAMS]), st.lists(st.integers(0, 5_000), max_size=30), st.booleans())
def test_however_a_stream_is_cut_the_same_goes_on(one: Any, cuts: list[int], returns: bool) -> None:
    endpoint, mode, came, _ = one
    body = stream(*came, named=endpoint == "messages", end=b"\r\n" if returns else b"\n")
    places = [cut % (len(body) + 1) for cut in cuts]
    assert shown(body, mode, endpoint, places) == shown(body, mode, endpoint)
    assert shown(body, mode, endpoint, list(range(len(body)))) == shown(body, mode, endpoint), "byte by byte"


async def _waited(body: bytes, mode: str, endpoint: str, cuts: list[int]) -> list[bytes]:
    """The same with what is shown made only after a while."""

    async def slowly(text: str) -> str:
        await asyncio.sleep(0)
        return said(text)

    awaited = Awaited(slowly)
    edits = editor(mode, endpoint, True, awaited.shown)
    assert edits is not None
    passed = []
    for start, end in pairwise([0, *sorted(cuts), len(body)]):
        passed += [one async for one in awaited.filled(edits.feed(body[start:end]))]
    passed += [one async for one in awaited.filled(edits.rest())]
    assert not awaited.failed
    return passed


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([one.values for one in STREAMS]), st.lists(st.integers(0, 5_000), max_size=30))
def test_what_is_waited_for_stands_where_it_belongs_however_a_stream_is_cut(one: Any, cuts: list[int]) -> None:
    endpoint, mode, came, _ = one
    body = stream(*came, named=endpoint == "messages")
    passed = asyncio.run(_waited(body, mode, endpoint, [cut % (len(body) + 1) for cut in cuts]))
    assert b"".join(passed) == shown(body, mode, endpoint)[0]
    assert all(one.endswith(b"\n\n") for one in passed[:-1]), "whole events, before a pause as well"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5), st.booleans())
def test_any_bytes_go_on_as_they_are(body: bytes, cuts: list[int], streamed: bool) -> None:
    places = [cut % (len(body) + 1) for cut in cuts]
    for endpoint in ("chat", "completions", "messages", "responses"):
        assert shown(body, "none", endpoint, places, streamed) == (body, "")


MESSAGE_OF = {"role": "assistant", "content": "42", "tool_calls": [{"id": "t"}]}
PLAIN = b'{"id": 123456789012345678901234567890, "choices": [], "usage": {"cost": 1.0}, "content": []}'
WHOLE = [
    ("chat", {"choices": [{"message": {**MESSAGE_OF, "reasoning_content": SECRET}}, {"message": MESSAGE_OF}]},
     lambda told: {"choices": [{"message": {**MESSAGE_OF, "reasoning_content": told}}, {"message": MESSAGE_OF}]}),
    ("chat", {"choices": [{"message": {"reasoning": SECRET, "reasoning_details": [DETAIL]}, "logprobs": [SECRET]}]},
     lambda told: {"choices": [{"message": {"reasoning": told, "reasoning_details": [EMPTIED]}, "logprobs": None}]}),
    ("chat", {"choices": [{"message": {"reasoning_content": SECRET, "thinking_blocks": [BLOCK], "provider_specific_fields":
                                       {"thinking_blocks": [BLOCK], "refusal": None}}}]},
     lambda told: {"choices": [{"message": {"reasoning_content": told, "thinking_blocks": [{**BLOCK, "thinking": ""}],
                                            "provider_specific_fields": {"refusal": None}}}]}),
    ("chat", {"choices": [{"message": {"content": f"<think>{SECRET}</think>4"}}]},
     lambda told: {"choices": [{"message": {"content": f"<think>{told}</think>4" if told else "4"}}]}),
    ("completions", {"choices": [{"text": f"<think>{SECRET}"}]},
     lambda told: {"choices": [{"text": f"<think>{told}</think>" if told else ""}]}),
    ("messages", {"content": [{"type": "thinking", "thinking": SECRET, "signature": SIGNED}, {"type": "text", "text": "4"}]},
     lambda told: {"content": [{"type": "thinking", "thinking": told, "signature": SIGNED}, {"type": "text", "text": "4"}]}),
    ("responses", {"output": [reasoned([], [SECRET], encrypted_content=SIGNED), spoken("4")]},
     lambda told: {"output": [reasoned([told] if told else [], [], encrypted_content=SIGNED), spoken("4")]}),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "told"), [("none", ""), ("summary", SIZE), ("reordered", SIZE)])
@pytest.mark.parametrize(("endpoint", "came", "goes"), WHOLE)
def test_answers_in_one_piece(endpoint: str, came: Any, goes: Any, mode: str, told: str) -> None:
    passed, failed = shown(orjson.dumps(came), mode, endpoint, [9, 90], streamed=False)
    kept = (mode, endpoint) == ("reordered", "responses")
    expected = goes(told) if not kept else {"output": [reasoned([], [told], encrypted_content=SIGNED), spoken("4")]}
    assert orjson.loads(passed) == expected and not failed
    assert shown(PLAIN, mode, endpoint, [9], streamed=False) == (PLAIN, ""), "nothing to hide: to the byte"


def test_what_is_too_long_to_be_held_goes_on_and_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_HELD", 500)
    monkeypatch.setattr(wholes, "MOST_HELD", 500)
    long = stream(chunk({"content": "x" * 900}))
    body = stream(thought()) + long + stream(thought(), TEXT)
    for cuts in ([], list(range(len(body))), [700]):
        assert shown(body, "none", "chat", cuts) == (long + stream(TEXT), "TooLong")
    for cuts in ([], [100], list(range(len(long)))):
        assert shown(long, "none", "chat", cuts, streamed=False) == (long, "TooLong")


def test_one_that_cannot_be_edited_goes_on_as_it_came_and_the_next_are_edited() -> None:
    deep = b'data: {"choices": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n\n"
    assert shown(deep + stream(thought(), TEXT), "none", "chat") == (deep + stream(TEXT), "RecursionError")


def fails(text: str) -> str:
    raise OSError(text)


@pytest.mark.parametrize(("endpoint", "came", "goes"), WHOLE)
def test_without_its_summary_nothing_is_shown(endpoint: str, came: Any, goes: Any) -> None:
    passed, failed = shown(orjson.dumps(came), "summary", endpoint, streamed=False, by=fails)
    assert (orjson.loads(passed), failed) == (goes(""), "OSError")
    assert shown(stream(thought(), TEXT), "summary", "chat", by=fails) == (stream(TEXT), "OSError")


@pytest.mark.parametrize("by", [extracted, reordered])
def test_half_an_emoji_in_reasoning_shows_none_of_it_as_it_came(by: Any) -> None:
    body = b'{"choices": [{"message": {"reasoning": "Why? \\ud83d So it is 42. ' + b"More of it. " * 9 + b'"}}]}'
    passed, failed = shown(body, "summary", "chat", streamed=False, by=by)
    assert (
        not failed
        and b"Why? \\ud83d" not in passed
        and "Why?" in orjson.loads(passed)["choices"][0]["message"]["reasoning"]
    )


SENTENCES = " ".join(f"Sentence {number} says a little." for number in range(200))


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("", ""),
        ("Hm.", ""),
        ("x" * 100, "x" * 19 + "…"),
        (f"First, I look. {SENTENCES} So it is 42.", "First, I look. So it is 42."),
        (f"First. {'x' * 90}. Last.\n\nThen. {'y' * 90}\nEnd.", "First. Last. Then. End."),
    ],
)
def test_a_summary_is_of_the_reasonings_own_sentences(text: str, summary: str) -> None:
    assert extracted(text) == summary


@given(st.text(max_size=9_000) | st.lists(st.sampled_from(["Yes.", "\n\n", " ", "字。", "no"])).map("".join))
def test_a_summary_is_a_bounded_share(text: str) -> None:
    assert len(extracted(text)) <= min(len(text) * MOST_SHOWN, LONGEST)


def test_no_more_is_kept_for_a_summary_than_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summaries, "MOST_READ", 30)
    body = stream(thought(), thought(), TEXT, thought("abc"), TEXT)
    assert events(shown(body, "summary", "chat")[0]) == events(stream(told(text="<30>"), TEXT, told(text="<3>"), TEXT))


def test_data_in_several_lines_is_one() -> None:
    body = b'data: {"choices": [{"index": 0, "delta":\ndata: {"reasoning": "x", "content": "4"}}]}\n\n'
    assert shown(body, "none", "chat") == (b'data: {"choices": [{"index": 0, "delta": {"content": "4"}}]}\n\n', "")
