"""Real prompts, when a folder of them is given, as phrase books: by kind and capability, cut to a length that streams.

They are few and the requests are many, so they repeat: ordinary ones go to random accounts and are varied a little.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from stillwatch.errors import NothingToRead

MAX_CHARACTERS = 6_000  # of a real text: agents' system prompts run to 60,000 and would be most of the log's bytes
OWN_FRAME = frozenset({"autoj_gpt4_judge", "seal_tools", "metamath_rephrase", "datagen_templates_a"})

# Which distillation capabilities each campaign asks for.
WANTED = {
    "reasoning": ("reasoning",),
    "judging": ("judging",),
    "tools": ("coding", "tool_use"),
    "hydra": ("coding", "tool_use", "data_generation"),
}


def real_books(folder: Path) -> dict[str, list[str]]:
    """Phrase books `real_*` from parquet files of source, kind, capability, system and prompt."""
    paths = sorted(folder.glob("*.parquet"))
    if not paths:
        raise NothingToRead("no prompts", str(folder), "parquet files of source, kind, capability, system, prompt")
    books: dict[str, list[str]] = {}
    for path in paths:
        for row in pq.read_table(path, columns=["source", "kind", "capability", "system", "prompt"]).to_pylist():
            if row["prompt"]:
                for name in _places(row):
                    books.setdefault(name, []).append(row["prompt"][:MAX_CHARACTERS])
                if row["kind"] == "agent_template" and row["system"]:
                    books.setdefault("real_agent_system", []).append(row["system"][:MAX_CHARACTERS])
    return {name: list(dict.fromkeys(texts)) for name, texts in sorted(books.items())}


def _places(row: dict[str, str]) -> list[str]:
    kind, capability, source = row["kind"], row["capability"], row["source"]
    if kind == "distillation":
        ending = "framed" if source in OWN_FRAME else "bare"
        return [f"real_{campaign}_{ending}" for campaign, wanted in WANTED.items() if capability in wanted]
    if kind == "eval":
        return ["real_eval"]
    if kind == "agent_template":
        if source == "fabric_patterns":
            return ["real_pattern"]
        return ["real_agent_step"] if row["system"] else ["real_agent_system"]
    return ["real_ordinary"] if capability != "coding" else ["real_ordinary", "real_code_question"]
