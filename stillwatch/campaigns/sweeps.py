"""Probing sweeps: far more different techniques by one group in a short time than its other time and other accounts explain.

A scan statistic (Kulldorff, "A spatial scan statistic", 1997, in time alone): every window of some lengths is looked at, the
one whose count is least likely beside what was to be expected is kept, and its chance is multiplied by the number of
windows and groups looked at (Bonferroni). Counts of people are not Poisson: some are refused all the time and most never. So
the tail is that of a negative binomial whose overdispersion is fitted on others by moments:

- of a cluster, on days of accounts in no cluster. Its members count as that many such accounts as share its exchanges
  evenly in an hour (Kish's effective number): one who sends nearly all is one.
- of the accounts in no cluster taken together, on the other windows of their own of the same length, at the upper end of
  what so few windows leave open. Accounts that are tied by nothing may try one technique each.

A cluster must be beyond chance beside its own other hours as well, which vary as an exponential does: who is refused all
month long is no sweep.
Innocent when: a red team or a benchmark of safety that nobody was told of; news that have everybody try in words of their
own. It is a finding to look at, and it says nothing of who did it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.stats import chi2, nbinom

from stillwatch import tables
from stillwatch.config import Campaigns
from stillwatch.evidence import Reason

WIDTHS = (6, 12, 24, 48)  # hours: a sweep is over in two days, and what takes longer is a habit
MIN_WINDOWS = 5  # other windows of the same length, from which their spread can be fitted
SURE = 0.05  # chance that the spread of so few windows is larger than it is taken for
BURSTINESS = 1.0  # overdispersion of one group's hours, beside each other: one day is twice another, seldom ten times
LEAST_P = 1e-12  # no tail that was fitted is to be trusted further out
MOST_SWEEPS = 3  # of a group, apart in time: more are one finding all the same
UNCLUSTERED = ""

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Population:
    """How accounts in no cluster try techniques: mean a sent exchange, and spread beyond chance of an account's day."""

    rate: float
    overdispersion: float  # variance = mean + overdispersion · mean²

    @classmethod
    def fitted(cls, sums: Mapping[str, float]) -> Population:
        """By moments, from tables.TECHNIQUE_SPREAD; half a technique is added, so that none seen is not none possible.

        At least 1 of overdispersion: accounts differ by no less than an exponential spread in whatever was looked at.
        """
        sent = max(sums["sent"], 1.0)
        rate = (sums["techniques"] + 0.5) / sent
        squares = sums["techniques_squared"] - 2 * rate * sums["products"] + rate**2 * sums["sent_squared"]
        beyond = (squares - rate * sent) / (rate**2 * max(sums["sent_squared"], 1.0))
        return cls(rate, max(beyond, 1.0))


@dataclass(frozen=True)
class _Scan:
    """All windows of one length over one group's hours: count, what was to be expected, and the tail at the count."""

    width: int
    count: F64
    expected: F64
    tail: F64  # chance of as many in one window

    @property
    def surprise(self) -> F64:
        """Log-likelihood ratio of each window, Poisson; 0 where no more was seen than expected."""
        more = self.count > self.expected
        count, expected = np.where(more, self.count, 1.0), np.where(more, self.expected, 1.0)
        return np.where(more, count * np.log(count / expected) - (count - expected), 0.0)


def sweep_windows(sweep_hours: pa.Table, technique_spread: pa.Table, config: Campaigns) -> pa.Table:
    """Spans with a sweep (tables.SWEEP_WINDOWS), from what each group did in each hour."""
    rows: list[dict[str, Any]] = []
    sums = technique_spread.to_pylist()
    if len(sweep_hours) and sums:
        hour = sweep_hours["hour"].to_numpy().astype("datetime64[h]").astype(np.int64)
        first, hours = int(hour.min()), int(hour.max() - hour.min() + 1)
        looked_at = (sums[0]["groups"] + 1) * hours * len(WIDTHS)
        names, cluster = np.unique(np.asarray(sweep_hours["cluster_id"].to_pylist()), return_inverse=True)
        counts = np.stack([sweep_hours[column].to_numpy() for column in ("techniques", "sent", "sent_squared")])
        population = Population.fitted(sums[0])
        # Few groups try enough in all, and no other can have a window that does.
        for place in np.flatnonzero(np.bincount(cluster, counts[0]) >= config.min_techniques):
            name, mine = names[place], cluster == place
            by_hour = np.zeros((3, hours))
            by_hour[:, hour[mine] - first] = counts[:, mine]
            for begins, ends, expected, p_value in _found(str(name), by_hour, population, looked_at, config):
                instants = np.array([first + begins, first + ends]).astype("datetime64[h]").astype("datetime64[us]")
                rows.append(
                    {
                        "cluster_id": str(name),
                        "begins": instants[0].item(),
                        "ends": instants[1].item(),
                        "expected": expected,
                        "p_value": p_value,
                    }
                )
    return pa.Table.from_pylist(rows, schema=tables.SWEEP_WINDOWS.schema)


def _found(
    name: str, by_hour: F64, population: Population, looked_at: int, config: Campaigns
) -> Iterator[tuple[int, int, float, float]]:
    """The most surprising window that is beyond chance, then the next apart from it: hours, expectation, chance."""
    tried, sent, squares = by_hour
    sharing = np.divide(sent**2, squares, out=np.ones(len(sent)), where=squares > 0)
    scans = [
        _among_others(tried, sent, width)
        if name == UNCLUSTERED
        else _of_cluster(tried, sent, sharing, width, population)
        for width in WIDTHS
    ]
    taken = np.zeros(len(tried), bool)
    for _ in range(MOST_SWEEPS):
        best: tuple[float, int, int, float, float] | None = None
        for scan in scans:
            free = windows(taken.astype(float), scan.width) == 0
            chance = scan.tail * looked_at
            enough = (scan.count >= config.min_techniques) & (scan.count >= config.sweep_excess * scan.expected)
            good = free & enough & (chance <= config.max_p)
            if good.any():
                at = int(np.argmax(np.where(good, scan.surprise, -1.0)))
                one = (float(scan.surprise[at]), at, scan.width, float(scan.expected[at]), float(chance[at]))
                best = one if best is None or one[0] > best[0] else best
        if best is None:
            return
        _, at, width, expected, chance_of = best
        taken[at : at + width] = True
        inside = np.flatnonzero(tried[at : at + width])
        yield at + int(inside[0]), at + int(inside[-1]) + 1, expected, max(chance_of, LEAST_P)


def _of_cluster(tried: F64, sent: F64, sharing: F64, width: int, population: Population) -> _Scan:
    """Against accounts in no cluster for as many exchanges, and against the cluster's own other hours."""
    count, volume = windows(tried, width), windows(sent, width)
    active = np.flatnonzero(sent)
    lived = float(active[-1] - active[0] + 1)  # hours since the group was first seen
    own = (tried.sum() - count) / max(lived - width, width) * width
    usual = population.rate * volume
    # Hours without an exchange have no count either, so that any size will do for them.
    sharing_it = np.maximum(windows(sharing * sent, width) / np.maximum(volume, 1.0), 1e-9)
    tail = np.maximum(
        _tail(count, usual, sharing_it / population.overdispersion), _tail(count, own, np.array(1 / BURSTINESS))
    )
    return _Scan(width, count, np.maximum(usual, own), tail)


def _tail(count: F64, mean: F64, size: F64) -> F64:
    """Chance of as many or more: negative binomial, variance = mean + mean² / size."""
    return np.asarray(nbinom.sf(count - 1, size, size / (size + np.maximum(mean, 1e-12))))


def _among_others(tried: F64, sent: F64, width: int) -> _Scan:
    """Against windows of the same length before and after, in which the same accounts sent whatever they sent."""
    count, volume = windows(tried, width), windows(sent, width)
    expected, tail = np.zeros(len(count)), np.ones(len(count))
    for at in range(len(count)):
        others = np.concatenate([np.arange(at - width, -1, -width), np.arange(at + width, len(count), width)])
        others = others[volume[others] > 0]
        if len(others) < MIN_WINDOWS:
            continue
        rate = (count[others].sum() + 0.5) / volume[others].sum()
        mean = rate * volume[others]
        freedom = len(others) - 1
        spread = float((np.square(count[others] - mean) / mean).sum()) / float(chi2.ppf(SURE, freedom))
        expected[at] = rate * volume[at]
        tail[at] = _tail(count[at], expected[at], expected[at] / max(spread - 1.0, 1e-6))  # variance = spread · mean
    return _Scan(width, count, expected, tail)


def windows(values: F64, width: int) -> F64:
    """Sum of `width` hours from each hour on; the last ones are cut off by the end of the log."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    starts = np.arange(len(values))
    return np.asarray(total[np.minimum(starts + width, len(values))] - total[starts])


def sweep_reasons(rows: Sequence[Mapping[str, Any]], config: Campaigns) -> list[Reason]:
    """One reason for all sweeps of a cluster, told of the one with the most techniques."""
    if not rows:
        return []
    most = max(rows, key=lambda row: (row["techniques"], row["begins"]))
    hours = (most["ends"] - most["begins"]).total_seconds() / 3600
    expected = max(most["expected"], 1.0)
    return [
        Reason(
            code="probing_sweep",
            text=(
                f"{most['techniques']:,} different techniques to get at what is not shown, within {hours:.0f} hours from "
                f"{most['accounts']:,} accounts, which were refused {refused_share(most):.0%} of what they sent meanwhile; "
                + (
                    f"about {expected:,.0f} were to be expected"
                    if most["expected"] >= 1.0
                    else "hardly one was to be expected"
                )
            ),
            weight=min(config.sweep_bits, math.log2(most["techniques"] / expected)),
            innocent_explanation="a red team or a benchmark of safety that did not declare itself",
            finding="extraction",
            query=f"SELECT sum(techniques) {_of_span(most, config.min_accounts)}",
            value=float(most["techniques"]),
            p_value=most["p_value"],
        )
    ]


def sweep_query(row: Mapping[str, Any], min_accounts: int) -> str:
    """SQL that counts by account what was tried in a span; its sum is the span's techniques."""
    return f"SELECT account_id, sum(techniques) AS techniques {_of_span(row, min_accounts)} GROUP BY account_id ORDER BY 2 DESC"


def _of_span(row: Mapping[str, Any], min_accounts: int) -> str:
    mine = (
        f"IN (SELECT account_id FROM clusters WHERE cluster_id = '{row['cluster_id']}')"
        if row["cluster_id"]
        else f"NOT IN (SELECT account_id FROM clusters WHERE cluster_accounts >= {min_accounts})"
    )
    return (
        f"FROM technique_hours WHERE account_id {mine} AND hour >= TIMESTAMPTZ '{row['begins']:%Y-%m-%d %H:%M}+00' "
        f"AND hour < TIMESTAMPTZ '{row['ends']:%Y-%m-%d %H:%M}+00'"
    )


def refused_share(row: Mapping[str, Any]) -> float:
    """Refused techniques, of what the accounts sent in the hours of their techniques, 0..1."""
    return min(1.0, row["refused"] / max(row["exchanges"], 1))
