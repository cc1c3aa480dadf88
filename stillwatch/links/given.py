"""Whatever else a provider knows that accounts may share: the rows of `evidence`, each kind by its own degrees.

No list says which values are hubs. A value counts by its crowd: by how much likelier its holders are than other accounts
of their activity to share something else as well. Before anything is seen of that, the rarity of the value speaks, as for
any tie; the belief is a Gamma distribution that starts there and is worth one expected coincidence, and what is seen are
Poisson counts, so the lift is (rarity + seen) / (1 + expected). A pair shared by two stays rare; a hub of thousands has a
lift of one, whatever its size; a source that an operator pays two hundred accounts from keeps its weight.
Each coincidence of a pair counts 1/(d - 1) for a value that d share (Newman 2001), so hubs do not vouch for hubs.
Innocent when: the kind says.
"""

# mypy: allow-untyped-defs
# Kernels carry no annotations: Numba infers their types.

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis import Table
from numba import njit

from stillwatch import tables
from stillwatch.links.numbered import begins, numbered, ordered

SAME_OPERATOR = 0.2  # unknown kind: modest
UNRELATED = 0.005  # unknown kind: modest
# Kinds with rates of their own, which say which person it is (verification/ladder/feedback.py) or whose campaign
# (sharing/matching/matched.py): same operator, unrelated, and of how many accounts at least. Of the few that were asked for a
# document, two in a hundred are not likelier to share one than two in a million are.
STATED = {
    "verified_identity": (0.2, 0.0001, 100_000),  # one in 10,000: people with an account at work and one at home
    "failed_document": (0.2, 0.0001, 100_000),  # a household sends in the wrong card; a farm the same forgery again
    "partner_match": (0.2, 0.001, 100_000),  # a partner's campaign: one in 1,000 has a card of one by chance
}
MOST_VALUES = 64  # rarest values of an account that vouch for others: busy ones would make millions of pairs of values
LEAST_BITS = 1.0  # of lift, below which a value is a crowd's: its holders are not twice as likely to be related


def given_values(evidence: Table) -> Table:
    """(account_id, kind, value) of every kind in the evidence table."""
    return evidence.select("account_id", "kind", "value").distinct()


def given_shared_values(evidence: pa.Table) -> pa.Table:
    """Values of the given kinds that at least two accounts hold, and the weight of sharing each."""
    if len(evidence) == 0:
        return tables.GIVEN_SHARED_VALUES.schema.empty_table()
    rows = numbered(evidence)
    held = _distinct(rows.account, rows.value)
    value, account = rows.value[held], rows.account[held]
    kind = np.empty(len(rows.keys), np.int64)
    kind[rows.value] = rows.kind
    population = np.bincount(rows.kind[_distinct(rows.account, rows.kind)])[kind]
    accounts = np.bincount(value)
    seen, expected = _company(value, account, accounts)
    same, unrelated, least = _weights(rows.keys["kind"])
    rarity = same / (unrelated + accounts / np.maximum(population, least))
    bits = np.maximum(np.log2((rarity + seen) / (1.0 + expected)), 0.0)
    shared = np.flatnonzero(accounts >= 2)
    keys = rows.keys.take(pa.array(shared))
    return pa.table(
        {
            "kind": keys["kind"],
            "value": keys["value"],
            "family": pa.repeat("other", len(shared)),
            "accounts": accounts[shared],
            "population": population[shared],
            "crowded": bits[shared] < LEAST_BITS,
            "bits": bits[shared],
        },
        schema=tables.GIVEN_SHARED_VALUES.schema,
    )


def _weights(kinds: pa.ChunkedArray) -> np.ndarray:
    """Of each kind its rates, and the fewest accounts that its values are taken to be of: three rows."""
    which = pc.fill_null(pc.index_in(kinds, pa.array(STATED)), len(STATED))
    return np.array([*STATED.values(), (SAME_OPERATOR, UNRELATED, 1)]).T[:, which.to_numpy()]


def _distinct(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Rows with each pair of numbers once, in order of the other, then of the one."""
    order = ordered(one, other)
    return order[begins(one[order], other[order])]


def _company(value: np.ndarray, account: np.ndarray, accounts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per value: how many coincidences its holders have elsewhere, and how many as busy accounts would have."""
    others = np.minimum(np.bincount(account), MOST_VALUES) - 1.0
    shared = accounts[accounts >= 2].astype(float)
    chance = (shared * shared / (shared - 1.0)).sum() / (others + 1.0).sum() ** 2
    rarest = ordered(accounts[value], account, start=np.flatnonzero(accounts[value] >= 2))
    first = np.flatnonzero(begins(account[rarest]))
    place = np.arange(len(rarest)) - np.repeat(first, np.diff(np.r_[first, len(rarest)]))
    kept = np.sort(rarest[place < MOST_VALUES])
    value, account = value[kept], account[kept]
    sum_one = np.bincount(value, others[account], len(accounts))
    sum_two = np.bincount(value, others[account] ** 2, len(accounts))
    seen = _coincidences(value, account, value[ordered(account)], np.bincount(account), accounts)
    return seen, (sum_one * sum_one - sum_two) / 2.0 * chance


@njit(cache=True, nogil=True)
def _coincidences(value, account, by_account, many, accounts):
    """Per value: pairs of its holders that share another value as well, each by how few hold that one.

    Holdings come in order of value and account; `by_account` are the values in order of account and value, of which each
    account has `many`. Every two values are looked at once.
    """
    following = np.cumsum(many) - many  # of each account: its first value that was not yet looked at
    until = np.cumsum(many)
    both = np.zeros(len(accounts), np.int32)
    met = np.empty(len(accounts), np.int32)
    seen = np.zeros(len(accounts))
    start = 0
    while start < len(value):
        this, found, row = value[start], 0, start
        while row < len(value) and value[row] == this:
            following[account[row]] += 1
            for place in range(following[account[row]], until[account[row]]):
                other = by_account[place]
                if both[other] == 0:
                    met[found] = other
                    found += 1
                both[other] += 1
            row += 1
        for other in met[:found]:
            pairs = both[other] * (both[other] - 1) / 2.0
            seen[this] += pairs / (accounts[other] - 1)
            seen[other] += pairs / (accounts[this] - 1)
            both[other] = 0
        start = row
    return seen
