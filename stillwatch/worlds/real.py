"""Real prompts, when a folder of them is given, as phrase books: by kind and capability, cut to a length that streams.

They are few and the requests are many. Ordinary ones go to random accounts, so they repeat, and are varied a little.
Each row of a distillation source goes to one campaign alone, which deals it out before it sends any row again.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from stillwatch.errors import NothingToRead
from stillwatch.worlds.dice import rng, unit

MAX_CHARACTERS = 6_000  # of a real text: agents' system prompts run to 60,000 and would be most of the log's bytes
OWN_FRAME = frozenset({"autoj_gpt4_judge", "seal_tools", "metamath_rephrase", "datagen_templates_a"})

# Who asks for which distillation capability, and in what proportions they split its rows: hydra harvests the most.
WANTED = {
    "reasoning": {"reasoning": 1.0},
    "judging": {"judging": 1.0},
    "coding": {"tools": 1.0, "hydra": 2.0},
    "tool_use": {"tools": 1.0, "hydra": 2.0},
    "data_generation": {"hydra": 1.0},
}


@dataclass(frozen=True)
class Real:
    """Phrase books `real_*`, and how many texts of each were cut."""

    books: dict[str, list[str]]
    cut: dict[str, int]


def real_books(folder: Path, seed: int) -> Real:
    """Phrase books from parquet files of source, kind, capability, system and prompt; campaigns' rows shuffled."""
    paths = sorted(folder.glob("*.parquet"))
    if not paths:
        raise NothingToRead("no prompts", str(folder), "parquet files of source, kind, capability, system, prompt")
    found: dict[str, dict[str, None]] = {}  # whole texts, in order, each once
    for path in paths:
        for row in pq.read_table(path, columns=["source", "kind", "capability", "system", "prompt"]).to_pylist():
            if row["prompt"]:
                for name in _places(row, seed):
                    found.setdefault(name, {})[row["prompt"]] = None
                if row["kind"] == "agent_template" and row["system"]:
                    found.setdefault("real_agent_system", {})[row["system"]] = None
    cut = {name: sum(len(text) > MAX_CHARACTERS for text in texts) for name, texts in sorted(found.items())}
    books = {
        name: list(dict.fromkeys(text[:MAX_CHARACTERS] for text in texts)) for name, texts in sorted(found.items())
    }
    for name in books:
        if name.endswith(("_bare", "_framed")):
            order = rng(seed, "deck", name).permutation(len(books[name]))
            books[name] = [books[name][at] for at in order]
    return Real(books, {name: count for name, count in cut.items() if count})


def _places(row: dict[str, str], seed: int) -> list[str]:
    kind, capability, source = row["kind"], row["capability"], row["source"]
    if kind == "distillation":
        return _dealt_to(row, seed) if capability in WANTED else []
    if kind == "eval":
        return ["real_eval"]
    if kind == "agent_template":
        if source == "fabric_patterns":
            return ["real_pattern"]
        return ["real_agent_step"] if row["system"] else ["real_agent_system"]
    return ["real_ordinary"] if capability != "coding" else ["real_ordinary", "real_code_question"]


def _dealt_to(row: dict[str, str], seed: int) -> list[str]:
    """One campaign for each row; a source whose rows share a frame goes to one campaign as a whole."""
    wanted = WANTED[row["capability"]]
    if row["source"] in OWN_FRAME:
        return [f"real_{next(iter(wanted))}_framed"]
    share = np.cumsum(list(wanted.values())) / sum(wanted.values())
    draw = unit(np.array([zlib.crc32(row["prompt"].encode())]), seed & 0xFFFFFFFF)
    return [f"real_{list(wanted)[int(np.searchsorted(share, draw[0], side='right'))]}_bare"]
