"""Texts of which it is known what they were made from, as files that every contender reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.data import DATA
from bench.template_pairs.corpus import Corpus, corpus, ordinary
from stillwatch.worlds.frames import dealable, own_name, own_phrases
from stillwatch.worlds.grammar import compile_books, phrase_books, without_missing
from stillwatch.worlds.prose import seeds_for, texts

PROMPTS = DATA / "prompts"
OWNERS = ("one", "two")  # campaigns: each has a frame of each kind of harvest, and no sentence of another's
ACCOUNTS, USERS = 300, (2, 12)  # as in template_pairs
MADE = 0.4  # share of the prompts that are made from frames, as in template_pairs


def real_or_made(target: Path, number: int) -> str:
    """Distinct real prompts where there are some, else sentences of a made vocabulary; says which."""
    if PROMPTS.is_dir():
        found = [pq.read_table(path, columns=["prompt"])["prompt"] for path in sorted(PROMPTS.glob("*.parquet"))]
        distinct = pa.chunked_array([chunk for one in found for chunk in one.chunks]).unique()
        kept = distinct.filter(pa.compute.greater(pa.compute.binary_length(distinct), 0))
        source = "distinct real prompts"
    else:
        kept, source = pa.array(corpus(1, number).texts), "made prompts"
    pq.write_table(pa.table({"text": kept}), target, compression="zstd")
    return source


def with_templates(seed: int, number: int) -> Corpus:
    """Prompts of 60 made templates among unrelated ones (bench/template_pairs)."""
    return corpus(seed, number)


def with_frames(seed: int, number: int) -> Corpus:
    """Prompts of worlds: jobs in the frames of harvests, and questions of ordinary people, real ones first."""
    dice = np.random.default_rng(seed)
    books = without_missing(phrase_books(), ())
    kinds = {name for name in books if name.startswith("harvest_")}
    grammar = compile_books(own_phrases(books, dealable(books), dict.fromkeys(OWNERS, kinds), seed))
    frames = [grammar.symbol(own_name(kind, owner, grammar.names)) for kind in sorted(kinds) for owner in OWNERS]
    made = dice.random(number) < MADE
    of = np.where(made, dice.integers(len(frames), size=number), -1 - np.arange(number))
    starts = np.where(made, np.array(frames)[np.maximum(of, 0)], grammar.symbol("ask_en"))
    draw = [dice.integers(1, 1 << 62, size=number).astype(np.uint64) for _ in range(2)]
    frame = dice.integers(1, 1 << 62, size=len(frames)).astype(np.uint64)
    seeds = seeds_for(number, row=draw[0], item=draw[1], frame=np.where(made, frame[np.maximum(of, 0)], draw[0]))
    written = texts(grammar, starts, seeds).to_pylist()
    if PROMPTS.is_dir():
        for row, text in zip(np.flatnonzero(~made), dice.permutation(np.array(ordinary(), object)), strict=False):
            written[row] = text
    users = [dice.choice(ACCOUNTS, dice.integers(USERS[0], USERS[1] + 1), replace=False) for _ in frame]
    account = [f"a{dice.choice(users[one]) if one >= 0 else dice.integers(ACCOUNTS)}" for one in of.tolist()]
    return Corpus(written, account, of, np.zeros(number))


def store(made: Corpus, folder: Path) -> dict[str, float]:
    """As `corpus.parquet`, and what is true of it apart, so that no contender reads it."""
    pq.write_table(pa.table({"text": made.texts, "account": made.account}), folder / "corpus.parquet")
    pq.write_table(pa.table({"template": made.template}), folder / "truth.parquet")
    return {"texts": len(made.texts), "characters": round(sum(map(len, made.texts)) / len(made.texts))}
