"""What a policy would have done on history. `backtest` is the door.

    log → rows by day (rows.py) → decisions once a combination of facts (segments.py) → counts (through.py) → document.py

Standing is as of each exchange's time where the result is of a replay (looks.py). Memory is per account, not per exchange.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from stillwatch.config import Config
from stillwatch.guard import receipts
from stillwatch.guard.backtest.attributed import Attributed
from stillwatch.guard.backtest.customers import customers, empty
from stillwatch.guard.backtest.document import against, document, receipt, rows
from stillwatch.guard.backtest.fits import fits
from stillwatch.guard.backtest.looks import Looks
from stillwatch.guard.backtest.rows import lay
from stillwatch.guard.backtest.segments import asked_for
from stillwatch.guard.backtest.through import through
from stillwatch.guard.policy import Policy, Rule
from stillwatch.guard.receipts import Receipt
from stillwatch.guard.registered import Registered
from stillwatch.readers import open_log
from stillwatch.run.progress import Silent, Timings, Watcher

__all__ = ["Backtest", "backtest"]


@dataclass(frozen=True)
class Backtest:
    """What came out."""

    document: dict[str, Any]
    receipts: dict[str, Receipt]  # by fingerprint
    rows: pa.Table  # RESULT_BACKTEST
    refused: dict[str, str]  # live rules that may not act, and why
    rejected: int  # rows of the log that were set aside


def backtest(
    policy: Policy, log: Path, result: Path, config: Config, *,
    other: Policy | None = None, as_dated: bool = False, passed: Mapping[str, Receipt] | None = None,
    now: datetime | None = None, watcher: Watcher | None = None,
) -> Backtest:  # fmt: skip
    """Take a policy through a log and what was found in it; `other` beside it; `passed` are receipts that there are."""
    now, timings = now or datetime.now(UTC), Timings(watcher or Silent())
    looks = Looks(result, config)
    opened = open_log(log, config.reading, now)
    accounts, declared = (opened.table(name)[0] or empty(name) for name in ("accounts", "declared"))
    registered, attributed = Registered.of(accounts, declared, now), Attributed.read(result / "exchanges.parquet")
    named = asked_for(policy) | (asked_for(other) if other else frozenset())
    with tempfile.TemporaryDirectory(prefix="stillwatch-backtest-") as folder:
        with timings.stage("rows", "read the log", opened.bytes) as made:
            laid = lay(opened, Path(folder), named, fits(result, looks), attributed, timings.watcher.advances)
            made["rows"] = total = sum(laid.days.values())
        who = customers(laid, result, accounts, declared, log.parent / "labels" / "accounts.parquet")
        taken = []
        for one in [policy, other] if other else [policy]:
            with timings.stage("decisions", "take the policy through it", total) as made:
                taken.append(
                    through(
                        one, laid, looks, accounts, registered, len(attributed.campaigns), as_dated,
                        timings.watcher.advances,
                    )
                )  # fmt: skip
                made["rows"] = total
    gone = taken[0]
    made_now = {one.fingerprint: one for one in (receipt(tally, laid, looks, who, now) for tally in gone.tallies)}
    known = {**(passed or {}), **made_now}
    if_live = replace(policy, rules=tuple(replace(rule, mode=_tried(rule)) for rule in policy.rules))
    told = document(
        gone, laid, looks, who, attributed.campaigns, as_dated, receipts.objections(if_live, known, now)
    ) | {"found_in_log": int(gone.taken.exchanges.sum()), "attributed": len(attributed.hashes)}
    modes = {rule.id: rule.mode for rule in policy.rules}
    for rule in told["rules"]:
        rule["mode"] = modes[rule["id"]]
    if other:
        told["against"] = against(gone, taken[1], who)
    refused = receipts.objections(policy, known, now)
    return Backtest(told, made_now, rows(gone, who), refused, laid.rejected)


def _tried(rule: Rule) -> Any:
    return rule.mode if rule.mode == "off" else "live"
