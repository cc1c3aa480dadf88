"""Real prompts, when a folder of them is given, as phrase books: by kind and capability, cut to a length that streams.

They are few and the requests are many. Ordinary ones go to random accounts, so they repeat, and are varied a little.
Each row of a distillation source goes to one campaign alone, which deals it out before it sends any row again.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from stillwatch.errors import NothingToRead
from stillwatch.worlds.dice import rng, unit

MAX_CHARACTERS = 6_000  # of a real text: agents' system prompts run to 60,000 and would be most of the log's bytes
OWN_FRAME = frozenset({"autoj_gpt4_judge", "seal_tools", "metamath_rephrase", "datagen_templates_a"})

# Who asks for which distillation capability, and in what proportions they split its rows: hydra harvests the most. Those
# of other worlds get nothing; a deck `judging` is the campaign reasoning's or the tenant north's, whose world it is.
WANTED = {
    "reasoning": {"reasoning": 1.0, "north": 1.0},
    "judging": {"judging": 1.0},
    "coding": {"tools": 1.0, "hydra": 2.0, "south": 1.0},
    "tool_use": {"tools": 1.0, "hydra": 2.0, "south": 1.0},
    "data_generation": {"hydra": 1.0},
}


@dataclass(frozen=True)
class Real:
    """Phrase books `real_*`, and how many texts of each were cut."""

    books: dict[str, list[str]]
    cut: dict[str, int]
    capability: dict[str, list[str]] = field(default_factory=dict)  # of each text


def real_books(folder: Path, seed: int, owners: Collection[str] | None = None) -> Real:
    """Phrase books from parquet files of source, kind, capability, system and prompt; campaigns' rows shuffled.

    Rows of a distillation source go to those of the `owners`, or of all, who want its capability.
    """
    paths = sorted(folder.glob("*.parquet"))
    if not paths:
        raise NothingToRead("no prompts", str(folder), "parquet files of source, kind, capability, system, prompt")
    found: dict[str, dict[str, str]] = {}  # whole texts, in order, each once, and what they ask for
    for path in paths:
        for row in pq.read_table(path, columns=["source", "kind", "capability", "system", "prompt"]).to_pylist():
            if row["prompt"]:
                for name in _places(row, seed, owners):
                    found.setdefault(name, {}).setdefault(row["prompt"], row["capability"])
                if row["kind"] == "agent_template" and row["system"]:
                    found.setdefault("real_agent_system", {}).setdefault(row["system"], row["capability"])
    cut = {name: sum(len(text) > MAX_CHARACTERS for text in texts) for name, texts in sorted(found.items())}
    books, asked = {}, {}
    for name, texts in sorted(found.items()):
        short: dict[str, str] = {}
        for text, capability in texts.items():
            short.setdefault(text[:MAX_CHARACTERS], capability)
        rows = list(short.items())
        if name.endswith(("_bare", "_framed")):
            rows = [rows[at] for at in rng(seed, "deck", name).permutation(len(rows))]
        books[name], asked[name] = [text for text, _ in rows], [capability for _, capability in rows]
    return Real(books, {name: count for name, count in cut.items() if count}, asked)


def _places(row: dict[str, str], seed: int, owners: Collection[str] | None) -> list[str]:
    kind, capability, source = row["kind"], row["capability"], row["source"]
    if kind == "distillation":
        return _dealt_to(row, seed, owners) if capability in WANTED else []
    if kind == "eval":
        return ["real_eval"]
    if kind == "agent_template":
        if source == "fabric_patterns":
            return ["real_pattern"]
        return ["real_agent_step"] if row["system"] else ["real_agent_system"]
    return ["real_ordinary"] if capability != "coding" else ["real_ordinary", "real_code_question"]


def _dealt_to(row: dict[str, str], seed: int, owners: Collection[str] | None) -> list[str]:
    """One campaign for each row; a source whose rows share a frame goes to one campaign as a whole."""
    everybody = WANTED[row["capability"]]
    wanted = {one: part for one, part in everybody.items() if owners is None or one in owners or one == "judging"}
    if not wanted:
        return []
    if row["source"] in OWN_FRAME:
        return [f"real_{next(iter(wanted))}_framed"]
    share = np.cumsum(list(wanted.values())) / sum(wanted.values())
    draw = unit(np.array([zlib.crc32(row["prompt"].encode())]), seed & 0xFFFFFFFF)
    return [f"real_{list(wanted)[int(np.searchsorted(share, draw[0], side='right'))]}_bare"]
