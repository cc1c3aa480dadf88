"""How often real texts without a mark are taken for marked, by each scheme, with repeated contexts counted once and without.

    STILLWATCH_DATA=FOLDER python -m bench.watermark_real_texts [TEXTS]     # needs tokenizers

Prompts and answers of FOLDER/prompts/*.parquet, in tokens of a vocabulary that is made from a part of them here. No text is
marked and every key is new to it, so at each level that share of them should be below it, and not more.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as parquet
from scipy.special import gammaincc
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from bench.watermark_detector import KEYS, LEVELS
from stillwatch.safeguards.watermark.gumbel import UNKNOWN, WINDOW, Context, Drawn, Text, drawn, placed, scores, uniform

FOLDER = Path(os.environ.get("STILLWATCH_DATA", "../shared/data")) / "prompts"
VOCABULARY = 8_000  # of tokens: what a few megabytes of text are enough for
LEARNT_FROM = 4_000  # texts that the vocabulary is made from
SHORTEST, LONGEST = 20, 200  # tokens of a text: shorter ones tell nothing, and of longer ones no more is taken
LONGEST_WORDS = 2_000  # characters of a text that are made into tokens: enough for those
KEYS_USED = 100  # each for its share of the texts
POOL, POOL_KEYS = (
    1_000,
    10,
)  # texts that are looked at as one, as they stand in their files; keys that each pool is tried with
SCHEMES = ("sglang", "vllm")

Numbers = npt.NDArray[np.float64]


def read() -> list[str]:
    """Prompts and answers, each once."""
    found: dict[str, None] = {}
    for path in sorted(FOLDER.glob("*.parquet")):
        columns = parquet.read_table(path, columns=["prompt", "output"]).to_pydict()
        for prompt, output in zip(columns["prompt"], columns["output"], strict=True):
            found.update(dict.fromkeys(one for one in (prompt, output) if one))
    return list(found)


def tokens(words: Sequence[str], most: int) -> list[list[int]]:
    """Of as many texts as are asked for and long enough."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    made.train_from_iterator(words[:: max(len(words) // LEARNT_FROM, 1)], trainer)
    found: list[list[int]] = []
    for begin in range(0, len(words), LEARNT_FROM):
        told = made.encode_batch([one[:LONGEST_WORDS] for one in words[begin : begin + LEARNT_FROM]])
        found += [one.ids[:LONGEST] for one in told if len(one.ids) >= SHORTEST]
        if len(found) >= most:
            break
    return found[:most]


def repeating(texts: Sequence[Sequence[int]], scheme: str) -> Drawn:
    """Tokens with their contexts as often as they stand there: what must not be done."""
    contexts: list[Context] = []
    told: list[int] = []
    for text in texts:
        before = (UNKNOWN,) * WINDOW if scheme == "vllm" else ()
        padded = (*before, *text)
        contexts += [padded[place - WINDOW : place] for place in range(WINDOW, len(padded))]
        told += padded[WINDOW:]
    return Drawn(placed(scheme, contexts), np.array(told, np.uint32), scheme=scheme)


def alone(texts: Sequence[Sequence[int]], scheme: str, once: bool) -> Numbers:
    """The p-value of each text, by a key of its own among so many."""
    found = np.empty(len(texts))
    for number, key in enumerate(KEYS[:KEYS_USED]):
        own = range(number, len(texts), KEYS_USED)
        parts = [drawn([Text(texts[one])], scheme) if once else repeating([texts[one]], scheme) for one in own]
        if not parts:
            continue
        lengths = np.array([len(one) for one in parts])
        whole = Drawn(
            np.concatenate([one.contexts for one in parts]),
            np.concatenate([one.tokens for one in parts]),
            scheme=scheme,
        )
        ends = np.cumsum(lengths)
        sums = np.add.reduceat(-np.log1p(-uniform([key], whole)[0]), ends - lengths)
        found[own.start :: KEYS_USED] = gammaincc(lengths, sums)
    return found


def pooled(texts: Sequence[Sequence[int]], scheme: str, how: str) -> Numbers:
    """The p-value of each pool by each of some keys."""
    return np.array([one for pool in _pools(texts) for one in _pool(pool, scheme, how)])


def _pools(texts: Sequence[Sequence[int]]) -> Iterator[tuple[int, Sequence[Sequence[int]]]]:
    return ((begin, texts[begin : begin + POOL]) for begin in range(0, len(texts) - POOL + 1, POOL))


def _pool(pool: tuple[int, Sequence[Sequence[int]]], scheme: str, how: str) -> Numbers:
    begin, texts = pool
    keys = [KEYS[(begin + one) % len(KEYS)] for one in range(POOL_KEYS)]
    if how == "once in all":
        parts = [drawn(map(Text, texts), scheme)]
    else:
        parts = [drawn([Text(one)], scheme) if how == "once in each" else repeating([one], scheme) for one in texts]
    whole = Drawn(
        np.concatenate([one.contexts for one in parts]), np.concatenate([one.tokens for one in parts]), scheme=scheme
    )
    found: Numbers = gammaincc(len(whole), scores(keys, whole))
    return found


def _told(label: str, found: Numbers, began: float) -> None:
    below = "  ".join(f"{level:g}: {int((found <= level).sum()):,} ({level * len(found):g})" for level in LEVELS)
    print(f"  {label}: {below}; {time.perf_counter() - began:.0f} s", flush=True)


def main(most: int) -> None:
    """Print how many are below each level, and how many should be."""
    began = time.perf_counter()
    texts = tokens(read(), most)
    seconds, long = time.perf_counter() - began, sum(map(len, texts))
    print(f"{len(texts):,} real texts of {long:,} tokens, {seconds:.0f} s; below each level (expected)", flush=True)
    for scheme in SCHEMES:
        for once in (True, False):
            began = time.perf_counter()
            _told(f"{scheme}, {'each context once' if once else 'every token'}", alone(texts, scheme, once), began)
    print(f"pools of {POOL:,} of them, {POOL_KEYS} keys each", flush=True)
    for scheme in SCHEMES:
        for how in ("once in all", "once in each", "every token"):
            began = time.perf_counter()
            _told(f"{scheme}, {how}", pooled(texts, scheme, how), began)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
