"""Cleaning exchanges: what comes out of a row, and of a conversation."""

from __future__ import annotations

from typing import Any

import orjson
import pyarrow as pa
import pytest

from stillwatch.conversations import Conversation, conversation
from stillwatch.exchanges import clean, client
from stillwatch.networks import Networks
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.tables import EXCHANGES, LOG_EXCHANGES

KEYS = Pseudonyms(b"k" * 32)
NETWORKS = Networks({16509: "hosting", 680: "education"})


def batch(*rows: dict[str, Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(
        list(rows), schema=pa.schema([(column.name, column.held) for column in LOG_EXCHANGES.columns])
    )


def cleaned(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    made = clean(batch(*rows), KEYS, NETWORKS, 7, 3)
    assert made.schema == EXCHANGES.held
    rows: list[dict[str, Any]] = made.to_pylist()
    return rows


def test_identifiers_leave_as_tokens_and_the_rest_as_it_came() -> None:
    (row,) = cleaned(
        {
            "exchange_id": "e",
            "prompt": "p",
            "client_ip": "203.0.113.7",
            "api_key_id": "k",
            "end_user_id": "u",
            "tools": "[]",
        }
    )
    assert row["address"] == KEYS.token("address", "203.0.113.7")
    assert row["prefix"] == KEYS.token("prefix", "203.0.113.0/24")
    assert row["api_key_id"] == KEYS.token("api_key", "k")
    assert row["end_user_id"] == KEYS.token("end_user", "u")
    assert (row["exchange_id"], row["prompt"], row["tools"]) == ("e", "p", "[]")
    assert (row["file"], row["chunk"], row["row"]) == (7, 3, 0)


def test_unknown_networks_are_null_not_access() -> None:
    assert [row["network"] for row in cleaned({"asn": 16509}, {"asn": 680}, {"asn": 64512}, {"asn": None})] == [
        "hosting", "education", None, None,
    ]  # fmt: skip


def test_row_numbers_of_the_reader_are_kept() -> None:
    given = batch({"prompt": "a"}, {"prompt": "b"}).append_column("row", pa.array([4, 9], pa.int32()))
    assert clean(given, KEYS, NETWORKS, 0, 0)["row"].to_pylist() == [4, 9]


def test_no_rows_make_no_rows() -> None:
    assert cleaned() == []


def test_messages_fill_what_a_row_lacks() -> None:
    messages = orjson.dumps(
        [{"role": "system", "content": "S"}, {"role": "user", "content": "a"}, {"role": "user", "content": "b"}]
    ).decode()
    rows = cleaned({"messages": messages}, {"messages": messages, "turn": 5}, {"messages": messages, "prompt": "own"})
    assert [(row["system"], row["prompt"], row["turn"]) for row in rows] == [
        ("S", "b", 1),
        ("S", "b", 5),
        (None, "own", None),
    ]


def said(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


def part(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([said("user", "a")], Conversation(None, "a", 0)),
        (
            [said("developer", "D"), said("user", [part("a"), {"type": "image"}, part("b")])],
            Conversation("D", "a\nb", 0),
        ),
        ([said("user", "a"), said("assistant", "x"), said("tool", "result")], Conversation(None, "result", 1)),
        (
            [said("user", "a"), said("assistant", "x"), said("user", [{"type": "tool_result", "content": [part("r")]}]),
             said("assistant", "y"), said("user", "b")],
            Conversation(None, "b", 1),
        ),
        ({"system": [part("S")], "messages": [said("user", "a")]}, Conversation("S", "a", 0)),
        (
            [{"type": "message", **said("user", "a")}, {"type": "function_call_output", "output": "r"}],
            Conversation(None, "r", 1),
        ),
        (
            [{"role": "user", "parts": [{"type": "text", "content": "a"}]},
             {"role": "user", "parts": [{"type": "tool_call_response", "response": "r"}]}],
            Conversation(None, "r", 1),
        ),
        ([{"role": "user", "parts": [{"text": "a"}]}, {"role": "model", "parts": []}], Conversation(None, "a", 0)),
        ([said("assistant", "x")], "no message with the role user or tool"),
        ({}, "a JSON list of messages was expected"),
        (3, "a JSON list of messages was expected"),
        ([None, 3, {"role": ["user"]}], "no message with the role user or tool"),
    ],
)  # fmt: skip
def test_what_a_conversation_asks(document: Any, expected: Conversation | str) -> None:
    assert conversation(orjson.dumps(document).decode()) == expected


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("python-requests/2.31.0", ("python-requests", "2.31.0")),
        ("OpenAI/Python 1.2.3", ("OpenAI", "Python")),
        ("curl", ("curl", None)),
        (
            "Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
            ("Chrome", "120.0"),
        ),
        ("Mozilla/5.0 (Windows) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.1", ("Edge", "120.1")),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/605 (KHTML, like Gecko) Version/17.1 Safari/605", ("Safari", "17.1")),
        ("Mozilla/5.0 (X11; rv:121.0) Gecko/20100101 Firefox/121.0", ("Firefox", "121.0")),
        ("", (None, None)),
    ],
)
def test_the_client_names_itself(agent: str, expected: tuple[str | None, str | None]) -> None:
    assert client(agent) == expected
