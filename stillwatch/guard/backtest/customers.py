"""Who the customers of a log are, by the last look and by what they registered with: who is honest, and of which groups."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch import tables
from stillwatch.guard.backtest.rows import DAY, Laid

LONG_PAYING_DAYS = (
    60  # from sign-up to the end of the log: two invoices paid, which a throw-away account does not live to see
)
_SIZES = ((1, "1 account"), (9, "2 to 9 accounts"), (99, "10 to 99 accounts"), (None, "100 accounts or more"))
EXAMPLES = 10  # accounts named, those with most exchanges first: as many as a person opens


@dataclass(frozen=True)
class Customers:
    """Of each account of a log, in its order, who it is."""

    names: pa.Array
    campaign: pa.Array  # by the last look; null: in none, and taken to be honest
    role: pa.Array
    groups: dict[str, np.ndarray]  # kind of group → of each account the group, as text
    labels: np.ndarray | None  # of made traffic, of each account whether it is truly ordinary
    label_groups: list[str]  # and of which made group

    @property
    def honest(self) -> np.ndarray:
        """In no campaign by the last look."""
        found: np.ndarray = self.campaign.is_null().to_numpy(zero_copy_only=False)
        return found

    def counted(self, met: np.ndarray) -> list[dict[str, Any]]:
        """Of each group of honest customers, how many were met, of how many; groups of which nobody was are left out."""
        rows = []
        for kind, groups in self.groups.items():
            every, places = np.unique(groups, return_inverse=True)
            of = np.bincount(places[self.honest], minlength=len(every))
            hit = np.bincount(places[self.honest & met], minlength=len(every))
            rows += [
                {"kind": kind, "group": str(every[place]), "hit": int(hit[place]), "of": int(of[place])}
                for place in np.flatnonzero(hit)
            ]
        return rows

    def examples(self, met: np.ndarray, exchanges: np.ndarray) -> list[str]:
        """Names of some of those met."""
        places = np.flatnonzero(met)
        most = places[np.argsort(-exchanges[places], kind="stable")][:EXAMPLES]
        return self.names.take(pa.array(most)).to_pylist()

    def truth(self, met: np.ndarray) -> dict[str, Any] | None:
        """Of those met, how many are ordinary by label, and of which made groups; of traffic that nobody made, nothing."""
        if self.labels is None:
            return None
        ordinary = np.flatnonzero(met & self.labels)
        groups, counts = np.unique([self.label_groups[place] for place in ordinary], return_counts=True)
        by_group = {str(group): int(count) for group, count in zip(groups, counts, strict=True)}
        return {"ordinary": len(ordinary), "of": int(self.labels.sum()), "groups": by_group}


def customers(laid: Laid, result: Path, accounts: pa.Table, declared: pa.Table, labels: Path) -> Customers:
    """From the last look, LOG_ACCOUNTS, LOG_DECLARED, and the labels of made traffic where there are any."""
    names = pa.array(list(laid.accounts), pa.string())
    found = pq.read_table(result / "accounts.parquet", columns=["account_id", "campaign_id", "role"])
    last = _rows_of(found, names)
    known = _rows_of(accounts, names)
    organizations = declared.filter(pc.equal(declared["kind"], "organization"))["id"].combine_chunks()
    own = known["organization_id"]
    created = pc.fill_null(known["created_at"].cast(pa.int64()), np.iinfo(np.int64).max).to_numpy()
    old = created <= laid.last - LONG_PAYING_DAYS * DAY
    is_declared = pc.fill_null(pc.is_in(own, organizations), False).to_numpy(zero_copy_only=False)
    groups = {
        "pathway": _texts(known["pathway"]),
        "verification": _texts(known["verification"]),
        "organisation": np.where(is_declared, "declared", "not declared"),
        "age": np.where(old, f"older than {LONG_PAYING_DAYS} days", f"up to {LONG_PAYING_DAYS} days, or unknown"),
        "size of organisation": _sizes(accounts["organization_id"].combine_chunks(), own),
    }
    told = (
        _rows_of(pq.read_table(labels, columns=["account_id", "group", "campaign"]), names)
        if labels.is_file()
        else None
    )
    truly = None if told is None else _flags(pc.and_(pc.is_valid(told["group"]), pc.is_null(told["campaign"])))
    made = [] if told is None else pc.fill_null(told["group"], "").to_pylist()
    return Customers(names, last["campaign_id"], last["role"], groups, truly, made)


def _rows_of(table: pa.Table, names: pa.Array) -> dict[str, pa.Array]:
    """The columns of a table of accounts, a row for each of these, null where it has none."""
    places = pc.index_in(names, table["account_id"].combine_chunks())
    return {name: table[name].combine_chunks().take(places) for name in table.column_names}


def _texts(column: pa.Array) -> np.ndarray:
    found: np.ndarray = pc.fill_null(column, "unknown").to_numpy(zero_copy_only=False).astype(str)
    return found


def _flags(column: pa.Array) -> np.ndarray:
    found: np.ndarray = column.to_numpy(zero_copy_only=False)
    return found


def _sizes(every: pa.Array, own: pa.Array) -> np.ndarray:
    counted = every.drop_null().value_counts()
    size = counted.field("counts").take(pc.index_in(own, counted.field("values")))
    sizes = pc.fill_null(size, 0).to_numpy()
    found = np.full(len(own), "in none", dtype="<U24")
    for most, words in reversed(_SIZES):
        found[(sizes >= 1) & (sizes <= (most or np.inf))] = words
    return found


def empty(name: str) -> pa.Table:
    """A side table that the log does not have."""
    return {"accounts": tables.LOG_ACCOUNTS, "declared": tables.LOG_DECLARED}[name].schema.empty_table()
