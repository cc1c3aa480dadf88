"""Answers with a mark are kept to be sealed: what the client was told, by every interface, and of nobody else."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
from guard_files import acting
from hypothesis import given
from hypothesis import strategies as st
from marks_here import committed, marked

from stillwatch.guard.answered import MOST, Answered, conversation, texts
from stillwatch.prove.served import served

ASKED = [
    {"role": "system", "content": "be brief"},
    {"role": "user", "content": [{"type": "text", "text": "What is it?"}]},
]
CHUNK = {"choices": [{"index": 0, "delta": {"content": "The"}}]}


def events(*documents: Any) -> bytes:
    return b"".join(b"event: x\ndata: " + orjson.dumps(one) + b"\n\n" for one in documents) + b"data: [DONE]\n\n"


@pytest.mark.parametrize(
    ("endpoint", "document", "said"),
    [
        ("chat", {"choices": [{"message": {"content": "so", "reasoning_content": "hm"}}]}, {0: "so"}),
        (
            "chat",
            {"choices": [{"message": {"content": "a"}}, {"index": 1, "message": {"content": "b"}}]},
            {0: "a", 1: "b"},
        ),
        ("chat", {"choices": [{"message": {"content": None, "tool_calls": []}}]}, {0: ""}),
        ("completions", {"choices": [{"index": 0, "text": "so"}]}, {0: "so"}),
        ("messages", {"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "so"}]}, {0: "so"}),
        ("responses", {"output": [{"type": "reasoning"}, {"type": "message", "content": [{"text": "so"}]}]}, {0: "so"}),
        ("chat", {"choices": 5}, {}),
        ("chat", [], {}),
    ],
)
def test_an_answer_in_one_piece(endpoint: str, document: Any, said: dict[int, str]) -> None:
    assert texts(orjson.dumps(document), endpoint, streamed=False) == said


@pytest.mark.parametrize(
    ("endpoint", "documents", "said"),
    [
        ("chat", [CHUNK, {"choices": [{"index": 0, "delta": {"content": " end"}}]}, {"choices": []}], "The end"),
        ("completions", [{"choices": [{"index": 0, "text": "so"}]}, {"choices": [{"index": 0, "text": "."}]}], "so."),
        ("messages", [
            {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "hm"}},
            {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "so"}},
        ], "so"),
        ("responses", [
            {"type": "response.reasoning_text.delta", "delta": "hm"}, {"type": "response.output_text.delta", "delta": "so"},
        ], "so"),
    ],
)  # fmt: skip
def test_a_stream(endpoint: str, documents: list[Any], said: str) -> None:
    assert texts(events(*documents), endpoint, streamed=True) == {0: said}


@given(sizes=st.lists(st.integers(0, 30)), streamed=st.booleans(), end=st.integers(0, 200))
def test_however_it_is_cut_and_wherever_it_ends(sizes: list[int], streamed: bool, end: int) -> None:
    whole = (
        events(CHUNK, CHUNK)[:end] if streamed else orjson.dumps({"choices": [{"message": {"content": "so"}}]})[:end]
    )
    kept, at = Answered(streamed), 0
    for size in (*sizes, len(whole)):
        kept.feed(whole[at : at + size])
        at += size
    assert kept.raw == whole
    assert texts(kept.raw, "chat", streamed).get(0, "") in ("", "so", "The", "TheThe")


def test_no_more_is_kept_than_is_said() -> None:
    kept = Answered(streamed=True)
    for _ in range(5):
        kept.feed(bytes(MOST // 2))
    assert len(kept.raw) == MOST and kept.cut


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"messages": ASKED}, [("system", "be brief"), ("user", "What is it?")]),
        ({"system": [{"text": "be brief"}], "messages": [{"content": "So?"}]}, [("system", "be brief"), ("user", "So?")]),
        ({"instructions": "be brief", "input": "So?"}, [("system", "be brief"), ("user", "So?")]),
        ({"input": [{"role": "user", "content": [{"type": "input_text", "text": "So?"}]}]}, [("user", "So?")]),
        ({"prompt": "So"}, [("user", "So")]),
        ({}, []),
    ],
)  # fmt: skip
def test_what_was_asked(body: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    assert [(one["role"], one["content"]) for one in conversation(body)] == wanted


@pytest.mark.parametrize("stream", [False, True])
def test_what_bears_a_mark_is_kept_to_be_sealed(place: Any, tmp_path: Path, stream: bool) -> None:
    options = (*marked(tmp_path), "--answers", str(tmp_path / "answers"))
    placed = place(acting(do={"watermark": {"key": "campaign"}}), options=options)
    for key in ("sk-campaign", "sk-honest"):
        told = placed.openai(key).chat.completions.create(model="m", messages=ASKED, stream=stream)
        assert list(told) if stream else told.choices
    (decision,) = placed.rows("decisions")
    placed.process.send_signal(signal.SIGINT)
    placed.process.wait(20)
    aside: Counter[str] = Counter()
    (one,) = served(tmp_path / "answers", aside)
    assert one.answer == "The answer is 42." and not aside
    assert one.messages == (("system", "be brief"), ("user", "What is it?"))
    assert one.id == decision["exchange_id"] and one.commitment == decision["watermark_commitment"]
    assert one.commitment in committed(tmp_path)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (tmp_path / "answers").iterdir())
