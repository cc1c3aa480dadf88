"""How often the detector of watermarks is wrong on texts without a mark, how many tokens it needs, and whom it names.

    python -m bench.watermark_detector [TEXTS]

The texts are made: tokens of a chain with Zipf's frequencies, which repeats contexts as texts do. What they cannot tell is how
unmarked texts of a provider's own look to it: bench.watermark_real_texts asks that of others' texts.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stillwatch.safeguards.watermark.gumbel import (
    UNKNOWN,
    WINDOW,
    Drawn,
    Text,
    attribute,
    detect,
    drawn,
    placed,
    uniform,
)
from stillwatch.safeguards.watermark.keys import Epoch, Secret

VOCABULARY, STATES = 2_000, 50  # tokens; orders in which they are frequent, of which the token before picks one
KEYS = [Secret(bytes(32)).key(f"C-{one}", Epoch(0, 604_800)).key for one in range(24_000)]
LEVELS = (0.05, 0.01, 1e-3, 1e-4, 1e-5, 1e-6)
SLOPES = (3.4, 2.6, 2.1, 1.5)  # of Zipf's frequencies: from half a nat a token, as in code, to three
MIXED = (6.0, 6.0, 6.0, 3.4, 1.5)  # of a text that is sure of most of its tokens, and of some not at all
POWER_TEXTS = 50  # in each cell
VLLM_TEXTS = 20  # the same for vLLM's scheme, whose hash takes longer


class Source:
    """Texts whose tokens have a distribution of one of these slopes each, by the token before."""

    def __init__(self, slopes: Sequence[float], seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        frequencies = 1 / np.arange(1, VOCABULARY + 1) ** np.array(slopes)[:, None]
        self.chances = frequencies / frequencies.sum(axis=1, keepdims=True)
        self.sums = self.chances.cumsum(axis=1)
        self.nats = -(self.chances * np.log(self.chances)).sum(axis=1)
        self.orders = [self.chance.permutation(VOCABULARY) for _ in range(STATES)]

    def unmarked(self, tokens: int) -> Text:
        """Drawn by chance."""
        made, kinds = [0], []
        for number in self.chance.random(tokens).tolist():
            state = made[-1] % STATES
            kinds.append(state % len(self.nats))
            rank = min(int(np.searchsorted(self.sums[kinds[-1]], number)), VOCABULARY - 1)
            made.append(int(self.orders[state][rank]))
        return Text(made[1:], entropies=self.nats[kinds].tolist())

    def marked(self, tokens: int, key: str, scheme: str = "sglang") -> Text:
        """Drawn as an engine does; a context that was there before is left to chance."""
        prompt = self.chance.integers(0, VOCABULARY, WINDOW).tolist()
        made, kinds = list(prompt) if scheme == "sglang" else [UNKNOWN] * WINDOW, []
        state = int(prompt[-1]) % STATES
        seen: set[tuple[int, ...]] = set()
        for _ in range(tokens):
            context, order, kind = tuple(made[-WINDOW:]), self.orders[state], state % len(self.nats)
            if context in seen:
                made.append(int(order[self.chance.choice(VOCABULARY, p=self.chances[kind])]))
            else:
                seen.add(context)
                hashed = np.repeat(placed(scheme, [context]), VOCABULARY, axis=0)
                number = uniform([key], Drawn(hashed, order.astype(np.uint32), scheme=scheme))[0]
                made.append(int(order[np.argmax(np.log(number) / self.chances[kind])]))
            kinds.append(kind)
            state = made[-1] % STATES
        return Text(made[WINDOW:], prompt, self.nats[kinds].tolist())


def plain(text: Text) -> Text:
    """A text of which nobody knows the entropies."""
    return replace(text, entropies=None)


def false_alarms(texts: int) -> None:
    """Unmarked texts below each level, without weights and, a tenth of them, with."""
    for slopes, weighted, many in (((1.1,), False, texts), (MIXED, True, texts // 10)):
        source, began = Source(slopes, 11), time.perf_counter()
        made = (source.unmarked(100) for _ in range(many))
        found = np.array(
            [detect(KEYS[n % 100], drawn([one if weighted else plain(one)])).log_p for n, one in enumerate(made)]
        )
        said = f"{'weighted, ' if weighted else ''}{source.nats.mean():.1f} nats, {time.perf_counter() - began:.0f} s"
        print(f"{many:,} unmarked texts of 100 tokens, {said}", flush=True)
        for level in LEVELS:
            print(f"  p <= {level:g}: {(found <= math.log(level)).sum():,} (expected {level * many:g})")


def power() -> None:
    """Marked texts found by their key, and by trying all keys."""
    print(f"{POWER_TEXTS} marked texts a line, {len(KEYS):,} keys")
    for slope in SLOPES:
        source = Source((slope,), 5)
        for tokens in (50, 100, 200, 400):
            _named(source, tokens, "sglang", POWER_TEXTS)
    print(f"vLLM's scheme, {VLLM_TEXTS} texts a line")
    for slope in SLOPES[1:3]:
        _named(Source((slope,), 5), 100, "vllm", VLLM_TEXTS)


def _named(source: Source, tokens: int, scheme: str, texts: int) -> None:
    alone, named, wrong, took = [], 0, 0, 0.0
    for place in source.chance.integers(0, len(KEYS), texts).tolist():
        of = drawn([plain(source.marked(tokens, KEYS[place], scheme))], scheme)
        alone.append(detect(KEYS[place], of).log_p / math.log(10))
        began = time.perf_counter()
        best = attribute(KEYS, of, best=1)[0]
        took += time.perf_counter() - began
        if best.log_p <= math.log(1e-3):
            named, wrong = named + (best.place == place), wrong + (best.place != place)
    print(
        f"  {source.nats.mean():.1f} nats, {tokens} tokens: median log10 p {np.median(alone):.1f}, below 1e-6 "
        f"{np.mean(np.array(alone) <= -6):.0%}; named at 1e-3 {named}, wrongly {wrong}; {took / texts:.2f} s a text",
        flush=True,
    )


def weights() -> None:
    """What entropies add where a text is sure of most of its tokens."""
    nats = ", ".join(f"{one:.2f}" for one in Source(MIXED, 5).nats)
    print(f"{POWER_TEXTS} marked texts a line whose tokens have {nats} nats, a fifth each")
    for tokens in (50, 100, 200, 400):
        source, found = Source(MIXED, 5), []
        for place in source.chance.integers(0, len(KEYS), POWER_TEXTS).tolist():
            text = source.marked(tokens, KEYS[place])
            found.append([detect(KEYS[place], drawn([one])).log_p / math.log(10) for one in (plain(text), text)])
        without, known = np.array(found).T
        print(
            f"  {tokens} tokens: median log10 p {np.median(without):.1f}, below 1e-6 {np.mean(without <= -6):.0%}; "
            f"with entropies {np.median(known):.1f}, {np.mean(known <= -6):.0%}",
            flush=True,
        )


if __name__ == "__main__":
    false_alarms(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    weights()
    power()
