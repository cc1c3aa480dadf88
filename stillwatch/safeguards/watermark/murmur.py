"""The numbers that SGLang 0.5.23 draws by: MurmurHash3 (x86, 32 bits) of key, of the tokens before and of the token."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_RANGE = float(1 << 32)

Words = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.float64]


def uniform(keys: Sequence[int], contexts: Words, tokens: Words) -> Numbers:
    """One row for each key, one column for each token with the hash of its context."""
    return _number(mixed(mixed(_keyed(keys)[:, None], contexts), tokens))


def uniform_of_two(keys: Sequence[int], second: int, share: float, contexts: Words, tokens: Words) -> Numbers:
    """The same where a coin falls for the key or for a second one."""
    keyed = np.where(coins(keys, second, share, contexts), _keyed(keys)[:, None], _keyed([second])[:, None])
    return _number(mixed(mixed(keyed, contexts), tokens))


def coins(keys: Sequence[int], second: int, share: float, contexts: Words) -> npt.NDArray[np.bool_]:
    """Whether each falls for the key itself: that follows from both keys and the context."""
    two = mixed(mixed(_keyed(keys), _low(second)), _high(second))
    found: npt.NDArray[np.bool_] = ended(mixed(two[:, None], contexts), 5) < int(share * _RANGE)
    return found


def hashes(contexts: Sequence[tuple[int, ...]]) -> Words:
    """Of each context, whatever its length: short ones stand at the beginning of a conversation."""
    made = np.zeros(len(contexts), np.uint32)
    lengths = np.array([len(one) for one in contexts], np.int64)
    for length in np.unique(lengths).tolist():
        places = np.flatnonzero(lengths == length).tolist()
        words = np.array([contexts[place] for place in places], np.uint32).reshape(len(places), length)
        state = np.zeros(len(places), np.uint32)
        for column in range(length):
            state = mixed(state, words[:, column])
        made[places] = ended(state, length)
    return made


def mixed(state: Words, word: Words) -> Words:
    """A word into the hash; all arithmetic wraps."""
    word = _turned(word * np.uint32(0xCC9E2D51), 15) * np.uint32(0x1B873593)
    return _turned(state ^ word, 13) * np.uint32(5) + np.uint32(0xE6546B64)


def ended(state: Words, words: int) -> Words:
    """Its end, after so many words of four bytes."""
    state = state ^ np.uint32(4 * words)
    state = (state ^ (state >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    state = (state ^ (state >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return state ^ (state >> np.uint32(16))


def _number(state: Words) -> Numbers:
    found: Numbers = (ended(state, 4).astype(np.float64) + 0.5) / _RANGE
    return found


def _keyed(keys: Sequence[int]) -> Words:
    numbers = np.array(keys, np.uint64)
    low, high = (numbers & np.uint64(0xFFFFFFFF)).astype(np.uint32), (numbers >> np.uint64(32)).astype(np.uint32)
    return mixed(mixed(np.zeros_like(low), low), high)


def _low(key: int) -> Words:
    return np.array([key & 0xFFFFFFFF], np.uint32)


def _high(key: int) -> Words:
    return np.array([key >> 32], np.uint32)


def _turned(words: Words, bits: int) -> Words:
    return words << np.uint32(bits) | words >> np.uint32(32 - bits)
