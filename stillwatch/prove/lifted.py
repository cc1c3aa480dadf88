"""Whether what a suspect says is lifted by a key: its tests, beside keys that nobody ever used."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import kstest

from stillwatch.prove.chance import least_seen, log_p
from stillwatch.prove.leaned import leaned
from stillwatch.prove.pairs import Counted, Hashes, Pairs
from stillwatch.safeguards.watermark import leaning
from stillwatch.safeguards.watermark.gumbel import Drawn, placed, scores
from stillwatch.safeguards.watermark.keys import KEY_BYTES, MarkKey
from stillwatch.safeguards.watermark.survival import log_survival

SERVED, ALL = "served", "all"  # contexts that count: those of answers that were drawn with the key, or every one
LEANING = "leaning"  # what the suspect says more often than others do, weighed by how much
BINS, BINS_TO = 32, 8.0  # of a picture; standard deviations, beyond which no unused key is ever seen
CONTROL_KEYS = 1_000  # enough to see whether chance is as it should be; a rank among them is at best 1 in 1,001
ODD = 1e-4  # share of fair worlds in which so many control keys would lie so unevenly: below, the test is not to be relied on
_GRID = 64  # scores at which the p-value of unused keys is worked out; in between it is a smooth line

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Controls:
    """The same test by keys that nobody ever used."""

    keys: int
    as_high: int  # of them, whose score is at least as high
    bins: tuple[int, ...]  # how many have a z in each part of -BINS_TO to BINS_TO; those beyond in the outermost
    spread: float  # standard deviation of their z; 1 where chance is as it should be
    unevenness_p: float  # how likely their p-values are to lie so unevenly (Kolmogorov and Smirnov)


@dataclass(frozen=True)
class Lift:
    """One test by one key."""

    scope: str
    epoch: tuple[int, int]  # seconds since 1970
    commitment: str
    counts: str  # SERVED, ALL or LEANING
    contexts: int  # that count; of LEANING, pairs of context and token
    z: float  # standard deviations above chance
    mean: float  # score a context, 1 by chance; of LEANING, where scores have weights, 0
    log_p: float  # natural logarithm; of SERVED and ALL whenever one looks (prove/chance.py)
    log_p_published: float  # as published methods have it: as if the number of contexts had nothing to do with the key
    seen_from: float  # mean score from which nine of ten such tests would have found something at the level asked for
    controls: Controls


def lifts(
    said: Counted,
    others: Counted | None,
    keys: Sequence[tuple[MarkKey, Hashes]],
    scheme: str,
    unused: Sequence[str],
    level: float,
) -> list[Lift]:
    """All tests by each key; with a key go the contexts of the answers that were drawn with it.

    `others` never learnt from answers that bear a mark; without them nobody knows what the suspect leans to.
    """
    once = said.once()
    everything = _Scored(once, None, scheme, unused)
    weighed = None
    if others is not None:
        pairs, weights = leaned(said, others)
        weighed = _Scored(pairs, weights, scheme, unused) if len(pairs) else None
    found = []
    for key, contexts in keys:
        found.append(_Scored(once.among(contexts), None, scheme, unused).by(key, SERVED, level))
        found.append(everything.by(key, ALL, level))
        if weighed is not None:
            found.append(weighed.by(key, LEANING, level))
    return found


def unused_keys(seed: bytes, many: int = CONTROL_KEYS) -> list[str]:
    """Keys that nobody chose: they follow from the plan."""
    return [
        hashlib.sha256(b"control key" + seed + one.to_bytes(4, "big")).hexdigest()[: 2 * KEY_BYTES]
        for one in range(many)
    ]


class _Scored:
    """Pairs that count, and what unused keys score by them: worked out once, whatever keys are tested."""

    def __init__(self, pairs: Pairs, weights: Numbers | None, scheme: str, unused: Sequence[str]) -> None:
        contexts = [tuple(one) for one in pairs.contexts.tolist()]
        held = placed(scheme, contexts, pairs.contexts.shape[1])
        self._of = Drawn(held, pairs.tokens, scheme=scheme, weights=weights)
        self._weights = np.ones(len(pairs)) if weights is None else weights
        self._leans = weights is not None
        self._unused = scores(unused, self._of) if len(pairs) else np.empty(0)

    def by(self, key: MarkKey, counts: str, level: float) -> Lift:
        """The test by one key."""
        tokens = len(self._weights)
        score = float(scores([key.key], self._of)[0]) if tokens else 0.0
        published = self._log_survival(score)
        return Lift(
            key.scope, (key.epoch.begins, key.epoch.ends), key.commitment, counts, tokens, float(self._z(score)),
            0.0 if self._leans else score / tokens if tokens else 1.0,
            published if self._leans else log_p(score, tokens), published,
            math.inf if self._leans else least_seen(tokens, math.log(level)), self._controls(score),
        )  # fmt: skip

    def _z(self, score: Any) -> Any:
        spread = math.sqrt(float((self._weights**2).sum()))
        return (score - float(self._weights.sum())) / spread if spread else score * 0.0

    def _log_survival(self, score: float) -> float:
        survival: Callable[[float, Numbers], float] = leaning.log_survival if self._leans else log_survival
        return survival(score, self._weights) if len(self._weights) else 0.0

    def _controls(self, score: float) -> Controls:
        found = self._unused
        if not len(found):
            return Controls(0, 0, (), 1.0, 1.0)
        grid = np.linspace(found.min(), found.max(), _GRID)
        fair = kstest(np.exp(np.interp(found, grid, [self._log_survival(float(one)) for one in grid])), "uniform")
        z = self._z(found)
        bins, _ = np.histogram(np.clip(z, -BINS_TO, BINS_TO), BINS, (-BINS_TO, BINS_TO))
        return Controls(
            len(found), int((found >= score).sum()), tuple(bins.tolist()), float(np.std(z)), float(fair.pvalue)
        )
