"""The numbers that vLLM 0.33.0 draws by: Philox4x32-10 of key, of the tokens before and of the token.

The context is folded into the counter four words at a time; the state that comes out, with the token's number, makes four
words, of which the token has one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_ROUNDS = 10
_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_STEPS = 0x9E3779B9, 0xBB67AE85  # that the key goes on by after each round
_CONTEXT, _TOKEN = 0x574D4358, 0x574D544B  # vLLM's marks of what is hashed
_FULL = 0xFFFFFFFF
_STEPS_OF_U = 1 << 24  # vLLM keeps 24 bits, what a float of 32 holds

Words = npt.NDArray[np.uint32]
Four = tuple[Words, Words, Words, Words]
Numbers = npt.NDArray[np.float64]


def uniform(keys: Sequence[int], contexts: Words, tokens: Words) -> Numbers:
    """One row for each key, one column for each token with its context, itself a row of words."""
    numbers = np.array(keys, np.uint64)[:, None]
    low, high = (numbers & np.uint64(_FULL)).astype(np.uint32), (numbers >> np.uint64(32)).astype(np.uint32)
    width = contexts.shape[1]
    state: Four = np.array([[_CONTEXT]], np.uint32), np.array([[width]], np.uint32), *(np.zeros((1, 1), np.uint32),) * 2
    for begin in range(0, width, 4):
        block = [contexts[None, :, begin + one] if begin + one < width else np.uint32(_FULL - one) for one in range(4)]
        counter = state[0] ^ block[0], state[1] ^ block[1], state[2] ^ block[2], state[3] ^ block[3]
        state = philox(counter, (low ^ np.uint32(begin), high))
    made = philox((tokens >> np.uint32(2), *state[:3]), (low ^ state[3], high ^ np.uint32(_TOKEN)))
    word = np.empty((len(keys), len(tokens)), np.uint32)
    for place in range(4):
        own = np.flatnonzero(tokens & np.uint32(3) == place)
        word[:, own] = made[place][:, own]
    # Rounded as vLLM rounds: what is left of 1 is what a score is made of.
    return (((word >> np.uint32(8)) + 1.0) / (_STEPS_OF_U + 1)).astype(np.float32).astype(np.float64)


def derived(key: int) -> tuple[int, int]:
    """The two keys that vLLM makes of one, for `dual_key_gumbel`."""
    first, second = (
        int.from_bytes(hashlib.sha256(domain + key.to_bytes(8, "big")).digest()[:8], "big")
        for domain in (b"key_a", b"key_b")
    )
    return first, second


def philox(counter: Four, key: tuple[Words, Words]) -> Four:
    """Four words of each counter and key; shapes that fit each other."""
    first, second, third, fourth = counter
    low, high = key
    for _ in range(_ROUNDS):
        left, right = first.astype(np.uint64) * _MULTIPLIERS[0], third.astype(np.uint64) * _MULTIPLIERS[1]
        first, second, third, fourth = (
            (right >> np.uint64(32)).astype(np.uint32) ^ second ^ low,
            right.astype(np.uint32),
            (left >> np.uint64(32)).astype(np.uint32) ^ fourth ^ high,
            left.astype(np.uint32),
        )
        low, high = low + np.uint32(_STEPS[0]), high + np.uint32(_STEPS[1])
    return first, second, third, fourth
