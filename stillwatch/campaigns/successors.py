"""Accounts that took the place of banned ones, how many of the banned were replaced, and how many more stand by.

Of accounts that stand by, only those are known that what they registered with ties to the campaign. Which part that is,
is told by those that were put to use: they were found by their traffic, whether anything tied them before or not. So the
silent ones that are known are divided by that share (the estimate of Chapman, "Some properties of the hypergeometric
distribution with applications to zoological sample censuses", 1951; the interval is that of the share, Clopper, Pearson 1934).
It holds when which ones are put to use has nothing to do with what ties them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.stats import binomtest

from stillwatch import tables
from stillwatch.campaigns.judged import grouped
from stillwatch.campaigns.replacement import Answers, Pairs, answers

SLOW = 0.01  # chance that an account active on as many days would have kept silent so long: below it, it began late
LIKELY = 0.5  # from which an account is said to have replaced another: more likely than not
STOOD_BY_HOURS = 6.0  # from sign-up to begin, from which an account stood by: scripts use new ones within minutes
INTERVAL = 0.95  # of the size of the pool
_HOUR = 3600.0


class _Group:
    """One cluster's bans and starts, in hours from its first exchange, ascending."""

    def __init__(self, lives: list[dict[str, Any]], totals: Mapping[str, Any]) -> None:
        self.first: datetime = totals["first_seen"]
        self.hours = max(self._hour(totals["last_seen"]), 1.0)
        self.lives = lives
        self.bans = sorted(
            (one for one in lives if self._was_lost(one)), key=lambda one: (one["banned_at"], one["account_id"])
        )
        began = [one for one in lives if one["began"] and self._began_late(one)]
        self.starts = sorted(began, key=lambda one: (one["began"], one["account_id"]))

    def answers(self, inherited: list[dict[str, Any]], seed: int) -> Answers:
        return answers(
            np.array([self._hour(one["banned_at"]) for one in self.bans]),
            np.array([self._hour(one["began"]) for one in self.starts]),
            self._pairs(inherited),
            self.hours,
            seed,
        )

    def waited(self, one: Mapping[str, Any]) -> float | None:
        """Hours from sign-up to begin."""
        return None if one["created_at"] is None else (one["began"] - one["created_at"]).total_seconds() / _HOUR

    def _hour(self, at: datetime) -> float:
        return (at - self.first).total_seconds() / _HOUR

    def _was_lost(self, one: Mapping[str, Any]) -> bool:
        """Banned in the time that is looked at, after it had begun: what begins after its own ban replaces nothing."""
        if one["banned_at"] is None or one["began"] is None:
            return False
        return bool(one["began"] < one["banned_at"] and 0 <= self._hour(one["banned_at"]) <= self.hours)

    def _began_late(self, one: Mapping[str, Any]) -> bool:
        """Made since the cluster began, or silent for longer than its own habit explains, by the days on which it speaks."""
        if one["created_at"] is not None and one["created_at"] > self.first:
            return True
        spoke = (one["ended"].date() - one["began"].date()).days + 1
        silent = (one["began"].date() - self.first.date()).days
        return bool((1.0 - one["days"] / (spoke + 1)) ** silent < SLOW)

    def _pairs(self, inherited: list[dict[str, Any]]) -> Pairs:
        bans = {one["account_id"]: place for place, one in enumerate(self.bans)}
        starts = {one["account_id"]: place for place, one in enumerate(self.starts)}
        bits: defaultdict[tuple[int, int], float] = defaultdict(float)
        for row in inherited:  # a row for each kind: kinds of value are independent enough of one another here
            if row["banned_account"] in bans and row["account"] in starts:
                bits[bans[row["banned_account"]], starts[row["account"]]] += row["bits"]
        places = np.array(sorted(bits), np.int64).reshape(-1, 2)
        return Pairs(places[:, 0], places[:, 1], np.array([bits[ban, start] for ban, start in places.tolist()]))


def successors(known: Mapping[str, pa.Table], seed: int) -> pa.Table:
    """Members that replaced a banned one, more likely than not (tables.SUCCESSORS)."""
    rows = []
    inherited = grouped(known["inherited"])
    for cluster_id, group in _groups(known).items():
        found = group.answers(inherited[cluster_id], seed)
        shared: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for row in inherited[cluster_id]:
            shared[row["banned_account"], row["account"]].append(row["kind"])
        for place, one in enumerate(group.starts):
            if found.likelihood[place] < LIKELY or found.ban[place] < 0:
                continue
            gone = group.bans[found.ban[place]]
            rows.append(
                {
                    "cluster_id": cluster_id,
                    "banned_account": gone["account_id"],
                    "account": one["account_id"],
                    "hours": (one["began"] - gone["banned_at"]).total_seconds() / _HOUR,
                    "likelihood": float(found.likelihood[place]),
                    "of_this": float(found.of_ban[place]),
                    "shared": ", ".join(sorted(shared[gone["account_id"], one["account_id"]])),
                    "waited_hours": group.waited(one),
                }
            )
    return pa.Table.from_pylist(rows, schema=tables.SUCCESSORS.schema)


def turnover(known: Mapping[str, pa.Table], seed: int) -> pa.Table:
    """Per cluster with a ban, what came after bans and what stands by (tables.TURNOVER)."""
    inherited = grouped(known["inherited"])
    rows = []
    for cluster_id, group in _groups(known).items():
        found = group.answers(inherited[cluster_id], seed)
        silent = sum(one["began"] is None and one["banned_at"] is None for one in group.lives)
        stood_by = [one for one in group.starts if (group.waited(one) or 0.0) >= STOOD_BY_HOURS]
        tied = sum(one["tied_at_signup"] for one in stood_by)
        rows.append(
            {
                "cluster_id": cluster_id,
                "bans": len(group.bans),
                "starts": len(group.starts),
                "replaced": found.expected,
                "share": found.share,
                "delay_hours": found.delay * float(np.log(2)),
                "p_value": found.p_value,
                "silent": silent,
                "stood_by": len(stood_by),
                "stood_by_tied": tied,
                **_pool(silent, tied, len(stood_by)),
            }
        )
    return pa.Table.from_pylist(rows, schema=tables.TURNOVER.schema)


def successor_evidence(row: Mapping[str, Any]) -> str:
    """One row of tables.SUCCESSORS as the sentence that a person reads."""
    told = [f"began {row['hours']:.1f} hours after the ban"]
    if row["shared"]:
        told.append(f"shares with it what few members share: {row['shared'].replace('_', ' ')}")
    if (row["waited_hours"] or 0.0) >= STOOD_BY_HOURS:
        told.append(f"had signed up {_span(row['waited_hours'])} earlier")
    return "; ".join(told)


def _span(hours: float) -> str:
    return f"{hours:.0f} hours" if hours < 48.0 else f"{hours / 24.0:.0f} days"


def _groups(known: Mapping[str, pa.Table]) -> dict[str, _Group]:
    """Clusters with a ban."""
    totals = {row["cluster_id"]: row for row in known["cluster_totals"].to_pylist()}
    made = {
        cluster_id: _Group(lives, totals[cluster_id])
        for cluster_id, lives in sorted(grouped(known["lives"]).items())
        if totals[cluster_id]["first_seen"] is not None
    }
    return {cluster_id: group for cluster_id, group in made.items() if group.bans}


def _pool(silent: int, tied: int, stood_by: int) -> dict[str, float | None]:
    """Silent accounts, known and unknown: those known over the share that is known of such ones."""
    if not stood_by:
        return {"pool": None, "pool_low": None, "pool_high": None}
    share = binomtest(tied, stood_by).proportion_ci(INTERVAL, "exact")
    return {
        "pool": silent * (stood_by + 1) / (tied + 1),
        "pool_low": silent / share.high,
        "pool_high": silent / share.low if share.low else None,
    }
