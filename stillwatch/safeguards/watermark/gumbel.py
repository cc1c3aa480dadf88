"""Whether texts were drawn with a key: each token has a number that follows from key and context, by the engine's scheme.

The engine takes the token t with the largest u(t) ** (1 / p(t)), where u is a hash of key, of the tokens before and of t. In a
text that was drawn otherwise the u of its tokens are uniform, and the sum of -log(1 - u) over n of them is Gamma(n, 1); in one
that was drawn with the key it is larger. Needed are the tokens, not the model and not its probabilities.

That the u are independent is an assumption: a context that repeats gives the same number again, so each counts once, over all
texts together. How often unmarked texts of one's own are taken for marked should be measured before anybody is accused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from stillwatch.errors import BadConfiguration
from stillwatch.safeguards.holm import corrected
from stillwatch.safeguards.watermark import entropy, murmur, philox
from stillwatch.safeguards.watermark.survival import log_survival

WINDOW = 4  # tokens of context, unless the server was told otherwise
MOST_CONTEXTS = 4_096  # of one answer, after which SGLang marks no more: counting on would dilute
UNKNOWN = -1  # what vLLM takes for every token before an answer's first, the prompt's too
_MORE = 20  # keys next to the best, among which the order by p may be another than by standard deviations
_LEAST = 1e-12  # in place of no weight at all
_AT_ONCE = 1 << 16  # keys times tokens worked on together: half a MiB for each of a few arrays stays in a core's cache

Words = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.float64]
Context = tuple[int, ...]


@dataclass(frozen=True)
class Scheme:
    """How a released engine marks."""

    prompted: bool  # the first contexts of an answer are the prompt's end
    most: int | None = None  # contexts of one answer that are marked
    share: float = (
        1.0  # of tokens that are drawn with the key itself and not with a second one, unless it is told otherwise
    )


SCHEMES = {
    "sglang": Scheme(True, MOST_CONTEXTS),
    "sglang-dual": Scheme(True, MOST_CONTEXTS, share=0.5),
    "vllm": Scheme(False),
    "vllm-dual": Scheme(False, share=0.9),
}


@dataclass(frozen=True)
class Text:
    """Tokens of an answer and, where they are known, of the prompt before it.

    Entropies are nats of the distribution that each token was drawn from, after temperature and truncation, and are of before
    it was drawn. Nothing in which the key had a part may be in them: not what an engine has left once it has chosen.
    """

    tokens: Sequence[int]
    prompt: Sequence[int] = ()
    entropies: Sequence[float] | None = None


@dataclass(frozen=True)
class Drawn:
    """Tokens that count, each with its context; the same whatever the key."""

    contexts: Words  # SGLang: a hash of each; vLLM, where the hash is keyed: a row of tokens each
    tokens: Words
    repeated: int = 0  # tokens left out because their context had been there
    scheme: str = "sglang"
    weights: Numbers | None = None  # of each token, where entropies were given
    second: int = field(default=0, repr=False)  # the other key of sglang-dual
    share: float = 1.0

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


def drawn(
    texts: Iterable[Text],
    scheme: str = "sglang",
    window: int = WINDOW,
    most: int | None = None,
    counts: Callable[[Context, int], bool] | None = None,
    *,
    second: str = "",
    share: float | None = None,
) -> Drawn:
    """What counts of texts, each context once.

    SGLang: without a prompt, the first tokens of an answer have a context that nobody knows, and do not count. vLLM: tokens
    before the answer are -1 in its contexts, whatever the prompt. `counts` is asked first, with context and token; what it
    turns down is passed over as if it were not there. `second` and `share` are those of a server with two keys.
    """
    known = _scheme(scheme, window, second, share)
    most = most or known.most
    seen: dict[Context, int] = {}
    weights: list[float] = []
    repeated, weighted = 0, False
    for text in texts:
        before: Context = (UNKNOWN,) * window
        if known.prompted:
            before = tuple(text.prompt[-window:])
        tokens, start = (*before, *text.tokens), len(before)
        weigh = _weights(text)
        weighted |= weigh is not None
        own: set[Context] = set()
        for place in range(start or window, len(tokens)):
            context, token = tokens[max(place - window, 0) : place], tokens[place]
            if counts is not None and not counts(context, token):
                continue
            if context in own:
                repeated += 1
                continue
            own.add(context)
            if context in seen:
                repeated += 1
            else:
                seen[context] = token
                weights.append(1.0 if weigh is None else float(weigh[place - start]))
            if len(own) == most:
                break
    return Drawn(
        placed(scheme, list(seen), window),
        np.fromiter(seen.values(), np.uint32, len(seen)),
        repeated, scheme,
        np.array(weights) if weighted else None,
        int(second or "0", 16),
        known.share if share is None else share,
    )  # fmt: skip


def placed(scheme: str, contexts: Sequence[Context], window: int = WINDOW) -> Words:
    """Contexts as `Drawn` has them."""
    if SCHEMES[scheme].prompted:
        return murmur.hashes(contexts)
    return np.array(contexts, np.int64).astype(np.uint32).reshape(len(contexts), window)


def scores(keys: Sequence[str], of: Drawn) -> Numbers:
    """The score of each key; they are of the same tokens, and so may be compared."""
    found = np.zeros(len(keys))
    for tokens in _steps(len(of), _AT_ONCE):
        part = _part(of, tokens)
        weights = _all_weights(part)
        for some in _steps(len(keys), max(_AT_ONCE // len(part), 1)):
            found[some] += -np.log1p(-uniform(keys[some], part)) @ weights
    return found


def uniform(keys: Sequence[str], of: Drawn) -> Numbers:
    """The u of each key, one below the other, and token: what an engine draws by, too.

    Of vllm-dual, where nobody can tell which of two keys drew a token, both: those of the first, then those of the second.
    """
    numbers = [int(one, 16) for one in keys]
    match of.scheme:
        case "sglang":
            return murmur.uniform(numbers, of.contexts, of.tokens)
        case "sglang-dual":
            return murmur.uniform_of_two(numbers, of.second, of.share, of.contexts, of.tokens)
        case "vllm":
            return philox.uniform(numbers, of.contexts, of.tokens)
    both = zip(*map(philox.derived, numbers), strict=True)
    return np.hstack([philox.uniform(one, of.contexts, of.tokens) for one in both])


def detect(key: str, of: Drawn) -> Score:
    """Of one key that was fixed beforehand; of sglang-dual, of it and the second together."""
    return replace(_score(float(scores([key], of)[0]), _all_weights(of)), tokens=len(of))


def attribute(keys: Sequence[str], of: Drawn, best: int = 5) -> list[Candidate]:
    """The `best` of many keys, most likely first, corrected for having tried all of them.

    Holm's method: the chance that any wrong key is named at a level is no larger than the level, also where several are right.
    Of sglang-dual only tokens count that the key itself would have drawn: those of the second, which is everybody's, would
    speak for every key.
    """
    if of.scheme == "sglang-dual":
        ranked = _own(keys, of, best)
    else:
        found = scores(keys, of)
        order = np.argsort(-found, kind="stable")[:best].tolist()
        weights = _all_weights(of)
        scored = (_score(float(found[place]), weights) for place in order)
        ranked = [(place, replace(score, tokens=len(of))) for place, score in zip(order, scored, strict=True)]
    held = corrected([score.log_p for _, score in ranked], tests=len(keys))
    return [Candidate(place, score, log_p) for (place, score), log_p in zip(ranked, held, strict=True)]


def _own(keys: Sequence[str], of: Drawn, best: int) -> list[tuple[int, Score]]:
    """By tokens for which the coin falls for the key itself, which are others for each key; p is worked out of some."""
    sums = np.zeros((3, len(keys)))  # of scores, of weights and of their squares
    for tokens in _steps(len(of), _AT_ONCE):
        part = _part(of, tokens)
        weights = _all_weights(part)
        for some in _steps(len(keys), max(_AT_ONCE // len(part), 1)):
            own = murmur.coins([int(one, 16) for one in keys[some]], of.second, of.share, part.contexts) * weights
            sums[:, some] += (own * -np.log1p(-uniform(keys[some], part))).sum(1), own.sum(1), (own * weights).sum(1)
    z = (sums[0] - sums[1]) / np.maximum(sums[2], _LEAST) ** 0.5
    told = []
    for place in np.argsort(-z, kind="stable")[: best + _MORE].tolist():
        own = murmur.coins([int(keys[place], 16)], of.second, of.share, of.contexts)[0]
        told.append((place, _score(float(sums[0, place]), _all_weights(of)[own])))
    return sorted(told, key=lambda one: one[1].log_p)[:best]


def _score(score: float, weights: Numbers) -> Score:
    if not weights.any():
        return Score(len(weights), 0.0, 0.0, 0.0)
    z = (score - float(weights.sum())) / float((weights**2).sum()) ** 0.5
    return Score(len(weights), score, z, log_survival(score, weights))


def _all_weights(of: Drawn) -> Numbers:
    """Of each number that `uniform` gives."""
    own = np.ones(len(of)) if of.weights is None else of.weights
    return np.concatenate([own * of.share, own * (1.0 - of.share)]) if of.scheme == "vllm-dual" else own


def _weights(text: Text) -> Numbers | None:
    if text.entropies is None:
        return None
    if len(text.entropies) != len(text.tokens):
        raise BadConfiguration(
            f"{len(text.entropies)} entropies for {len(text.tokens)} tokens", "entropies", "one for each token"
        )
    return entropy.weights(np.array(text.entropies, np.float64))


def _scheme(name: str, window: int, second: str, share: float | None) -> Scheme:
    if name not in SCHEMES or window < 1:
        raise BadConfiguration(
            f"scheme {name!r} with a window of {window}", "scheme, window", f"{', '.join(SCHEMES)}; 1 or more"
        )
    if (name == "sglang-dual") != bool(second):
        raise BadConfiguration(
            f"{name} {'with' if second else 'without'} a second key",
            "second",
            "the server's key_b, of sglang-dual alone",
        )
    if share is not None and not (name.endswith("-dual") and 0.0 < share < 1.0):
        raise BadConfiguration(f"share {share} of {name}", "share", "between 0 and 1, of a scheme with two keys")
    return SCHEMES[name]


def _part(of: Drawn, some: slice) -> Drawn:
    weights = None if of.weights is None else of.weights[some]
    return replace(of, contexts=of.contexts[some], tokens=of.tokens[some], weights=weights)


def _steps(length: int, step: int) -> Iterator[slice]:
    return (slice(begin, begin + step) for begin in range(0, length, step))
