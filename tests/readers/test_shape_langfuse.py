"""Langfuse's generations, in either spelling and with every form of input."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from shape_rows import made, only

from stillwatch.readers.shapes.langfuse import LANGFUSE

PLAIN = [{"role": "system", "content": "S"}, {"role": "user", "content": "P"}]
GENERATION: dict[str, Any] = {
    "id": "o", "trace_id": "t", "type": "GENERATION", "start_time": "2026-02-24 09:00:00.5", "user_id": "a",
    "session_id": "s", "provided_model_name": "m", "input": PLAIN, "output": "never kept",
    "model_parameters": '{"temperature": "0.5", "max_tokens": 9}', "usage_details": {"input": 21, "output": 7},
}  # fmt: skip
ROW = {
    "exchange_id": "o", "account_id": "a", "session_id": "s", "timestamp": "2026-02-24 09:00:00.5", "model": "m",
    "system": "S", "prompt": "P", "turn": 0, "temperature": 0.5, "max_tokens": 9, "input_tokens": 21, "output_tokens": 7,
}  # fmt: skip


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def test_a_generation_is_a_row_in_either_spelling() -> None:
    assert made(LANGFUSE, GENERATION) == [ROW]
    spelled = {camel(name): value for name, value in GENERATION.items() if name != "provided_model_name"}
    assert made(LANGFUSE, {**spelled, "model": "m"}) == [ROW]


@pytest.mark.parametrize(
    ("given", "system", "prompt"),
    [
        (PLAIN, "S", "P"),
        (orjson.dumps(PLAIN).decode(), "S", "P"),
        ({"messages": PLAIN, "tools": []}, "S", "P"),
        (orjson.dumps({"messages": PLAIN}).decode(), "S", "P"),
        ({"system": "S", "messages": PLAIN[1:]}, "S", "P"),
        ({"prompt": "P"}, None, "P"),
        ("P", None, "P"),
        ("[not JSON", None, "[not JSON"),
        (None, None, None),
        ({"arguments": 1}, None, None),
    ],
)
def test_input_has_many_forms(given: Any, system: str | None, prompt: str | None) -> None:
    assert only(LANGFUSE, {**GENERATION, "input": given}, "system", "prompt") == {"system": system, "prompt": prompt}


@pytest.mark.parametrize("kind", ["SPAN", "EVENT", "TOOL", None])
def test_other_observations_are_passed(kind: Any) -> None:
    assert made(LANGFUSE, {**GENERATION, "type": kind}) == ["observations that are no generations"]
