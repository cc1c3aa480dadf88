"""How heavy a cluster chance alone gives: who holds what is drawn at random, linked as links/pairs.py links, and clustered.

Each value keeps its number of holders, who are drawn from all accounts. Accounts do not keep their number of values: in a
log where the campaign holds most shared values, that would hand them back to it (tried: a planted campaign of 30 among
400 was then no heavier than chance). Everything is a number here and a row of an array: a provider's month has ten
million holdings, which meet in sixty million pairs, nineteen times over.
"""

# mypy: allow-untyped-defs
# Kernels carry no annotations: Numba infers their types.

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from stillwatch.clusters.communities import communities
from stillwatch.config import Clusters, Links

_MARKS_A_HOLDING = 16  # marks for each holding, so that few pairs share one by chance
_MOST_MARKS = 27  # doublings: 134 million marks, two bytes each
_FAMILIES = 16  # that a mark has a bit for
_LN2 = np.log(2.0)


def heaviest_by_chance(holdings: pa.Table, links: Links, config: Clusters, seed: int, threads: int) -> np.ndarray:
    """Total bits of the heaviest cluster in each of `shuffles` draws of who holds what, `threads` at a time."""
    if len(holdings) == 0:
        return np.zeros(config.shuffles)
    kinds, kind = np.unique(holdings["kind"].to_numpy(), return_inverse=True)
    families = holdings["family"].to_numpy()
    family_of = np.array([families[np.flatnonzero(kind == one)[0]] for one in range(len(kinds))])
    values = holdings["values"].to_numpy()
    kind, bits = np.repeat(kind, values), np.repeat(holdings["bits"].to_numpy(), values)
    value = np.repeat(np.arange(len(kind)), np.repeat(holdings["accounts"].to_numpy(), values))
    everybody = int(pc.max(holdings["population"]).as_py())

    def heaviest(seeds: np.random.SeedSequence) -> float:
        drawn = np.random.default_rng(seeds).integers(everybody, size=len(value))
        a, b, weight = drawn_links(drawn, value, kind, bits, family_of, links)
        if len(a) == 0:
            return 0.0
        tied, ends = np.unique(np.concatenate((a, b)), return_inverse=True)  # of ten million accounts few are
        a, b = ends[: len(a)], ends[len(a) :]
        member = communities(len(tied), a, b, weight, config)
        inside = member[a] == member[b]
        return float(np.bincount(member[a][inside], weight[inside]).max(initial=0.0))

    with ThreadPoolExecutor(threads) as pool:  # the kernels and the clustering let go of the interpreter
        return np.array(list(pool.map(heaviest, np.random.SeedSequence(seed).spawn(config.shuffles))))


def drawn_links(
    account: np.ndarray, value: np.ndarray, kind: np.ndarray, bits: np.ndarray, family_of: np.ndarray, links: Links
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What links/pairs.py does in SQL: from holdings (an account and a value each, both numbered from 0), from the kind
    and bits of each value and the family of each kind, to pairs of accounts and their total bits.
    """
    holding = value << 32 | account
    holding.sort()
    families, family = np.unique(family_of, return_inverse=True)
    if len(families) > _FAMILIES:
        raise AssertionError(f"BUG: more than {_FAMILIES} families of ties: {families}")
    most = np.array([links.family_bits(one) for one in families])
    doublings = min(_MOST_MARKS, (_MARKS_A_HOLDING * len(value)).bit_length())
    marks, shift = np.zeros(1 << doublings, np.uint16), np.uint64(64 - doublings)
    _mark(holding, family[kind], links.neighbours, marks, shift)
    pair, of = _met(holding, family[kind], most >= links.min_bits, links.neighbours, marks, shift)
    if len(pair) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    del marks
    kinds = len(family_of)
    held = np.zeros((int(account.max()) + 1, kinds), np.int32)
    _count(holding, kind, held)
    size = np.bincount(value, minlength=len(kind)).astype(float)
    total = np.bincount(kind, size, minlength=kinds)
    expected = np.bincount(kind, size**2, minlength=kinds) / np.maximum(total, 1.0) ** 2  # Σ d²/D², by kind
    order = np.lexsort((kind[of], pair))
    return _weigh(pair[order], of[order], kind, bits, family, most, held, expected, links.min_bits)


@njit(cache=True, nogil=True)
def _place(pair, shift):
    """A pair's place among the marks, 2^(64 - shift) of them; two pairs may share one (Fibonacci hashing)."""
    return (np.uint64(pair) * np.uint64(0x9E3779B97F4A7C15)) >> shift


@njit(cache=True, nogil=True)
def _mark(holding, family, neighbours, marks, shift):
    """Leave at the place of each pair that meets a bit for every family it meets by."""
    for i in range(len(holding)):
        value, account = holding[i] >> 32, holding[i] & 0xFFFFFFFF
        bit = np.uint16(1) << np.uint16(family[value])
        for j in range(i + 1, min(i + 1 + neighbours, len(holding))):
            if holding[j] >> 32 != value:
                break
            other = holding[j] & 0xFFFFFFFF
            if other != account:
                marks[_place(account << 32 | other, shift)] |= bit


@njit(cache=True, nogil=True)
def _met(holding, family, alone, neighbours, marks, shift):
    """Pairs that meet, with the value they meet in, but for those that one weak family brings together and nothing else:
    there are millions, they would be sorted and counted for nothing.
    """
    pair, of = np.empty(len(holding), np.int64), np.empty(len(holding), np.int32)
    used = 0
    for i in range(len(holding)):
        value, account = holding[i] >> 32, holding[i] & 0xFFFFFFFF
        bit = np.uint16(1) << np.uint16(family[value])
        if used + neighbours > len(pair):
            pair = np.concatenate((pair, np.empty(len(pair) + neighbours, np.int64)))
            of = np.concatenate((of, np.empty(len(of) + neighbours, np.int32)))
        for j in range(i + 1, min(i + 1 + neighbours, len(holding))):
            if holding[j] >> 32 != value:
                break
            other = holding[j] & 0xFFFFFFFF
            both = account << 32 | other
            if other != account and (alone[family[value]] or marks[_place(both, shift)] != bit):
                pair[used] = both
                of[used] = value
                used += 1
    return pair[:used].copy(), of[:used].copy()


@njit(cache=True, nogil=True)
def _count(holding, kind, held):
    """How many values of each kind each account holds."""
    for one in holding:
        held[one & 0xFFFFFFFF, kind[one >> 32]] += 1


@njit(cache=True, nogil=True)
def _weigh(pair, of, kind, bits, family, most, held, expected, enough):
    """Pairs in order of pair and kind → those that weigh enough, and their bits: by kind the smaller of rarity and
    surprise, by family no more than it may give.
    """
    a, b, weight = np.empty(len(pair), np.int64), np.empty(len(pair), np.int64), np.empty(len(pair))
    together = np.zeros(len(most))
    used = i = 0
    while i < len(pair):
        first, second = pair[i] >> 32, pair[i] & 0xFFFFFFFF
        together[:] = 0.0
        until = i
        while until < len(pair) and pair[until] == pair[i]:
            this = kind[of[until]]
            shared, rarity = 0, 0.0
            while until < len(pair) and pair[until] == pair[i] and kind[of[until]] == this:
                rarity += bits[of[until]]
                shared += 1
                until += 1
            chance = held[first, this] * held[second, this] * expected[this]
            surprise = (shared * np.log(shared / chance) - shared + chance) / _LN2 if shared > chance else 0.0
            together[family[this]] += min(rarity, surprise)
        total = 0.0
        for one in range(len(most)):
            total += min(together[one], most[one])
        if total >= enough:
            a[used], b[used], weight[used] = first, second, total
            used += 1
        i = until
    return a[:used].copy(), b[:used].copy(), weight[:used].copy()
