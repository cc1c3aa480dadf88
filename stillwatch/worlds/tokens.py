"""Token counts and gaps between requests: drawn from published traces when given, else from shapes fitted by eye."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from stillwatch.errors import NothingToRead
from stillwatch.worlds.people import F64

_SAMPLE = 20_000  # draws standing for a shape: enough for its tail, small enough to send to other processes


@dataclass(frozen=True)
class Tokens:
    """Pairs of context and answer lengths, of chats and of agents, and gaps of mean one."""

    chat_context: F64
    chat_answer: F64
    agent_context: F64
    agent_answer: F64
    gaps: F64


def drawn_from(traces: Path | None, seed: int) -> Tokens:
    random = np.random.default_rng(seed)
    if traces is None:
        return Tokens(
            random.lognormal(6.6, 1.1, _SAMPLE),  # median 735 tokens
            random.lognormal(5.0, 1.0, _SAMPLE),  # median 150
            random.lognormal(9.2, 1.0, _SAMPLE),  # median 10,000: files and earlier steps
            random.lognormal(5.4, 0.9, _SAMPLE),  # median 220
            random.exponential(1.0, _SAMPLE),
        )
    chat = _read(traces / "azure_llm_2023_conv.parquet", ["TIMESTAMP", "ContextTokens", "GeneratedTokens"])
    agent = _read(traces / "mooncake_synthetic.parquet", ["input_length", "output_length"])
    gaps = np.diff(np.sort(chat["TIMESTAMP"].astype("datetime64[us]").astype(np.int64))).astype(float)
    gaps = np.minimum(gaps, np.quantile(gaps, 0.9999))  # the trace's few pauses are cuts in it
    return Tokens(
        chat["ContextTokens"].astype(float),
        chat["GeneratedTokens"].astype(float),
        agent["input_length"].astype(float),
        agent["output_length"].astype(float),
        gaps / gaps.mean(),
    )


def _read(path: Path, columns: list[str]) -> dict[str, Any]:
    if not path.is_file():
        raise NothingToRead(
            "a trace is missing", str(path), "a folder of traces", "leave traces out to draw from shapes"
        )
    table = pq.read_table(path, columns=columns)
    return {name: table.column(name).to_numpy() for name in columns}
