"""What /metrics says. Labels are words from short lists, never an account, a file or a name."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from stillwatch import tables
from stillwatch.evidence import VERDICTS
from stillwatch.run.measuring.progress import Progress
from stillwatch.run.watching.state import Manifest

_COLUMNS = frozenset(tables.LOG_EXCHANGES.names)


class Receives(Protocol):
    """What is asked of the receiver, if there is one."""

    @property
    def answered(self) -> Mapping[int, int]: ...

    def waiting(self) -> int: ...

    def refusal(self) -> str: ...


class Metrics:
    """Computed when it is asked for, from what the watch told last."""

    def __init__(self, state: Path, progress: Progress, receiver: Receives | None) -> None:
        self._state, self._progress, self._receiver = state, progress, receiver

    def collect(self) -> Iterator[Metric]:
        yield _gauge("progress_age_seconds", "Since the watch last got anything done.", self._progress.silent_seconds())
        yield _gauge("state_bytes", "Size of the files in the state folder.", _bytes(self._state))
        if (manifest := self._progress.manifest) is not None:
            yield from _of_manifest(manifest)
        if (look := self._progress.look) is not None:
            yield _gauge("look_duration_seconds", "How long the last look took.", look.seconds)
            yield _gauge("campaigns", "Campaigns in the last look.", look.campaigns)
            accounts = GaugeMetricFamily("stillwatch_accounts", "Accounts in the last look.", labels=["verdict"])
            for verdict in VERDICTS:
                accounts.add_metric([verdict], look.verdicts.get(verdict, 0))
            yield accounts
        if self._receiver is not None:
            yield _gauge("otlp_waiting_bytes", "Received and not absorbed yet.", self._receiver.waiting())
            answers = CounterMetricFamily("stillwatch_otlp_requests", "Requests answered, by status.", labels=["code"])
            for status, count in sorted(self._receiver.answered.items()):
                answers.add_metric([str(status)], count)
            yield answers


def _of_manifest(manifest: Manifest) -> Iterator[Metric]:
    yield _counter("exchanges_absorbed", "Exchanges absorbed since the state was begun.", manifest.rows)
    yield _counter("batches_absorbed", "Batches absorbed since the state was begun.", manifest.batches)
    yield _counter("looks", "Looks since the state was begun.", manifest.looks)
    rejected = CounterMetricFamily("stillwatch_rows_rejected", "Rows set aside, by what was wrong.", labels=["reason"])
    for reason, count in sorted(_by_class(manifest.reasons).items()):
        rejected.add_metric([reason], count)
    yield rejected
    passed = sum(manifest.passed.values())
    yield _counter("records_passed_over", "Records that are no exchanges, such as spans of other work.", passed)
    lag = GaugeMetricFamily(
        "stillwatch_lag_seconds", "Age of the newest exchange, and of the last batch.", labels=["of"]
    )
    if manifest.newest:
        lag.add_metric(["newest_exchange"], time.time() - manifest.newest / 1e6)
    if manifest.absorbed_at:
        lag.add_metric(["last_batch"], time.time() - datetime.fromisoformat(manifest.absorbed_at).timestamp())
    yield lag
    if manifest.looked_at:
        looked = datetime.fromisoformat(manifest.looked_at).timestamp()
        yield _gauge("last_look_timestamp_seconds", "Instant of the last look, since 1970.", looked)


def _by_class(reasons: Mapping[str, int]) -> Counter[str]:
    """Counts of rows set aside under the column that was wrong; reasons themselves may quote what stood there."""
    found: Counter[str] = Counter()
    for reason, count in reasons.items():
        column, _, told = reason.partition(": ")
        if told.startswith("duplicate"):
            column = "duplicate"
        elif told.startswith("older than what is kept"):
            column = "too_late"
        elif column not in _COLUMNS:
            column = "file"
        found[column] += count
    return found


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"stillwatch_{name}", about, value=value)


def _counter(name: str, about: str, value: float) -> Metric:
    return CounterMetricFamily(f"stillwatch_{name}", about, value=value)


def _bytes(folder: Path) -> int:
    """Of the files below a folder, links not followed; what goes away meanwhile counts nothing."""
    size = 0
    for inside, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.lstat(os.path.join(inside, name)).st_size
            except FileNotFoundError:
                continue
    return size
