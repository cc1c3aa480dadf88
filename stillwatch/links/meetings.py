"""Pairs of accounts by the values that only the provider knows, when and for how much they used them.

A pair's prior odds are one partner among all accounts, for one account in four. They are multiplied by what sharing each
value says (given.py) and by how near the two uses of it were (nearness.py). At even odds a pair weighs `min_bits`, where
links begin.

Who follows a guide through six values in an evening meets whoever does so that evening six times, for one reason. So meetings
of one occasion give one value's weight and one nearness, the largest of each.
Innocent when: a lesson, a launch, a pay day brings strangers to one value at one time. It brings them to one, not to several.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import tables
from stillwatch.config import Links
from stillwatch.links.given import UNRELATED
from stillwatch.links.nearness import begins, haste, near, places

PARTNERS = 2.0  # bits: one account in four has a partner at all; with none, strangers would come to even odds too often
SPREAD = 0x9E3779B1  # a large odd number, so that pairs of neighbours fall into different buckets
BUCKETS = 4  # a meeting, so that few pairs share one


def meetings(evidence: pa.Table, shared_values: pa.Table, config: Links) -> pa.Table:
    """Pairs more likely than not (tables.MEETINGS); a pair's row bears the kind of its heaviest value."""
    names = pc.unique(evidence["account_id"]).sort()
    value = pc.index_in(_keys(evidence), _keys(shared_values))
    rows = _distinct(
        pc.index_in(evidence["account_id"], names).to_numpy().astype(np.int64),
        pc.fill_null(value, -1).to_numpy().astype(np.int64),
        pc.rank(evidence["kind"], tiebreaker="dense").to_numpy().astype(np.int64),
        evidence["timestamp"].cast(pa.int64()).to_numpy().astype(float),
        evidence["amount"].to_numpy().astype(float),
    )
    prior = float(np.log2(max(len(names), 1))) + PARTNERS
    met = _met(rows, _lifts(shared_values), shared_values["crowded"].to_numpy(), prior, config)
    if len(met["a"]) == 0:
        return tables.MEETINGS.schema.empty_table()
    pair = _pairs(_occasions(met))
    odds = pair["bits"] - prior
    keep = np.flatnonzero(odds >= 0)
    best = pa.array(pair["value"][keep])
    return pa.table(
        {
            "account_a": names.take(pa.array(pair["a"][keep])),
            "account_b": names.take(pa.array(pair["b"][keep])),
            "kind": shared_values["kind"].take(best),
            "family": shared_values["family"].take(best),
            "weight": config.min_bits + odds[keep],
            "value_pseudonym": shared_values["value"].take(best),
            "values": pair["values"][keep],
        },
        schema=tables.MEETINGS.schema,
    )


def _keys(table: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(table["kind"], table["value"], "\x1f")


def _lifts(shared_values: pa.Table) -> np.ndarray:
    """Bits of sharing a value, without the bound for ordinary reasons: prior odds speak for strangers here."""
    share = shared_values["accounts"].to_numpy() / shared_values["population"].to_numpy()
    return shared_values["bits"].to_numpy() + np.log2(1 + UNRELATED / share)


def _distinct(*columns: np.ndarray) -> tuple[np.ndarray, ...]:
    order = np.lexsort(columns)
    columns = tuple(column[order] for column in columns)
    new = np.ones(len(order), bool)
    new[1:] = np.logical_or.reduce([~_equal(column[1:], column[:-1]) for column in columns])
    return tuple(column[new] for column in columns)


def _equal(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one == other) | ((one != one) & (other != other))  # an unknown instant equals another unknown one


def _met(
    rows: tuple[np.ndarray, ...], lift: np.ndarray, crowded: np.ndarray, prior: float, config: Links
) -> dict[str, np.ndarray]:
    """Each use with the next few uses of its value by others: by account where it is no crowd's, by time, by amount."""
    account, value, kind, *measures = rows
    when, much = (places(kind, measure) for measure in measures)
    clock = places(
        np.zeros(len(kind), np.int64), measures[0]
    )  # occasions are of all kinds: a post has a link and a tag
    holding = np.unique(account * (len(lift) + 1) + value, return_inverse=True)[1]
    own = np.bincount(holding)[holding]
    first_use = np.zeros(len(account), bool)
    first_use[np.unique(holding, return_index=True)[1]] = True
    quiet = np.append(~crowded, False)[value]  # value -1, held by one account, is the last
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    for measure, some in ((account, first_use & quiet), *((one, ~np.isnan(one) & (value >= 0)) for one in measures)):
        order = np.flatnonzero(some)
        order = order[np.lexsort((account[order], measure[order], value[order]))]
        for step in range(1, config.neighbours + 1):
            one, other = order[:-step], order[step:]
            meet = (value[one] == value[other]) & (account[one] != account[other])
            parts.append((one[meet], other[meet]))
    one, other = (np.concatenate(side) for side in zip(*parts, strict=True))
    one, other = np.where(account[one] < account[other], (one, other), (other, one))
    tries = (own[one] * own[other]).astype(float)
    nearness = np.zeros(len(one))
    for place in (when, much):
        nearness += near(place, haste(place, kind, value, account), one, other, tries)
    worth = _plausible(account[one], account[other], lift[value[one]], nearness, prior)
    one, other = one[worth], other[worth]
    return {
        "a": account[one], "b": account[other], "value": value[one], "lift": lift[value[one]], "near": nearness[worth],
        "at_a": clock.at[one], "at_b": clock.at[other], "pause": clock.n[one] ** -0.5,
    }  # fmt: skip


def _plausible(a: np.ndarray, b: np.ndarray, lift: np.ndarray, nearness: np.ndarray, prior: float) -> np.ndarray:
    """Meetings of pairs whose bits could come to the prior's if each were an occasion; most pairs meet once, at a hub.

    Pairs are summed up in buckets without sorting them. Who shares a bucket is only kept too long.
    """
    bits = lift + np.maximum(nearness, 0.0)
    bucket = (a * SPREAD + b) % (BUCKETS * len(a) + 1)
    return (np.bincount(bucket, bits)[bucket] >= prior) & (lift + nearness > 0)


def _occasions(met: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The nearest meeting at each value, with its occasion: a new one begins when a √n-th of all uses has passed for either."""
    order = np.lexsort((-met["near"], met["value"], met["b"], met["a"]))
    order = order[begins(met["a"][order], met["b"][order], met["value"][order])]
    order = order[np.lexsort((met["value"][order], met["at_a"][order], met["b"][order], met["a"][order]))]
    met = {name: column[order] for name, column in met.items()}
    new = begins(met["a"], met["b"])
    for side in ("at_a", "at_b"):
        new[1:] |= ~(np.abs(np.diff(met[side])) <= met["pause"][1:])  # unknown instants are occasions of their own
    starts = np.flatnonzero(new)
    worth = met["lift"] + met["near"]
    return {
        "a": met["a"][starts], "b": met["b"][starts],
        "bits": np.maximum.reduceat(met["lift"], starts) + np.maximum.reduceat(met["near"], starts),
        "value": _heaviest(met["value"], worth, starts), "best": np.maximum.reduceat(worth, starts),
        "values": np.diff(np.r_[starts, len(new)]),
    }  # fmt: skip


def _pairs(occasions: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Occasions are independent witnesses of a pair: their bits add up."""
    starts = np.flatnonzero(begins(occasions["a"], occasions["b"]))
    summed = {name: np.add.reduceat(occasions[name], starts) for name in ("bits", "values")}
    value = _heaviest(occasions["value"], occasions["best"], starts)
    return {"a": occasions["a"][starts], "b": occasions["b"][starts], "value": value, **summed}


def _heaviest(value: np.ndarray, worth: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Of each run, the value worth most."""
    run = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(value)]))
    order = np.lexsort((worth, run))
    return value[order[np.r_[starts[1:], len(value)] - 1]]
