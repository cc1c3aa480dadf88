"""Seeded chance: 64-bit mixing, so that any number can be drawn again from where it stands, in any process."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]

# Constants of splitmix64 (Steele, Lea and Flood, 2014).
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def mix(values: npt.ArrayLike, salt: int | str | U64 = 0) -> U64:
    """Spread numbers over 64 bits, differently for each salt."""
    if isinstance(salt, str):
        salt = zlib.crc32(salt.encode())
    with np.errstate(over="ignore"):
        z = np.asarray(values).astype(np.uint64) + _STEP * (np.asarray(salt).astype(np.uint64) + np.uint64(1))
        z = (z ^ (z >> np.uint64(30))) * _FIRST
        z = (z ^ (z >> np.uint64(27))) * _SECOND
        z = (z ^ (z >> np.uint64(31))) + _STEP
        z = (z ^ (z >> np.uint64(30))) * _FIRST
        return np.asarray(z ^ (z >> np.uint64(31)), np.uint64)


def seed_of(seed: int, *words: str | int) -> int:
    """One number for a place in the world, such as (seed, "individuals", 3)."""
    state = seed & 0xFFFFFFFFFFFFFFFF
    for word in words:
        state = int(mix(np.array([state], np.uint64), word)[0])
    return state


def unit(values: npt.ArrayLike, salt: int | str = 0) -> npt.NDArray[np.float64]:
    """A number from 0 to 1 for each value, always the same one."""
    return (mix(values, salt) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def rng(seed: int, *words: str | int) -> np.random.Generator:
    """A generator for a place in the world."""
    return np.random.Generator(np.random.PCG64(seed_of(seed, *words)))
