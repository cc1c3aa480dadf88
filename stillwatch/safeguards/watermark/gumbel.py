"""Whether texts were drawn with a key, by SGLang 0.5.23's scheme: each token has a number that follows from key and context.

The engine takes the token t with the largest u(t) ** (1 / p(t)), where u is a hash of key, of the tokens before and of t. In a
text that was drawn otherwise the u of its tokens are uniform, and the sum of -log(1 - u) over n of them is Gamma(n, 1); in one
that was drawn with the key it is larger. Needed are the tokens, not the model and not its probabilities.

That the u are independent is an assumption: a context that repeats gives the same number again, so each counts once, over all
texts together. How often unmarked texts of one's own are taken for marked should be measured before anybody is accused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincc, gammaln, logsumexp

WINDOW = 4  # tokens of context, unless the server was told otherwise
MOST_CONTEXTS = 4_096  # of one answer, after which the engine marks no more: counting on would dilute
_AT_ONCE = 1 << 21  # keys times tokens worked on together: 16 MiB for each of a few arrays
_RANGE = float(1 << 32)

Words = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Text:
    """Tokens of an answer and, where they are known, of the prompt before it."""

    tokens: Sequence[int]
    prompt: Sequence[int] = ()


@dataclass(frozen=True)
class Drawn:
    """Tokens that count, each with a hash of its context; the same whatever the key."""

    contexts: Words
    tokens: Words
    repeated: int = 0  # tokens left out because their context had been there

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True)
class Score:
    """How much a text looks as if drawn with a key."""

    tokens: int  # that count
    score: float
    z: float  # standard deviations above what is expected of any other text
    log_p: float  # natural logarithm: probabilities get smaller than a float


@dataclass(frozen=True)
class Candidate:
    """One of many keys that were tried, by its place among them."""

    place: int
    score: Score
    log_p: float  # corrected for all keys that were tried, by Holm's method


def drawn(texts: Iterable[Text], window: int = WINDOW, most: int = MOST_CONTEXTS) -> Drawn:
    """What counts of texts: without a prompt, the first tokens of an answer have a context that nobody knows, and do not."""
    seen: dict[tuple[int, ...], int] = {}
    repeated = 0
    for text in texts:
        before = tuple(text.prompt[-window:]) if window else ()
        tokens = (*before, *text.tokens)
        own: set[tuple[int, ...]] = set()
        for place in range(len(before) or window, len(tokens)):
            context = tokens[max(place - window, 0) : place]
            if context in own:
                repeated += 1
                continue
            own.add(context)
            if context in seen:
                repeated += 1
            else:
                seen[context] = tokens[place]
            if len(own) == most:
                break
    return Drawn(_hashes(list(seen)), np.fromiter(seen.values(), np.uint32, len(seen)), repeated)


def scores(keys: Sequence[str], of: Drawn) -> Numbers:
    """The score of each key; they are of the same tokens, and so may be compared."""
    found, step = np.empty(len(keys)), max(_AT_ONCE // max(len(of), 1), 1)
    for begin in range(0, len(keys), step):
        found[begin : begin + step] = -np.log1p(-uniform(keys[begin : begin + step], of)).sum(axis=1)
    return found


def uniform(keys: Sequence[str], of: Drawn) -> Numbers:
    """The u of each key, one below the other, and token: what an engine draws by, too."""
    numbers = np.array([int(one, 16) for one in keys], np.uint64)
    low, high = (numbers & 0xFFFFFFFF).astype(np.uint32), (numbers >> np.uint64(32)).astype(np.uint32)
    keyed = _mixed(_mixed(np.zeros_like(low), low), high)
    state = _mixed(_mixed(keyed[:, None], of.contexts), of.tokens)
    found: Numbers = (_ended(state, 4).astype(np.float64) + 0.5) / _RANGE
    return found


def detect(key: str, of: Drawn) -> Score:
    """Of one key that was fixed beforehand."""
    return _score(float(scores([key], of)[0]), len(of))


def attribute(keys: Sequence[str], of: Drawn, best: int = 5) -> list[Candidate]:
    """The `best` of many keys, most likely first, corrected for having tried all of them.

    Holm's method: the chance that any wrong key is named at a level is no larger than the level, also where several are right.
    """
    found = scores(keys, of)
    order, worst, told = np.argsort(-found, kind="stable")[:best], -np.inf, []
    for rank, place in enumerate(order.tolist()):
        score = _score(float(found[place]), len(of))
        worst = min(max(worst, score.log_p + float(np.log(len(keys) - rank))), 0.0)
        told.append(Candidate(place, score, worst))
    return told


def _score(score: float, tokens: int) -> Score:
    if not tokens:
        return Score(0, 0.0, 0.0, 0.0)
    return Score(tokens, score, (score - tokens) / tokens**0.5, _log_survival(score, tokens))


def _log_survival(score: float, tokens: int) -> float:
    """Of Gamma(n, 1): the chance of fewer than n events where `score` are expected, so that small ones keep their digits."""
    if (plain := float(gammaincc(tokens, score))) > 1e-200:  # beyond, floats soon run out
        return float(np.log(plain))
    events = np.arange(tokens)
    return float(logsumexp(events * np.log(score) - gammaln(events + 1)) - score)


def _hashes(contexts: list[tuple[int, ...]]) -> Words:
    """Of each context, whatever its length: short ones stand at the beginning of a conversation."""
    made = np.zeros(len(contexts), np.uint32)
    lengths = np.array([len(one) for one in contexts], np.int64)
    for length in np.unique(lengths).tolist():
        places = np.flatnonzero(lengths == length)
        words = np.array([contexts[place] for place in places], np.uint32).reshape(len(places), length)
        state = np.zeros(len(places), np.uint32)
        for column in range(length):
            state = _mixed(state, words[:, column])
        made[places] = _ended(state, length)
    return made


def _mixed(state: Words, word: Words) -> Words:
    """A word into a MurmurHash3 (x86, 32 bits); all arithmetic wraps."""
    word = _turned(word * np.uint32(0xCC9E2D51), 15) * np.uint32(0x1B873593)
    return _turned(state ^ word, 13) * np.uint32(5) + np.uint32(0xE6546B64)


def _ended(state: Words, words: int) -> Words:
    """Its end, after so many words of four bytes."""
    state = state ^ np.uint32(4 * words)
    state = (state ^ (state >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    state = (state ^ (state >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return state ^ (state >> np.uint32(16))


def _turned(words: Words, bits: int) -> Words:
    return words << np.uint32(bits) | words >> np.uint32(32 - bits)
