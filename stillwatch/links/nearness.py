"""How near two uses of a value are, in time or amount, and what that says.

How near is near depends on the kind: a gap is told as the share of all uses of the kind that fall into it, as smooth as √n
bins of √n uses each make it, so rush hours and round amounts count for less. For accounts of one operator nearness may be
of any scale, so it is given a log-uniform density from n^-1.5, which is what such bins resolve, to 1; for strangers it is
uniform. That makes a likelihood ratio with no window to choose, and one that strangers reach 2^b of by chance at most
once in 2^b times. Half of an operator's uses may be as far apart as anybody's, so distance takes one bit at most.

A post is shared in its first hours by people who never heard of each other. So gaps are enlarged by as much as the median gap
of drawn pairs of users of one value is smaller than that of any two uses. The median stays until half of the pairs are plotted.
"""

# mypy: allow-untyped-defs
# Kernels carry no annotations: Numba infers their types.

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from stillwatch.links.numbered import begins, ordered

RESOLUTION = 1.5  # exponent of n: √n bins, each resolved to the n-th part of itself
DRAWN = 50_000  # pairs of users of one value, a kind, that show what is usual among them
FEWEST = 100  # drawn pairs, below which their median is noise and nothing is said of the kind
ANY_TWO = 1 - 0.5**0.5  # median gap of two uses drawn from all: of two uniform numbers
SEED = 1  # of the draw: the same log gives the same pairs
FAR = 0.5  # share of an operator's common uses that are as far apart as strangers': unknown, so even


@dataclass(frozen=True)
class Places:
    """Where each use lies among the uses of its kind."""

    at: np.ndarray  # share of them below it, 0..1; NaN where nothing is known of it
    same: np.ndarray  # uses at the very same instant or of the very same amount, itself counted
    n: np.ndarray  # uses of the kind of which it is known

    @property
    def equals(self) -> np.ndarray:
        """The gap between a use and one in the same place: others there could have been the other."""
        return (self.same - 2) / np.maximum(self.n, 2.0)


def places(kind: np.ndarray, measure: np.ndarray) -> Places:
    """Every use's place by its instant, or by its amount."""
    at, same, n = (np.full(len(kind), np.nan) for _ in range(3))
    known = np.flatnonzero(~np.isnan(measure))
    if len(known) == 0:
        return Places(at, same, n)
    order = ordered(kind, start=known[np.argsort(measure[known], kind="stable")])
    kinds, value = kind[order], measure[order]
    first, many = _runs(kinds)
    rank = np.arange(len(order)) - first
    start, peers = _runs(kinds, value)
    below = rank[start]
    bins = np.floor(below / np.sqrt(many))
    begin, inside = _runs(kinds, bins)
    low, high = value[begin], value[begin + inside - 1]
    within = np.divide(value - low, high - low, out=np.zeros(len(order)), where=high > low)
    at[order] = (below[begin] + within * (inside - 1)) / many
    same[order], n[order] = peers, many
    return Places(at, same, n)


def scales(place: Places, kind: np.ndarray, haste: np.ndarray) -> np.ndarray:
    """A row a kind, of what `near` needs of it: the least gap that is resolved, what gaps are held against, and the haste."""
    uses = np.full(len(haste), np.nan)
    uses[kind] = np.fmax(place.n, uses[kind])
    least = np.maximum(uses, 2.0) ** -RESOLUTION
    return np.column_stack((least, (1 - FAR) / (-2.0 * np.log(least)), haste))


def haste(place: Places, kind: np.ndarray, value: np.ndarray, account: np.ndarray) -> np.ndarray:
    """By kind: how many times nearer users of one value are than any two; -1 is no value that two accounts use."""
    dice = np.random.default_rng(SEED)
    times = np.ones(int(kind.max(initial=-1)) + 1)
    rows = ordered(value, kind, start=np.flatnonzero((value >= 0) & ~np.isnan(place.at)))
    first, many = _runs(value[rows])
    for one in np.unique(kind[rows]):
        some = np.flatnonzero((kind[rows] == one) & (many > 1))
        weight = np.cumsum(many[some] - 1.0)
        if len(some):
            drawn = some[np.searchsorted(weight, dice.random(DRAWN) * weight[-1], side="right")]
            partner = rows[first[drawn] + dice.integers(many[drawn])]
            strange = account[rows[drawn]] != account[partner]
            gaps = np.abs(place.at[rows[drawn]] - place.at[partner])[strange]
            if min(len(some), len(gaps)) >= FEWEST:
                times[one] = max(1.0, ANY_TWO / max(float(np.median(gaps)), 1.0 / len(some)))
    return times


@njit(cache=True, nogil=True)
def near(at, other, equals, scale, tries):
    """Bits for two uses being as near as they are, given how many pairs of uses could have been; 0 where unknown.

    `at` and `other` are their places, `equals` is the gap of those in one place, `scale` that of their kind.
    """
    apart = abs(at - other)
    if np.isnan(apart):
        return 0.0
    gap = min(max(equals if apart == 0 else apart, scale[0]) * scale[2] * tries, 1.0)
    return np.log2(FAR + scale[1] / gap)


def _runs(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of sorted rows: where the run of equal rows that each is in starts, and how long it is."""
    new = begins(*columns)
    starts = np.flatnonzero(new)
    long = np.diff(np.r_[starts, len(new)])
    return np.repeat(starts, long), np.repeat(long, long)
