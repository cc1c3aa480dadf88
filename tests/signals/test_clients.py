"""System prompts of known agent clients: what their maker wrote goes, what the customer added stays."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from stillwatch import tables
from stillwatch.config import Text
from stillwatch.evidence import CAPABILITIES
from stillwatch.signals import KnownClients, signals

KNOWN = KnownClients(
    {"You are Agent. ": "agent", "You are Agent. Speak French. ": "french agent", "": "all", " ": "all"}
)


@pytest.mark.parametrize(
    ("system", "rest", "client"),
    [
        ("You are Agent. Be brief.", "Be brief.", "agent"),
        ("You are Agent. Speak French. Be brief.", "Be brief.", "french agent"),
        ("You are Agent. ", "", "agent"),
        ("you are agent. Be brief.", "you are agent. Be brief.", None),
        ("Say: You are Agent. ", "Say: You are Agent. ", None),
        ("Be brief.", "Be brief.", None),
        (" Be brief.", " Be brief.", None),
        ("", "", None),
        (None, None, None),
    ],
)
def test_a_prefix_is_taken_off(system: str | None, rest: str | None, client: str | None) -> None:
    rests, clients = KNOWN.stripped(pa.array([system], pa.string()))
    assert (rests.to_pylist(), clients.to_pylist()) == ([rest], [client])


@pytest.mark.parametrize("prefixes", [{}, {"": "all", "\n": "all"}])
def test_nobody_declared_leaves_everything(prefixes: dict[str, str]) -> None:
    rests, clients = KnownClients(prefixes).stripped(pa.array(["", "\nhello", None]))
    assert (rests.to_pylist(), clients.to_pylist()) == (["", "\nhello", None], [None] * 3)


MAKERS = (
    "You are an autonomous coding agent. Run the command, edit files, refactor the codebase, write a function and fix "
    "the failing tests in this repository until the task is complete. "
)
OWN = (
    "Take a screenshot of the current screen, move the mouse cursor to the click coordinates and tell every visible "
    "element of the interface by its number in the list that follows below."
)


def seen(arrow: Any, *systems: str | None, known: bool = True) -> list[dict[str, Any]]:
    """What is observed of one greeting under each system prompt."""
    rows = [
        {"exchange_id": f"x{number}", "account_id": "a", "timestamp": "2026-02-02 09:00", "prompt": "Good morning!",
         "system": system, "file": 0, "chunk": 0, "row": number}
        for number, system in enumerate(systems)
    ]  # fmt: skip
    (batch,) = arrow(tables.EXCHANGES, *rows).to_batches()
    found: list[dict[str, Any]] = signals(batch, KnownClients({MAKERS: "agent"} if known else {}), Text()).to_pylist()
    return found


def test_the_known_part_neither_tags_nor_fingerprints(arrow: Any) -> None:
    agent, none = seen(arrow, MAKERS, None)
    assert (agent["known_client"], none["known_client"]) == ("agent", None)
    assert agent["system_sketch"] == none["system_sketch"] == b""
    assert agent["capability"] == none["capability"] and agent["capabilities"] == none["capabilities"]
    (unknown,) = seen(arrow, MAKERS, known=False)
    assert unknown["system_sketch"] and unknown["capability"] != none["capability"], "undeclared, it would do both"


def test_what_the_customer_added_tags_and_fingerprints(arrow: Any) -> None:
    added, alone = seen(arrow, MAKERS + OWN, OWN)
    assert (added["known_client"], alone["known_client"]) == ("agent", None)
    assert CAPABILITIES[added["capability"]] == "computer_use"
    for name in ("system_hash", "system_sketch", "capability", "capabilities"):
        assert added[name] == alone[name], "as if the maker's part had never been there"


def test_one_text_sent_often_is_the_same_each_time(arrow: Any) -> None:
    found = seen(arrow, MAKERS + OWN, OWN, MAKERS + OWN, None, MAKERS)
    assert [one["known_client"] for one in found] == ["agent", None, "agent", None, "agent"]
    assert found[0]["system_hash"] == found[2]["system_hash"] and found[3]["system_hash"] is None
