"""Batches: requests, joined with what lies beside them, and never whose the customer says they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from shape_rows import made, only

from stillwatch.readers.shapes.anthropic_batch import ANTHROPIC_BATCH
from stillwatch.readers.shapes.openai_batch import OPENAI_BATCH

BODY = {
    "model": "m",
    "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "P"}],
    "max_tokens": 9,
}
OPENAIS = {"custom_id": "r0", "method": "POST", "url": "/v1/chat/completions", "body": BODY}
ANTHROPICS = {
    "custom_id": "r0",
    "params": {"model": "m", "system": "S", "messages": BODY["messages"][1:], "max_tokens": 9},
}
ANSWER = {
    "id": "batch_req_1", "custom_id": "r0", "error": None,
    "response": {"status_code": 200, "request_id": "q", "body": {
        "created": 1_771_923_700, "usage": {"prompt_tokens": 21, "completion_tokens": 7},
        "choices": [{"finish_reason": "stop", "message": {"content": "never kept"}}]}},
}  # fmt: skip
RESULT = {
    "custom_id": "r0",
    "result": {
        "type": "succeeded",
        "message": {"stop_reason": "end_turn", "usage": {"input_tokens": 31, "output_tokens": 9}},
    },
}


def folder(path: Path, record: Any, *answers: Any) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "night.output.jsonl").write_bytes(b"\n".join([b"not JSON", *map(orjson.dumps, answers)]))
    (path / "_night.json").write_bytes(orjson.dumps(record))
    return path / "night.input.jsonl"


def test_openai_requests_are_joined_with_answers_and_batch(tmp_path: Path) -> None:
    record = {
        "id": "batch_1",
        "created_at": 1_771_923_600,
        "account_id": "a",
        "metadata": {"account_id": "somebody else"},
    }
    assert made(OPENAI_BATCH, OPENAIS, folder(tmp_path, record, ANSWER)) == [
        {
            "exchange_id": "batch_req_1", "account_id": "a", "session_id": "batch_1", "model": "m", "system": "S",
            "prompt": "P", "turn": 0, "timestamp": "2026-02-24T09:00:00+00:00", "max_tokens": 9, "input_tokens": 21,
            "output_tokens": 7, "status": 200, "finish_reason": "stop",
        }
    ]  # fmt: skip


def test_anthropic_requests_are_joined_with_answers_and_batch(tmp_path: Path) -> None:
    record = {"id": "msgbatch_1", "created_at": "2026-02-24T09:00:00Z"}
    assert made(ANTHROPIC_BATCH, ANTHROPICS, folder(tmp_path / "account_id=a" / "day", record, RESULT)) == [
        {
            "exchange_id": "msgbatch_1/r0", "account_id": "a", "session_id": "msgbatch_1", "model": "m", "system": "S",
            "prompt": "P", "turn": 0, "timestamp": "2026-02-24T09:00:00Z", "max_tokens": 9, "input_tokens": 31,
            "output_tokens": 9, "status": 200, "finish_reason": "end_turn",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("record", [None, [], {"metadata": {"account_id": "x"}}, {"created_at": {}}])
def test_without_the_batch_there_is_no_account_and_the_time_of_the_answer(tmp_path: Path, record: Any) -> None:
    path = folder(tmp_path, record, ANSWER)
    assert only(OPENAI_BATCH, OPENAIS, "account_id", path=path) == {"account_id": None}
    if not (isinstance(record, dict) and "created_at" in record):
        assert only(OPENAI_BATCH, OPENAIS, "timestamp", path=path) == {"timestamp": "2026-02-24T09:01:40+00:00"}
    assert only(ANTHROPIC_BATCH, ANTHROPICS, "account_id", "exchange_id", path=path) == {
        "account_id": None, "exchange_id": "night/r0",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "record", "what"),
    [
        (OPENAI_BATCH, ANSWER, "answers of a batch"),
        (ANTHROPIC_BATCH, RESULT, "answers of a batch"),
        (OPENAI_BATCH, {**OPENAIS, "url": "/v1/embeddings"}, "requests that ask no model for text"),
    ],
)
def test_answers_and_embeddings_are_passed(shape: Any, record: Any, what: str) -> None:
    assert made(shape, record) == [what]


def test_responses_and_completions_are_read_too() -> None:
    asked = {
        "model": "m",
        "instructions": "S",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "P"}]}],
    }
    for url, body in (("/v1/responses", asked), ("/v1/completions", {"model": "m", "prompt": ["P"]})):
        assert only(OPENAI_BATCH, {**OPENAIS, "url": url, "body": body}, "prompt") == {"prompt": "P"}
