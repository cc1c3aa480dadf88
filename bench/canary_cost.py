"""What canaries cost: how many requests suggest one, how long the note is, and what working it out takes.

    python -m bench.canary_cost [TOKENIZER.json]

The requests are prompts of public data sets (`prompts/` of the data folder). Tokens are counted with a tokenizer in Hugging
Face's format, where one is given; without, the note's bytes are all that is told.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

import numpy as np
import pyarrow.parquet as pq

from bench.data import DATA
from stillwatch.safeguards.canaries.choice import chosen
from stillwatch.safeguards.canaries.note import note, suggested
from stillwatch.safeguards.canaries.slots import load

SLOTS = load()
CHOICE = chosen("0123456789abcdef", SLOTS)
MOST_ROWS = 20_000  # of a data set, so that none outweighs all others


def cost(tokenizer: str) -> None:
    """By kind of data set, and over all of their requests that suggest a slot."""
    kinds: Counter[str] = Counter()
    with_slots: Counter[str] = Counter()
    slots: Counter[str] = Counter()
    notes: list[str] = []
    took = 0.0
    for path in sorted((DATA / "prompts").glob("*.parquet")):
        rows = pq.read_table(path, columns=["kind", "prompt"]).slice(0, MOST_ROWS).to_pylist()
        for row in rows:
            began = time.thread_time()
            told = suggested(row["prompt"] or "", SLOTS)
            took += time.thread_time() - began
            kinds[row["kind"]] += 1
            if told:
                with_slots[row["kind"]] += 1
                slots.update(one.id for one in told)
                notes.append(note(told, CHOICE))
    every = kinds.total()
    share, each = with_slots.total() / every, took / every * 1e6
    print(f"{every:,} prompts, {share:.1%} suggest a slot; {each:.0f} µs of processor time each to tell")
    for kind, number in kinds.most_common():
        print(f"  {kind}: {with_slots[kind] / number:.1%} of {number:,}")
    print("  slots: " + ", ".join(f"{name} {number:,}" for name, number in slots.most_common()))
    _told("bytes", np.array([len(one.encode()) for one in notes]), every)
    if tokenizer:
        from tokenizers import Tokenizer

        counts = Tokenizer.from_file(tokenizer)
        lengths = {one: len(counts.encode(one).ids) for one in set(notes)}
        _told("tokens", np.array([lengths[one] for one in notes]), every)


def _told(unit: str, lengths: np.ndarray, every: int) -> None:
    low, middle, high = np.percentile(lengths, [0, 50, 100])
    over_all = lengths.sum() / every
    print(f"  a note: {middle:.0f} {unit} in the median, {low:.0f} to {high:.0f}; {over_all:.0f} a request over all")


if __name__ == "__main__":
    cost(sys.argv[1] if len(sys.argv) > 1 else "")
