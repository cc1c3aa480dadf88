"""Whether a student's answers say that it learned from texts drawn with a key: p-values, and what they are worth.

Which number a token has after a context follows from the key alone. In texts that owe nothing to the key, the numbers of
different pairs of context and token are independent and uniform, however the texts came about and however often a pair is in
them; so any score that weighs pairs without looking at the key has a known distribution. Two are worked out:

- `pairs`: each pair counts once (Sander et al., 2024), sum of -log(1 - u), Gamma;
- `leaning`: a pair counts by how much more often the student goes on with this token after this context than unmarked
  answers of the teacher do. What all texts of the language have in common cancels out, and what a mark left stays.

That the numbers are independent is the hash's doing, and is checked: with keys that marked nothing, and on students that
learned nothing marked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import kstest

from stillwatch.laboratory.marking import hashes
from stillwatch.laboratory.models.sampling import Tokens
from stillwatch.safeguards.watermark.gumbel import Drawn, uniform
from stillwatch.safeguards.watermark.leaning import FEWEST, leanings, log_survival

_GRID = 64  # scores of control keys at which their p-value is worked out; in between it is a smooth line
_AT_ONCE = 1 << 21  # keys times pairs worked on together

Numbers = npt.NDArray[np.float64]
Pair = tuple[Tokens, int]


@dataclass(frozen=True)
class Answered:
    """A prompt and what a model answered."""

    prompt: Tokens
    answer: Tokens


@dataclass(frozen=True)
class Weighed:
    """Pairs that count, each with its weight; all equal where each counts once."""

    drawn: Drawn
    weights: Numbers


@dataclass(frozen=True)
class Tested:
    """What a test says of one key, beside what it says of keys that marked nothing."""

    pairs: int
    log10_p: float  # by the distribution that the score is known to have
    z: float  # standard deviations above what control keys score
    rank_p: float  # share of control keys that score as much, this one counted in: never below one in their number
    controls: Numbers  # p-values of control keys by the same distribution: uniform, if it is the right one


def pairs(suspect: Iterable[Answered], window: int, among: set[Tokens] | None = None) -> Counter[Pair]:
    """How often each token follows each context, but those that the prompt has as well; only contexts that are `among`."""
    found: Counter[Pair] = Counter()
    for one in suspect:
        asked = set(_follows(one.prompt, window, window))
        texts = _follows((*one.prompt[-window:], *one.answer), window, min(window, len(one.prompt)))
        found.update(pair for pair in texts if pair not in asked and (among is None or pair[0] in among))
    return found


def contexts(texts: Iterable[Answered], window: int) -> set[Tokens]:
    """All contexts of answers: of what was served with the mark, those that a student can have learned one from."""
    return {context for context, _ in pairs(texts, window)}


def once(counted: Counter[Pair]) -> Weighed:
    """Each pair once."""
    return Weighed(_drawn(list(counted)), np.ones(len(counted)))


def leaning(counted: Counter[Pair], unmarked: Counter[Pair]) -> Weighed:
    """By the difference of shares, in standard errors of it that choice alone would give."""
    totals, common = _totals(counted), _totals(unmarked)
    kept = {context for context, total in totals.items() if min(total, common.get(context, 0)) >= FEWEST}
    different = sorted({pair for pair in (*counted, *unmarked) if pair[0] in kept})
    if not different:
        return Weighed(_drawn([]), np.empty(0))
    ours = np.array([[counted[pair], totals[pair[0]]] for pair in different], float)
    theirs = np.array([[unmarked[pair], common[pair[0]]] for pair in different], float)
    return Weighed(_drawn(different), leanings(ours[:, 0], ours[:, 1], theirs[:, 0], theirs[:, 1]))


def tested(key: str, controls: Sequence[str], weighed: Weighed) -> Tested:
    """Of one key that was fixed beforehand."""
    if not np.any(weighed.weights):
        return Tested(0, 0.0, 0.0, 1.0, np.ones(len(controls)))
    found = _scores([key, *controls], weighed)
    own, others = float(found[0]), found[1:]
    grid = np.linspace(others.min(), others.max(), _GRID)  # all have one distribution: it need not be worked out anew
    logs = np.interp(others, grid, [log_survival(float(score), weighed.weights) for score in grid])
    return Tested(
        int(np.count_nonzero(weighed.weights)),
        log_survival(own, weighed.weights) / float(np.log(10)),
        float((own - others.mean()) / others.std()),
        float((1 + np.sum(others >= own)) / (1 + len(others))),
        np.exp(logs),
    )


def uniformity(values: Sequence[float] | Numbers) -> float:
    """How likely values as far from uniform would be if they were (Kolmogorov and Smirnov)."""
    return float(kstest(np.asarray(values), "uniform").pvalue)


def _scores(keys: Sequence[str], weighed: Weighed) -> Numbers:
    step = max(_AT_ONCE // max(len(weighed.weights), 1), 1)
    parts = [
        -np.log1p(-uniform(keys[at : at + step], weighed.drawn)) @ weighed.weights for at in range(0, len(keys), step)
    ]
    return np.concatenate(parts)


def _follows(tokens: Tokens, window: int, begin: int) -> list[Pair]:
    return [(tokens[place - window : place], tokens[place]) for place in range(begin, len(tokens))]


def _totals(counted: Counter[Pair]) -> Counter[Tokens]:
    totals: Counter[Tokens] = Counter()
    for (context, _), count in counted.items():
        totals[context] += count
    return totals


def _drawn(different: Sequence[Pair]) -> Drawn:
    places = {context: place for place, context in enumerate(dict.fromkeys(context for context, _ in different))}
    made = hashes(list(places), len(different[0][0])) if different else np.empty(0, np.uint32)
    found = np.array([token for _, token in different], np.uint32)
    return Drawn(made[[places[context] for context, _ in different]] if different else made, found)
