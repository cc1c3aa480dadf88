"""When a campaign turned from one capability to another, as from code to rebuilding hidden reasoning.

Change points of the daily mix of capabilities in the harvest: the split of days under which counts are likeliest (their
log-likelihood ratio is the Jensen-Shannon divergence of the two mixes times the number of exchanges: Lin, "Divergence
measures based on the Shannon entropy", IEEE Trans. Inf. Theory 37, 1991), then the same within each part (binary
segmentation: Scott and Knott, Biometrics 30, 1974). Exchanges of one day come in batches and are no independent
observations, so how unusual a split is, is told by the days in other orders, each searched for its best split as well.

A description of what a campaign is after and no evidence against anybody: products change what they ask for too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis import Table, _

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.evidence import CAPABILITIES

MIN_DAYS = 2  # days on either side of a pivot: one alone is an odd day
MIN_CHANGE = 0.05  # of the harvest, by which a capability must grow: a twentieth more changes what a copy learns
SHUFFLES = 999  # orders of days that are tried: p-values down to one in a thousand
MAX_P = 0.005  # from which a split is told: days follow each other, and of ordinary groups one in a hundred has it
NEAR = timedelta(days=1)  # between a release and a pivot that is said to coincide: a pivot is known to the day
_CHUNK = 250  # orders worked on at a time: some ten MB for a year of days

F64 = npt.NDArray[np.float64]


def harvest_days(harvest: Table) -> Table:
    """Per cluster, day and capability: harvested exchanges."""
    return harvest.group_by("cluster_id", "capability", day=_.timestamp.truncate("D")).agg(exchanges=_.count())


def pivots(harvest_days: pa.Table, judged: pa.Table, releases: pa.Table, config: Config) -> pa.Table:
    """Pivots of each cluster that is reported as a campaign, in order of time (tables.PIVOTS)."""
    reported = {row["cluster_id"] for row in judged.to_pylist() if row["confidence"] >= config.standing.campaign_score}
    by_cluster: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in harvest_days.to_pylist():
        if row["cluster_id"] in reported:
            by_cluster[row["cluster_id"]].append(row)
    released = sorted((row["released_at"], row["model"]) for row in releases.to_pylist())
    rows = [
        {"cluster_id": cluster, **pivot}
        for cluster, of_days in sorted(by_cluster.items())
        for pivot in _pivots(of_days, released, config.seed)
    ]
    return pa.Table.from_pylist(rows, schema=tables.PIVOTS.schema)


def _pivots(
    rows: Sequence[dict[str, Any]], released: Sequence[tuple[datetime, str]], seed: int
) -> Iterator[dict[str, Any]]:
    days = sorted({row["day"] for row in rows})
    counts = np.zeros((len(days), len(CAPABILITIES)))
    for row in rows:
        counts[days.index(row["day"]), CAPABILITIES.index(row["capability"])] += row["exchanges"]
    found = change_points(counts, seed)
    edges = [0, *(place for place, _ in found), len(days)]
    for number, (place, p_value) in enumerate(found):
        before, after = _mix(counts[edges[number] : place]), _mix(counts[place : edges[number + 2]])
        lost, gained = int(np.argmax(before - after)), int(np.argmax(after - before))
        yield {
            "at": days[place],
            "from_capability": CAPABILITIES[lost],
            "to_capability": CAPABILITIES[gained],
            "from_before": before[lost],
            "from_after": after[lost],
            "to_before": before[gained],
            "to_after": after[gained],
            "p_value": p_value,
            "new_model": next((model for at, model in released if abs(at - days[place]) <= NEAR), None),
        }


def change_points(counts: F64, seed: int) -> list[tuple[int, float]]:
    """First days of a new mix, with the p-value of each split, in order; counts: (days, capabilities)."""
    if len(counts) < 2 * MIN_DAYS:
        return []
    gains = _gains(counts[None])[0]
    best = int(np.argmax(gains))
    place = best + MIN_DAYS
    if (_mix(counts[place:]) - _mix(counts[:place])).max() < MIN_CHANGE:
        return []
    p_value = _chance(counts, gains[best], np.random.default_rng(seed))
    if p_value > MAX_P:
        return []
    later = [(place + further, p) for further, p in change_points(counts[place:], seed)]
    return [*change_points(counts[:place], seed), (place, p_value), *later]


def _chance(counts: F64, gain: float, random: np.random.Generator) -> float:
    """Share of orders of the days whose best split gains as much, the observed order counted in."""
    as_much = 1
    for done in range(0, SHUFFLES, _CHUNK):
        orders = random.random((min(_CHUNK, SHUFFLES - done), len(counts))).argsort(axis=1)
        best = _gains(counts[orders]).max(axis=1)
        as_much += int((best >= gain * (1 - 1e-12)).sum())  # sums in another order differ in the last digits
    return as_much / (SHUFFLES + 1)


def _gains(orders: F64) -> F64:
    """Log-likelihood that each split gains over none; (orders, days, capabilities) → (orders, days - 2 * MIN_DAYS + 1)."""
    sums = orders.cumsum(axis=1)
    before = sums[:, MIN_DAYS - 1 : orders.shape[1] - MIN_DAYS]
    whole = sums[:, -1:]
    gained: F64 = _likelihood(before) + _likelihood(whole - before) - _likelihood(whole)
    return gained


def _likelihood(counts: F64) -> F64:
    """Log-likelihood of counts under their own mix, over the last axis."""
    total = counts.sum(axis=-1)
    made: F64 = _x_log_x(counts).sum(axis=-1) - _x_log_x(total)
    return made


def _x_log_x(x: F64) -> F64:
    made: F64 = x * np.log(np.where(x > 0, x, 1.0))
    return made


def _mix(counts: F64) -> F64:
    total = counts.sum(axis=0)
    made: F64 = total / max(total.sum(), 1.0)
    return made
