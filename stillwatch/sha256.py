"""SHA-256 over many short texts at once, straight from Arrow's buffers, with no Python object per text.

hashlib needs 1.4 µs for one keyed hash, most of it Python; a log of residential proxies has a new address in nearly
every row and would spend its time there. FIPS 180-4, checked against hashlib in the tests.
"""

from __future__ import annotations

from math import isqrt

import numpy as np
from numba import njit

_WORDS = 16  # 32-bit words of a block
BLOCK_BYTES = 64


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


def _cube_root(number: int) -> int:
    root = round(number ** (1 / 3))
    while root**3 > number:
        root -= 1
    while (root + 1) ** 3 <= number:
        root += 1
    return root


# The standard's constants by their definition: the first 32 bits of the fractions of square and cube roots of primes.
START = np.array([isqrt(prime << 64) & 0xFFFFFFFF for prime in _primes(8)], np.uint32)
_ROUND = np.array([_cube_root(prime << 96) & 0xFFFFFFFF for prime in _primes(64)], np.uint32)


def after_block(block: bytes) -> np.ndarray:
    """The state after one block: where every hash that begins with these 64 bytes goes on from."""
    state, schedule = START.copy(), np.zeros(64, np.uint32)
    _compress(state, np.frombuffer(block, ">u4").astype(np.uint32), schedule)
    return state


@njit(cache=True, nogil=True, inline="always")
def _turned(word: np.uint32, by: int) -> np.uint32:
    return np.uint32((word >> np.uint32(by)) | (word << np.uint32(32 - by)))


@njit(cache=True, nogil=True)
def _compress(state: np.ndarray, block: np.ndarray, schedule: np.ndarray) -> None:
    for i in range(16):
        schedule[i] = block[i]
    for i in range(16, 64):
        one, two = schedule[i - 15], schedule[i - 2]
        low = _turned(one, 7) ^ _turned(one, 18) ^ (one >> np.uint32(3))
        high = _turned(two, 17) ^ _turned(two, 19) ^ (two >> np.uint32(10))
        schedule[i] = np.uint32(schedule[i - 16] + low + schedule[i - 7] + high)  # Numba adds in 64 bits
    a, b, c, d, e, f, g, h = state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]
    for i in range(64):
        choice = g ^ (e & (f ^ g))
        first = np.uint32(h + (_turned(e, 6) ^ _turned(e, 11) ^ _turned(e, 25)) + choice + _ROUND[i] + schedule[i])
        second = np.uint32((_turned(a, 2) ^ _turned(a, 13) ^ _turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c)))
        h, g, f, e, d, c, b, a = g, f, e, np.uint32(d + first), c, b, a, np.uint32(first + second)
    state[0] += a
    state[1] += b
    state[2] += c
    state[3] += d
    state[4] += e
    state[5] += f
    state[6] += g
    state[7] += h


@njit(cache=True, nogil=True)
def keyed(
    offsets: np.ndarray, data: np.ndarray, prefix: np.ndarray, inner: np.ndarray, outer: np.ndarray, digests: np.ndarray
) -> None:
    """HMAC of `prefix` + each text into `digests` (rows × 8 words); `inner` and `outer` hold the key's two states."""
    state, block, schedule = np.empty(8, np.uint32), np.zeros(_WORDS, np.uint32), np.empty(64, np.uint32)
    for row in range(len(digests)):
        start, length = offsets[row], offsets[row + 1] - offsets[row]
        total = len(prefix) + length
        state[:] = inner
        filled = 0  # bytes in the block
        word = np.uint32(0)
        for i in range(total + 1):
            if i == total:
                byte = np.uint32(0x80)  # the end of the message
            elif i < len(prefix):
                byte = np.uint32(prefix[i])
            else:
                byte = np.uint32(data[start + i - len(prefix)])
            word = np.uint32((word << np.uint32(8)) | byte)
            filled += 1
            if filled & 3 == 0:
                block[(filled >> 2) - 1] = word
                if filled == BLOCK_BYTES:
                    _compress(state, block, schedule)
                    filled = 0
        if filled & 3:
            block[filled >> 2] = np.uint32(word << np.uint32(8 * (4 - (filled & 3))))
            filled += 4 - (filled & 3)
        _finish(state, block, schedule, filled >> 2, BLOCK_BYTES + total)
        block[:8] = state
        block[8] = np.uint32(0x80000000)
        state[:] = outer
        _finish(state, block, schedule, 9, BLOCK_BYTES + 32)
        digests[row] = state


@njit(cache=True, nogil=True)
def _finish(state: np.ndarray, block: np.ndarray, schedule: np.ndarray, words: int, message_bytes: int) -> None:
    """The last block or two: zeros, then the length of the message in bits."""
    for i in range(words, _WORDS):
        block[i] = 0
    if words > _WORDS - 2:
        _compress(state, block, schedule)
        block[:] = 0
    block[_WORDS - 2] = np.uint32(message_bytes >> 29)
    block[_WORDS - 1] = np.uint32((message_bytes << 3) & 0xFFFFFFFF)
    _compress(state, block, schedule)
