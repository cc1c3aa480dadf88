"""Are the p-values of releases and pivots what they say? Random groups of accounts in no cluster, in place of clusters.

    stillwatch worlds make DIR --world calm-2026-02 --scale 0.01 --seed 220
    stillwatch scan DIR/log --out OUT
    python -m bench.chances OUT [--labels DIR/labels]          prints a table; nothing is written

A group of random accounts has no operator, so at most one in twenty may have a p-value of 0.05 or less, and one in a thousand
one of 0.001. `mix` is tested as the scan does, against others who move half as much again; `mix, no margin` against others as
they are; `normal` is a normal test of mean shares, against the same. `volume, times 2` is what is seen of groups that sent
twice as much as they did in the day after the release. With the labels, accounts of campaigns are left out, and groups of ten
are also drawn from each kind of ordinary account alone: those are no random accounts, and may differ.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from stillwatch.campaigns.mix import MORE, Others
from stillwatch.campaigns.observation import normal_tail
from stillwatch.campaigns.pivots import MAX_P, change_points
from stillwatch.campaigns.releases import BUSIEST, ENOUGH, STEPS
from stillwatch.campaigns.response import SURGE
from stillwatch.campaigns.volume import growth
from stillwatch.config import Campaigns
from stillwatch.evidence import CAPABILITIES

SIZES = (5, 10, 30, 100, 500)  # accounts of a group
OF_A_KIND = 10  # accounts of a group that is drawn from one kind
GROUPS = 1000  # of each size: a rate of one in twenty is known to seven in a thousand
PIVOT_GROUPS = 1000  # the same for pivots, each of which is searched in a thousand orders
LEVELS = (0.05, 0.001)
SPREAD_FLOOR = 0.05  # of the normal test
SEED = 7

Floats = npt.NDArray[np.float64]


class Unclustered:
    """Accounts of a scan that are in no cluster, a row each: what they sent by day around the release, moved, asked for."""

    def __init__(self, out: Path, labels: Path | None) -> None:
        tables = out / "tables"
        told = f"SELECT account_id, \"group\", campaign FROM '{labels}/accounts.parquet'"
        where = f"account_id NOT IN (SELECT account_id FROM '{tables}/candidates.parquet')" + (
            f" AND account_id NOT IN (SELECT account_id FROM ({told}) WHERE campaign IS NOT NULL)" if labels else ""
        )
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            days = connection.sql(
                'SELECT account_id, "window", sum(exchanges)::DOUBLE AS sent, sum(moved)::DOUBLE AS moved '
                f"FROM '{tables}/account_releases.parquet' WHERE {where} GROUP BY ALL"
            ).fetchnumpy()
            whole = connection.sql(
                f"SELECT DISTINCT \"window\" FROM '{tables}/release_days.parquet' WHERE cluster_id = '' ORDER BY 1"
            ).fetchnumpy()["window"]
            asked = connection.sql(
                "SELECT account_id, epoch(timestamp)::BIGINT // 86400 AS day, capability, count(*)::DOUBLE AS n "
                f"FROM '{tables}/uses.parquet' WHERE {where} AND capability IS NOT NULL GROUP BY ALL"
            ).fetchnumpy()
            kinds = dict(connection.sql(told).project('account_id, "group"').fetchall()) if labels else {}
        names, row = np.unique(days["account_id"].astype(str), return_inverse=True)
        self.kind = np.array([kinds.get(name, "") for name in names])
        self.windows = [int(one) for one in whole]
        self.sent = np.zeros((len(names), len(whole)))
        inside = np.isin(days["window"], whole)
        self.sent[row[inside], np.searchsorted(whole, days["window"][inside])] = days["sent"][inside]
        self.first_day, self.moved = np.zeros((2, len(names)))
        first = days["window"] == 0
        self.first_day[row[first]], self.moved[row[first]] = days["sent"][first], days["moved"][first]
        asked_by = asked["account_id"].astype(str)
        known = np.isin(asked_by, names)
        start = int(asked["day"].min())
        self.asked = np.zeros((len(names), int(asked["day"].max()) - start + 1, len(CAPABILITIES)))
        at = np.searchsorted(names, asked_by[known]), asked["day"][known] - start, asked["capability"][known]
        np.add.at(self.asked, at, asked["n"][known])
        self.capped = np.minimum(self.sent, np.quantile(self.sent[self.sent > 0], BUSIEST))
        self.active = np.flatnonzero(self.first_day > 0)

    def groups(self, size: int, among: npt.NDArray[np.intp], how_many: int) -> Iterator[npt.NDArray[np.intp]]:
        random = np.random.default_rng(SEED)
        for _ in range(how_many):
            yield random.choice(among, size, replace=False)

    def mix(self, group: npt.NDArray[np.intp], more: float) -> tuple[float, float]:
        """p-values of the test by draws and of the normal one: members against all others."""
        share = self.moved[self.active] / self.first_day[self.active]
        volume = np.log2(self.first_day[self.active]).astype(int)
        step = (share * STEPS + 0.5).astype(int)
        mine = np.isin(self.active, group)
        counted = [np.zeros((int(volume.max()) + 1, STEPS + 1)) for _ in range(2)]
        for place, whose in enumerate((~mine, mine)):
            np.add.at(counted[place], (volume[whose], step[whose]), 1)
        others, members = ({v: c for v, c in enumerate(one) if c.any()} for one in counted)
        means, spreads = [], []
        for one in np.flatnonzero(mine):
            alike = share[~mine & (volume == volume[one])]
            alike = alike if len(alike) >= ENOUGH else share[~mine]
            means.append(alike.mean())
            spreads.append(alike.var())
        error = max(math.sqrt(np.mean(spreads)), SPREAD_FLOOR) / math.sqrt(len(means))
        return Others(others, more).chance(members), normal_tail((share[mine].mean() - more * np.mean(means)) / error)

    def volume(self, group: npt.NDArray[np.intp], times: float = 1.0) -> float | None:
        """p-value of the group's growth, had it sent that many times as much in the day after the release."""
        mine, others = self.sent[group].sum(axis=0), self.capped.sum(axis=0) - self.capped[group].sum(axis=0)
        mine[self.windows.index(0)] *= times
        by_day = (dict(zip(self.windows, one.tolist(), strict=True)) for one in (mine, others))
        grown = growth(*by_day, (), Campaigns().count_floor)
        return grown.p_value if grown else None


def told(name: str, p_values: list[float]) -> None:
    rates = " | ".join(f"{np.mean(np.array(p_values) <= level):.4f}" for level in LEVELS) if p_values else "– | –"
    print(f"| {name} | {len(p_values)} | {rates} |", flush=True)


def measure(people: Unclustered, name: str, size: int, among: npt.NDArray[np.intp], how_many: int) -> None:
    """A line for each test."""
    active = np.intersect1d(among, people.active)
    for margin, more in (("", MORE), (", no margin", 1.0)):
        if len(active) < 2 * size:
            continue
        both = [people.mix(group, more) for group in people.groups(size, active, how_many)]
        told(f"mix{margin}: {size} {name}", [one for one, _ in both])
        told(f"normal{margin}: {size} {name}", [other for _, other in both])
    if len(among) >= 2 * size:
        for what, times in (("", 1.0), (f", times {SURGE:g}", SURGE), (f", times {2 * SURGE:g}", 2 * SURGE)):
            grown = [people.volume(group, times) for group in people.groups(size, among, how_many)]
            told(f"volume{what}: {size} {name}", [one for one in grown if one is not None])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="result of a scan of a log with one release")
    parser.add_argument("--labels", type=Path, help="labels of the world it is of")
    asked = parser.parse_args()
    people = Unclustered(asked.out, asked.labels)
    everybody = np.arange(len(people.kind))
    print(
        f"{len(everybody):,} accounts in no cluster, {len(people.active):,} of them active in the day after the release\n"
    )
    print(f"| test: group | groups | p ≤ {LEVELS[0]} | p ≤ {LEVELS[1]} |\n|---|---|---|---|")
    for size in SIZES:
        measure(people, "at random", size, everybody, GROUPS)
    for kind in sorted({*people.kind} - {""}):
        measure(people, f"of {kind}", OF_A_KIND, np.flatnonzero(people.kind == kind), GROUPS // 4)
    print(f"\n| groups | of accounts | with a pivot (p ≤ {MAX_P}) | with one, days shuffled |\n|---|---|---|---|")
    random = np.random.default_rng(SEED)
    for size in SIZES:
        if len(everybody) < 2 * size:
            continue
        days = [people.asked[group].sum(axis=0) for group in people.groups(size, everybody, PIVOT_GROUPS)]
        found = [bool(change_points(one, SEED)) for one in days]
        shuffled = [bool(change_points(random.permutation(one), SEED)) for one in days]
        print(f"| {len(days)} | {size} | {np.mean(found):.3f} | {np.mean(shuffled):.3f} |", flush=True)


if __name__ == "__main__":
    main()
