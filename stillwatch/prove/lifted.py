"""Whether what a suspect says is lifted by a key: its tests, beside keys that nobody ever used."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import kstest

from stillwatch.prove.chance import least_seen, log_p
from stillwatch.prove.pairs import Hashes, Pairs
from stillwatch.safeguards.watermark.gumbel import Drawn, placed, scores
from stillwatch.safeguards.watermark.gumbel import detect as detected
from stillwatch.safeguards.watermark.keys import KEY_BYTES, MarkKey

SERVED, ALL = "served", "all"  # contexts that count: those of answers that were drawn with the key, or every one
BINS, BINS_TO = 32, 8.0  # of a picture; standard deviations, beyond which no unused key is ever seen
CONTROL_KEYS = 1_000  # enough to see whether chance is as it should be; a rank among them is at best 1 in 1,001
ODD = 1e-4  # share of fair worlds in which so many control keys would lie so unevenly: below, the test is not to be relied on


@dataclass(frozen=True)
class Controls:
    """The same test by keys that nobody ever used."""

    keys: int
    as_high: int  # of them, whose score is at least as high
    bins: tuple[
        int, ...
    ]  # how many of them have a z in each part of -BINS_TO to BINS_TO, those beyond in the outermost
    spread: float  # standard deviation of their z; 1 where chance is as it should be
    unevenness_p: float  # how likely their p-values are to lie so unevenly (Kolmogorov and Smirnov)


@dataclass(frozen=True)
class Lift:
    """One test by one key."""

    scope: str
    epoch: tuple[int, int]  # seconds since 1970
    commitment: str
    counts: str  # which contexts
    contexts: int  # that count
    score: float  # sum of -log(1 - u) over their tokens; by chance about one a context
    log_p: float  # natural logarithm, whenever one looks (prove/chance.py)
    log_p_published: float  # as published methods have it: as if the number of contexts had nothing to do with the key
    seen_from: float  # mean score from which nine of ten such tests would have found something at the level asked for
    controls: Controls

    @property
    def mean(self) -> float:
        """Score a context; 1 by chance."""
        return self.score / self.contexts if self.contexts else 1.0

    @property
    def z(self) -> float:
        """Standard deviations above chance."""
        return (self.score - self.contexts) / math.sqrt(self.contexts) if self.contexts else 0.0


def lifts(
    said: Pairs, keys: Sequence[tuple[MarkKey, Hashes]], scheme: str, window: int, unused: Sequence[str], level: float
) -> list[Lift]:
    """Both tests by each key; with a key go the contexts of the answers that were drawn with it."""
    everything = _drawn(said, scheme, window)
    found = []
    for key, contexts in keys:
        among = said.among(contexts)
        for counts, of in ((SERVED, _drawn(among, scheme, window)), (ALL, everything)):
            found.append(_lift(key, counts, of, unused, level))
    return found


def unused_keys(seed: bytes, many: int = CONTROL_KEYS) -> list[str]:
    """Keys that nobody chose: they follow from the plan."""
    return [
        hashlib.sha256(b"control key" + seed + one.to_bytes(4, "big")).hexdigest()[: 2 * KEY_BYTES]
        for one in range(many)
    ]


def _lift(key: MarkKey, counts: str, of: Drawn, unused: Sequence[str], level: float) -> Lift:
    one = detected(key.key, of)
    return Lift(
        key.scope, (key.epoch.begins, key.epoch.ends), key.commitment, counts, len(of), one.score,
        log_p(one.score, len(of)), one.log_p, least_seen(len(of), math.log(level)), _controls(one.score, of, unused),
    )  # fmt: skip


def _controls(score: float, of: Drawn, unused: Sequence[str]) -> Controls:
    if not len(of) or not unused:
        return Controls(0, 0, (), 1.0, 1.0)
    found = scores(unused, of)
    fair = kstest(found, "gamma", args=(len(of),))
    z = (found - len(of)) / math.sqrt(len(of))
    bins, _ = np.histogram(np.clip(z, -BINS_TO, BINS_TO), BINS, (-BINS_TO, BINS_TO))
    return Controls(
        len(unused), int((found >= score).sum()), tuple(bins.tolist()), float(np.std(z)), float(fair.pvalue)
    )


def _drawn(said: Pairs, scheme: str, window: int) -> Drawn:
    return Drawn(placed(scheme, [tuple(one) for one in said.contexts.tolist()], window), said.tokens, scheme=scheme)
