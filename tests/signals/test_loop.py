"""Steps of an agent: later turns of a conversation with tools, whatever the words of a result are."""

from __future__ import annotations

import pyarrow as pa
import pytest

from stillwatch.evidence import CAPABILITIES
from stillwatch.signals.loop import at_work


@pytest.mark.parametrize(
    "turn, has_tools, words_say, told",
    [
        (3, True, "coding", True),
        (1, True, "tool_use", True),
        (0, True, "coding", False),  # the first turn says what is wanted
        (None, True, "coding", False),
        (3, False, "coding", False),  # a person who goes on asking for code
        (3, True, "chat", False),
        (3, True, "computer_use", False),
    ],
)
def test_a_step_of_an_agent(turn: int | None, has_tools: bool, words_say: str, told: bool) -> None:
    capability = pa.array([CAPABILITIES.index(words_say)], pa.int16())
    assert at_work(pa.array([turn], pa.int32()), pa.array([has_tools]), capability).to_pylist() == [told]
