"""Replay: a token of kept reasoning on a first turn comes from another conversation."""

from __future__ import annotations

import pyarrow as pa
import pytest

from stillwatch import tables
from stillwatch.config import Text
from stillwatch.evidence import CAPABILITIES, ELICITATIONS
from stillwatch.signals import KnownClients, signals


@pytest.mark.parametrize(
    ("turn", "signature", "told"),
    [(0, "s", True), (1, "s", False), (None, "s", False), (0, None, False)],
    ids=["first turn", "later turn", "turn unknown", "no token"],
)
def test_what_a_replay_is_after(turn: int | None, signature: str | None, told: bool) -> None:
    row = {"exchange_id": "x", "account_id": "a", "prompt": "Translate into French: a cat", "turn": turn,
           "reasoning_signature": signature}  # fmt: skip
    clean = pa.RecordBatch.from_pylist(
        [{name: row.get(name) for name in tables.EXCHANGES.names}], tables.EXCHANGES.held
    )
    (made,) = signals(clean, KnownClients({}), Text()).to_pylist()
    assert bool(made["elicitation"] >> ELICITATIONS.index("trace_reconstruction") & 1) is told
    assert (CAPABILITIES[made["capability"]] == "reasoning") is told
    assert bool(made["capabilities"] >> CAPABILITIES.index("reasoning") & 1) is told
