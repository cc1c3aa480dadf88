"""vLLM's lines: the prompt out of a Python literal and a chat template, the year out of the file's last change."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from shape_rows import made, only

from stillwatch.readers.rendered import messages
from stillwatch.readers.shapes.vllm import VLLM

OLD = (
    "INFO 02-24 09:00:00 [logger.py:43] Received request chatcmpl-org/a:77ab: prompt: {prompt!r}, params: SamplingParams("
    "n=1, temperature=0.7, max_tokens=512, min_tokens=0, logprobs=5, prompt_logprobs=None), prompt_token_ids: None."
)
NEW = (
    "(APIServer pid=7) DEBUG 02-24 09:00:00 [request_logger.py:67] Request chatcmpl-org/a:77ab details: prompt: {prompt!r}, "
    "prompt_token_ids: [1], prompt_embeds shape: None."
)
CHATML = '<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nIt\'s "P"<|im_end|>\n<|im_start|>assistant\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "vllm.log"
    path.touch()
    return path


def changed(log: Path, when: str) -> Path:
    moment = datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp()
    os.utime(log, (moment, moment))
    return log


def test_a_line_with_a_prompt_is_a_row(log: Path) -> None:
    changed(log, "2026-02-24T12:00:00")
    row = {
        "exchange_id": "chatcmpl-org/a:77ab", "account_id": "org/a", "timestamp": "2026-02-24T09:00:00+00:00", "system": "S",
        "prompt": 'It\'s "P"', "turn": 0,
    }  # fmt: skip
    asked = {"max_tokens": 512, "temperature": 0.7, "logprobs": True}
    assert made(VLLM, OLD.format(prompt=CHATML), log) == [{**row, **asked}]
    assert made(VLLM, f"2026-02-24T09:00:00.1Z stdout F {NEW.format(prompt=CHATML)}", log) == [row]


@pytest.mark.parametrize(
    "line",
    ["INFO 02-24 09:00:00 [api_server.py:12] vLLM API server version 0.10.0",
     "INFO 02-24 09:00:00 [logger.py:43] Received request chatcmpl-1: params: SamplingParams(n=1), lora_request: None.",
     "INFO 02-24 09:00:00 [logger.py:43] Received request chatcmpl-1: prompt: None, params: None",
     'INFO:     127.0.0.1:5000 - "POST /v1/chat/completions HTTP/1.1" 200 OK', "", "\r"],
)  # fmt: skip
def test_a_line_without_a_prompt_is_passed(log: Path, line: str) -> None:
    assert made(VLLM, line, log) == ["lines that hold no prompt"]


@pytest.mark.parametrize(
    ("day", "when", "timestamp"),
    [
        ("02-24", "2026-02-24T12:00:00", "2026-02-24T09:00:00+00:00"),
        ("02-24", "2026-02-24T08:00:00", "2026-02-24T09:00:00+00:00"),  # a zone ahead of UTC
        ("12-31", "2026-01-01T00:00:00", "2025-12-31T09:00:00+00:00"),
        ("02-29", "2025-03-01T00:00:00", "2024-02-29T09:00:00+00:00"),
        ("13-31", "2026-01-01T00:00:00", None),
    ],
)
def test_the_year_is_that_of_the_last_change(log: Path, day: str, when: str, timestamp: str | None) -> None:
    line = OLD.format(prompt="P").replace("02-24", day)
    assert only(VLLM, line, "timestamp", path=changed(log, when)) == {"timestamp": timestamp}


def test_without_the_gateways_id_there_is_no_account(log: Path) -> None:
    line = OLD.format(prompt="P").replace("org/a:", "")
    assert only(VLLM, line, "account_id", "exchange_id", path=log) == {
        "account_id": None,
        "exchange_id": "chatcmpl-77ab",
    }


def test_what_cannot_be_stored_is_replaced(log: Path) -> None:
    assert only(VLLM, OLD.format(prompt="P\ud800"), "prompt", path=log) == {"prompt": "P?"}


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        (CHATML, [("system", "S"), ("user", 'It\'s "P"'), ("assistant", "")]),
        ("<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nP<|eot_id|>", [("user", "P")]),
        ("<bos><start_of_turn>user\nP<end_of_turn>\n<start_of_turn>model\n", [("user", "P"), ("assistant", "")]),
        ("<｜begin▁of▁sentence｜>S<｜User｜>P<｜Assistant｜>", [("system", "S"), ("user", "P"), ("assistant", "")]),
        ("<s>[INST] P [/INST]", [("user", "P"), ("assistant", "")]),
        ("[gMASK]<sop><|system|>\nS<|user|>\nP<|assistant|>", [("system", "S"), ("user", "P"), ("assistant", "")]),
    ],
)
def test_a_chat_template_is_taken_apart(text: str, turns: list[tuple[str, str]]) -> None:
    found = messages(text)
    assert not isinstance(found, str) and [(one["role"], one["content"]) for one in found] == turns


def test_a_text_without_turns_is_one_prompt() -> None:
    assert messages("Once upon a time") == "Once upon a time"
