"""When a campaign would have been seen: the detector is run as of one day after another, and reads nothing later.

An as-of run at each step is the honest replay: no row later than the step can have been used.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from stillwatch.benchmark.detectors import Detector
from stillwatch.benchmark.measures.delay import delays, first_seen
from stillwatch.benchmark.measures.verdicts import verdicts
from stillwatch.benchmark.program import run_program
from stillwatch.benchmark.results import BadResult, Truth, read_accounts

DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Replay:
    """A made world and how it is gone through."""

    world: Path
    truth: Truth
    every: float  # days between steps
    limit: float  # seconds a step
    scratch: Path

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.truth.world["start"])

    @property
    def steps(self) -> list[float]:
        """Days from the start, the last at the end of the window."""
        days = float(self.truth.world["days"])
        return [*np.arange(self.every, days, self.every).tolist(), days]


def replayed(
    replay: Replay, detector: Detector, threshold: float | None, values: dict[str, str]
) -> dict[str, Any] | None:
    """Of each planted campaign: when it was seen and what was harvested by then; None when nothing was planted.

    Stops once all are seen: later steps cannot change the answer.
    """
    exchanges = campaign_exchanges(replay)
    if not exchanges.num_rows:
        return None
    campaigns = exchanges.group_by("campaign").aggregate([])["campaign"].to_pylist()
    starts = exchanges.group_by(["campaign", "account_id"]).aggregate([("day", "min")])
    starts = starts.rename_columns(["campaign", "account_id", "first_day"])
    steps: list[tuple[float, frozenset[str]]] = []
    problems: list[str] = []
    for day in replay.steps:
        try:
            steps.append((day, _accused(replay, detector, threshold, values, day)))
        except BadResult as problem:  # accuses nobody: on the first days there may be too little to read
            steps.append((day, frozenset()))
            problems.append(f"{detector.name} as of day {day:g}: {problem}")
        if all(first_seen(steps, starts.filter(pc.equal(starts["campaign"], one))) is not None for one in campaigns):
            break
    return {"campaigns": delays(steps, exchanges), "steps": len(steps), "problems": problems}


def campaign_exchanges(replay: Replay) -> pa.Table:
    """The exchanges of campaign accounts, with their time: campaign, account_id, day, harvested."""
    accounts = replay.truth.accounts
    planted = accounts.filter(pc.is_valid(accounts["campaign"]))["account_id"].combine_chunks()
    rows = ds.dataset(replay.world / "log" / "exchanges").to_table(
        columns=["exchange_id", "account_id", "timestamp"], filter=pc.field("account_id").isin(planted)
    )
    labels = replay.truth.exchanges
    place = pc.index_in(rows["exchange_id"], value_set=labels["exchange_id"].combine_chunks())
    start_us = int(replay.start.timestamp()) * 1_000_000
    micros = rows["timestamp"].cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
    return pa.table(
        {
            "campaign": labels["campaign"].take(place),
            "account_id": rows["account_id"].cast(pa.string()),
            "day": (micros - start_us) / DAY_US,
            "harvested": labels["harvested"].take(place),
        }
    ).filter(pc.is_valid(place))


def _accused(
    replay: Replay, detector: Detector, threshold: float | None, values: dict[str, str], day: float
) -> frozenset[str]:
    """Who is accused by then."""
    result = replay.scratch / "as_of"
    shutil.rmtree(result, ignore_errors=True)
    as_of = (replay.start + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")
    command = detector.filled({**values, "log": str(replay.world / "log"), "out": str(result)}, as_of)
    ran = run_program(command, detector.exit_codes, replay.limit, replay.scratch)
    if ran.problem:
        raise BadResult(ran.problem)
    rows = verdicts(replay.truth.accounts, read_accounts(result / "accounts.parquet", detector), threshold)
    return frozenset(rows.filter(rows["accused"])["account_id"].to_pylist())
