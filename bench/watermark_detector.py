"""How often the detector of watermarks is wrong on texts without a mark, how many tokens it needs, and whom it names.

    python -m bench.watermark_detector [TEXTS]

The texts are made: tokens of a chain with Zipf's frequencies, which repeats contexts as texts do. What they cannot tell is how
unmarked texts of a provider's own look to it; measure that before anybody is accused.
"""

from __future__ import annotations

import math
import sys
import time

import numpy as np

from stillwatch.safeguards.watermark.gumbel import WINDOW, Drawn, Text, attribute, detect, drawn, uniform
from stillwatch.safeguards.watermark.keys import Epoch, Secret

VOCABULARY, STATES = 2_000, 50  # tokens; orders in which they are frequent, of which the token before picks one
KEYS = [Secret(bytes(32)).key(f"C-{one}", Epoch(0, 604_800)).key for one in range(24_000)]
LEVELS = (0.05, 0.01, 1e-3, 1e-4, 1e-5, 1e-6)
SLOPES = (3.4, 2.6, 2.1, 1.5)  # of Zipf's frequencies: from half a nat a token, as in code, to three
POWER_TEXTS = 50  # in each cell


class Source:
    """Texts of one entropy."""

    def __init__(self, slope: float, seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        frequencies = 1 / np.arange(1, VOCABULARY + 1) ** slope
        self.chances = frequencies / frequencies.sum()
        self.orders = [self.chance.permutation(VOCABULARY) for _ in range(STATES)]
        self.entropy = float(-(self.chances * np.log(self.chances)).sum())

    def unmarked(self, tokens: int) -> Text:
        """Drawn by chance."""
        made = [0]
        for rank in self.chance.choice(VOCABULARY, tokens, p=self.chances).tolist():
            made.append(int(self.orders[made[-1] % STATES][rank]))
        return Text(made[1:])

    def marked(self, tokens: int, key: str) -> Text:
        """Drawn as an engine does; a context that was there before is left to chance."""
        made = self.chance.integers(0, VOCABULARY, WINDOW).tolist()
        seen: set[tuple[int, ...]] = set()
        for _ in range(tokens):
            context, order = tuple(made[-WINDOW:]), self.orders[made[-1] % STATES]
            if context in seen:
                made.append(int(order[self.chance.choice(VOCABULARY, p=self.chances)]))
                continue
            seen.add(context)
            hashed = drawn([Text([0], context)]).contexts[0]
            number = uniform([key], Drawn(np.full(VOCABULARY, hashed), order.astype(np.uint32)))[0]
            made.append(int(order[np.argmax(np.log(number) / self.chances)]))
        return Text(made[WINDOW:], made[:WINDOW])


def false_alarms(texts: int) -> None:
    """Unmarked texts below each level."""
    source, began = Source(1.1, 11), time.perf_counter()
    found = np.array([detect(KEYS[one % 100], drawn([source.unmarked(100)])).log_p for one in range(texts)])
    print(f"{texts:,} unmarked texts of 100 tokens, {source.entropy:.1f} nats, {time.perf_counter() - began:.0f} s")
    for level in LEVELS:
        print(f"  p <= {level:g}: {(found <= math.log(level)).sum():,} (expected {level * texts:g})")


def power() -> None:
    """Marked texts found by their key, and by trying all keys."""
    print(f"{POWER_TEXTS} marked texts a line, {len(KEYS):,} keys")
    for slope in SLOPES:
        source = Source(slope, 5)
        for tokens in (50, 100, 200, 400):
            alone, named, wrong, took = [], 0, 0, 0.0
            for place in source.chance.integers(0, len(KEYS), POWER_TEXTS).tolist():
                of = drawn([source.marked(tokens, KEYS[place])])
                alone.append(detect(KEYS[place], of).log_p / math.log(10))
                began = time.perf_counter()
                best = attribute(KEYS, of, best=1)[0]
                took += time.perf_counter() - began
                if best.log_p <= math.log(1e-3):
                    named, wrong = named + (best.place == place), wrong + (best.place != place)
            print(
                f"  {source.entropy:.1f} nats, {tokens} tokens: median log10 p {np.median(alone):.1f}, below 1e-6 "
                f"{np.mean(np.array(alone) <= -6):.0%}; named at 1e-3 {named}, wrongly {wrong}; "
                f"{took / POWER_TEXTS:.2f} s a text"
            )


if __name__ == "__main__":
    false_alarms(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    power()
