"""Pairs of accounts by the values that only the provider knows, when and for how much they used them.

A pair's prior odds are one partner among all accounts, for one account in four. They are multiplied by what sharing each
value says (given.py) and by how near the two uses of it were (nearness.py). At even odds a pair weighs `min_bits`, where
links begin.

Who follows a guide through six values in an evening meets whoever does so that evening six times, for one reason. So meetings
of one occasion give one value's weight and one nearness, the largest of each.
Innocent when: a lesson, a launch, a pay day brings strangers to one value at one time. It brings them to one, not to several.
"""

# mypy: allow-untyped-defs
# Kernels carry no annotations: Numba infers their types.

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from stillwatch import tables
from stillwatch.config import Links
from stillwatch.links.given import UNRELATED
from stillwatch.links.nearness import haste, near, places, scales
from stillwatch.links.numbered import begins, numbered, ordered

PARTNERS = 2.0  # bits: one account in four has a partner at all; with none, strangers would come to even odds too often
MARKS = 4  # a use, at which pairs leave their bits, so that few share one by chance
MOST_MARKS = 27  # doublings: 134 million marks of four bytes
ROUNDING = 0.01  # bits that a mark of four bytes may be short of; a pair that is kept for it is weighed like any other


def meetings(evidence: pa.Table, given_shared_values: pa.Table, config: Links) -> pa.Table:
    """Pairs more likely than not (tables.MEETINGS); a pair's row bears the kind of its heaviest value."""
    shared = given_shared_values.sort_by([("kind", "ascending"), ("value", "ascending")])
    if len(shared) == 0:
        return tables.MEETINGS.schema.empty_table()
    rows = numbered(evidence)
    place = pc.index_in(_keys(rows.keys), _keys(shared)).fill_null(len(shared))  # the last: held by one account alone
    value = place.to_numpy().astype(np.int32)[rows.value]
    when = evidence["timestamp"].cast(pa.int64()).to_numpy().astype(float)
    much = evidence["amount"].to_numpy().astype(float)
    once = _distinct(rows.account, value, rows.kind, when, much)
    prior = float(np.log2(max(len(rows.accounts), 1))) + PARTNERS
    value = np.where(value < len(shared), value, -1)
    uses = (rows.account[once], value[once], rows.kind[once], when[once], much[once])
    a, b, best, bits, values = _met(*uses, _lifts(shared), shared["crowded"].to_numpy(), prior, config.neighbours)
    heaviest = shared.take(pa.array(best))
    return pa.table(
        {
            "account_a": rows.accounts.take(pa.array(a)),
            "account_b": rows.accounts.take(pa.array(b)),
            "kind": heaviest["kind"],
            "family": heaviest["family"],
            "weight": config.min_bits + bits - prior,
            "value_pseudonym": heaviest["value"],
            "values": values,
        },
        schema=tables.MEETINGS.schema,
    )


def _keys(table: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(table["kind"], table["value"], "\x1f")


def _lifts(shared_values: pa.Table) -> np.ndarray:
    """Bits of sharing a value, without the bound for ordinary reasons: prior odds speak for strangers here."""
    share = shared_values["accounts"].to_numpy() / shared_values["population"].to_numpy()
    return shared_values["bits"].to_numpy() + np.log2(1 + UNRELATED / share)


def _distinct(*columns: np.ndarray) -> np.ndarray:
    """Rows that differ, by the last column first; numbers from 0 in the first three, of the others some may be unknown."""
    order = ordered(*columns[:3])
    for measure in columns[3:]:
        order = order[np.argsort(measure[order], kind="stable")]
    return order[begins(*(np.nan_to_num(column[order], nan=np.inf) for column in columns))]


def _rank(measure: np.ndarray) -> np.ndarray:
    """How many different ones are smaller. All unknown ones are equal, and larger than others."""
    order = np.argsort(measure, kind="stable")
    value = np.nan_to_num(measure[order], nan=np.inf)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.cumsum(begins(value)) - 1
    return rank


def _met(
    account: np.ndarray, value: np.ndarray, kind: np.ndarray, when: np.ndarray, much: np.ndarray,
    lift: np.ndarray, crowded: np.ndarray, prior: float, neighbours: int,
) -> tuple[np.ndarray, ...]:  # fmt: skip
    """Each use with the next few uses of its value by others: by account where it is no crowd's, by time, by amount."""
    shared = value >= 0
    own, first = _own(account, value, shared)
    kind_of = np.zeros(len(lift), np.int64)
    kind_of[value[shared]] = kind[shared]
    placed = [places(kind, measure) for measure in (when, much)]
    scale = [scales(place, kind, haste(place, kind, value, account)) for place in placed]
    orders = [ordered(account, value, start=first[~crowded[value[first]]])]
    moment = _rank(when)
    for rank, measure in ((moment, when), (_rank(much), much)):
        orders.append(ordered(account, rank, value, start=np.flatnonzero(shared & ~np.isnan(measure))))
    columns = account, value, own, *(column for place in placed for column in (place.at, place.equals))
    doublings = min(MOST_MARKS, (MARKS * sum(map(len, orders))).bit_length())
    marks, shift = np.zeros(1 << doublings, np.float32), np.uint64(64 - doublings)
    for order in orders:
        _mark(*(column[order] for column in columns), lift, kind_of, *scale, neighbours, marks, shift)
    parts = []
    for order in orders:
        sides = _plausible(
            *(column[order] for column in columns), lift, kind_of, *scale, neighbours, marks, shift, prior - ROUNDING
        )
        parts.append((order[sides[0]], order[sides[1]], sides[2]))
    one, other, near = (np.concatenate(side) for side in zip(*parts, strict=True))
    order = ordered(value[one], account[other], account[one])
    order = order[_nearest(account[one][order], account[other][order], value[one][order], near[order])]
    order = ordered(moment[one], account[other], account[one], start=order)
    one, other, near = one[order], other[order], near[order]
    clock = places(np.zeros(len(kind), np.int64), when)  # of all kinds: a post has a link and a tag, at one occasion
    return _weigh(
        account[one],
        account[other],
        value[one],
        near,
        clock.at[one],
        clock.at[other],
        clock.n[one] ** -0.5,
        lift,
        prior,
    )


def _own(account: np.ndarray, value: np.ndarray, shared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How often each use's account used its value, and the first use of each."""
    order = ordered(account, value, start=np.flatnonzero(shared))
    new = begins(account[order], value[order])
    starts = np.flatnonzero(new)
    many = np.diff(np.r_[starts, len(order)])
    own = np.zeros(len(account), np.int32)
    own[order] = np.repeat(many, many)
    return own, order[starts]


@njit(cache=True, nogil=True)
def _place(a, b, shift):
    """A pair's place among the marks, 2^(64 - shift) of them; two pairs may share one (Fibonacci hashing)."""
    return (np.uint64(np.int64(min(a, b)) << 32 | max(a, b)) * np.uint64(0x9E3779B97F4A7C15)) >> shift


@njit(cache=True, nogil=True)
def _nearness(i, j, own, at, equals, at_2, equals_2, scale, scale_2):
    """Bits of two uses of one value for their time and their amount."""
    tries = float(own[i]) * float(own[j])
    return near(at[i], at[j], equals[i], scale, tries) + near(at_2[i], at_2[j], equals_2[i], scale_2, tries)


@njit(cache=True, nogil=True)
def _mark(account, value, own, at, equals, at_2, equals_2, lift, kind_of, scales, scales_2, neighbours, marks, shift):
    """Leave at the place of each pair that meets what its bits could be if each meeting were an occasion."""
    for i in range(len(value)):
        kind = kind_of[value[i]]
        for j in range(i + 1, min(i + 1 + neighbours, len(value))):
            if value[i] != value[j]:
                break
            if account[i] != account[j]:
                bits = _nearness(i, j, own, at, equals, at_2, equals_2, scales[kind], scales_2[kind])
                marks[_place(account[i], account[j], shift)] += lift[value[i]] + max(bits, 0.0)


@njit(cache=True, nogil=True)
def _plausible(
    account, value, own, at, equals, at_2, equals_2, lift, kind_of, scales, scales_2, neighbours, marks, shift, enough
):
    """Meetings of pairs whose bits could come to enough; most pairs meet once, at a hub."""
    one, other = np.empty(len(value) + 1, np.int32), np.empty(len(value) + 1, np.int32)
    nearness = np.empty(len(value) + 1)
    used = 0
    for step in range(
        1, neighbours + 1
    ):  # of equally near meetings the first stands for the pair: that of closest neighbours
        for i in range(len(value) - step):
            j = i + step
            if value[i] != value[j] or account[i] == account[j]:
                continue
            if marks[_place(account[i], account[j], shift)] < enough:
                continue
            kind = kind_of[value[i]]
            bits = _nearness(i, j, own, at, equals, at_2, equals_2, scales[kind], scales_2[kind])
            if lift[value[i]] + bits <= 0:
                continue
            if used == len(one):
                one, other = np.concatenate((one, one)), np.concatenate((other, other))
                nearness = np.concatenate((nearness, nearness))
            smaller = account[i] < account[j]
            one[used], other[used], nearness[used] = (i if smaller else j), (j if smaller else i), bits
            used += 1
    return one[:used].copy(), other[:used].copy(), nearness[:used].copy()


@njit(cache=True, nogil=True)
def _nearest(a, b, value, near):
    """Of meetings in order of pair and value, the nearest of each pair at each value."""
    kept = np.empty(len(a), np.int64)
    used = 0
    for i in range(len(a)):
        if i and a[i] == a[i - 1] and b[i] == b[i - 1] and value[i] == value[i - 1]:
            if near[i] > near[kept[used - 1]]:
                kept[used - 1] = i
        else:
            kept[used] = i
            used += 1
    return kept[:used].copy()


@njit(cache=True, nogil=True)
def _weigh(a, b, value, near, at_a, at_b, pause, lift, prior):
    """Meetings in order of pair and time → pairs with at least the prior's bits: occasions are independent witnesses.

    A new occasion begins when a √n-th of all uses has passed for either account; unknown instants are occasions of their own.
    It has the largest lift and the largest nearness of its meetings.
    """
    out_a, out_b, best = np.empty(len(a), np.int64), np.empty(len(a), np.int64), np.empty(len(a), np.int64)
    bits, values = np.empty(len(a)), np.empty(len(a), np.int64)
    used = i = 0
    while i < len(a):
        start, total, most = i, 0.0, -np.inf
        while i < len(a) and a[i] == a[start] and b[i] == b[start]:
            begun, rarest, nearest = i, lift[value[i]], near[i]
            while i < len(a) and a[i] == a[start] and b[i] == b[start]:
                apart = abs(at_a[i] - at_a[max(i - 1, begun)]), abs(at_b[i] - at_b[max(i - 1, begun)])
                if i > begun and not (apart[0] <= pause[i] and apart[1] <= pause[i]):
                    break
                rarest, nearest = max(rarest, lift[value[i]]), max(nearest, near[i])
                if lift[value[i]] + near[i] >= most:
                    most, best[used] = lift[value[i]] + near[i], value[i]
                i += 1
            total += rarest + nearest
        if total >= prior:
            out_a[used], out_b[used], bits[used], values[used] = a[start], b[start], total, i - start
            used += 1
    return out_a[:used].copy(), out_b[:used].copy(), best[:used].copy(), bits[:used].copy(), values[:used].copy()
