"""A log laid down on disk by day, as narrow rows of one width: what decisions and counts need, and no text.

The files of a log need not be in order of time, and days of it may not fit in memory with their texts; a day of narrow rows
does, is sorted there, and rid of exchanges that were logged twice. 50 million exchanges take 1.7 GB on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.guard.backtest.attributed import Attributed
from stillwatch.readers import Log, hashes

DAY = 86_400_000_000  # microseconds
ROW = np.dtype(
    [
        ("at", np.int64),  # microseconds since 1970
        ("account", np.int32),  # place in Laid.accounts
        ("request", np.int32),  # place in Laid.requests
        ("input", np.int32),  # tokens
        ("output", np.int32),
        ("id", np.uint64),  # hash of the exchange's
        ("campaign", np.int16),  # place in Attributed.campaigns
    ]
)
Told = Callable[[pa.RecordBatch], pa.Array]
_TOLD: dict[str, Told] = {  # facts of a request that a log has
    "request.model": lambda batch: pc.fill_null(batch["model"], ""),
    "request.stream": lambda batch: pc.fill_null(batch["stream"], False),
    "request.logprobs": lambda batch: pc.fill_null(batch["logprobs"], False),
    "request.max_tokens": lambda batch: pc.fill_null(batch["max_tokens"], 0),
    "request.tools": lambda batch: _counted(batch["tools"]),
    "request.bytes": lambda batch: pc.binary_length(batch["prompt"]),
    "organization.id": lambda batch: pc.fill_null(batch["organization_id"], ""),
    "client.address": lambda batch: pc.fill_null(batch["client_ip"], ""),
}
_UNTOLD = frozenset({
    "request.endpoint", "request.n", "request.reasoning", "request.templates", "client.indicators", "client.tls",
    "account.step_up",
})  # fmt: skip


@dataclass
class Laid:
    """A log, ready to be gone through day by day."""

    folder: Path
    told: Mapping[str, Told]  # facts of requests that are told apart
    untold: frozenset[str] = frozenset()  # facts that stay unknown
    accounts: dict[str, int] = field(default_factory=dict)
    requests: dict[tuple[Any, ...], int] = field(default_factory=dict)
    days: dict[int, int] = field(default_factory=dict)  # since 1970 → exchanges
    first: int = np.iinfo(np.int64).max  # instants, microseconds since 1970
    last: int = 0
    rejected: int = 0

    @property
    def named(self) -> tuple[str, ...]:
        """Facts of requests, in the order in which `requests` has them."""
        return tuple(self.told)

    def day(self, day: int) -> np.ndarray:
        """Its exchanges, in order of time."""
        return np.fromfile(self._file(day), ROW)

    def _file(self, day: int) -> Path:
        return self.folder / f"{day}.rows"

    def settle(self) -> None:
        """Bring each day into order; of exchanges with one id the first stays that was read."""
        for day in self.days:
            rows = self.day(day)
            _, first = np.unique(rows["id"], return_index=True)
            self.rejected += len(rows) - len(first)
            rows = rows[np.sort(first)]
            rows[np.argsort(rows["at"], kind="stable")].tofile(self._file(day))
            self.days[day] = len(rows)

    def add(self, batch: pa.RecordBatch, attributed: Attributed) -> None:
        """Write down the exchanges of a batch."""
        rows = np.empty(batch.num_rows, ROW)
        rows["at"] = batch["timestamp"].cast(pa.int64()).to_numpy()
        rows["account"] = self._accounts(batch["account_id"])
        rows["request"] = self._requests([told(batch) for told in self.told.values()], batch.num_rows)
        rows["input"] = pc.fill_null(batch["input_tokens"], 0).to_numpy()
        rows["output"] = pc.fill_null(batch["output_tokens"], 0).to_numpy()
        rows["id"] = hashes(batch["exchange_id"])
        rows["campaign"] = attributed.of(rows["id"])
        self.first, self.last = min(self.first, int(rows["at"].min())), max(self.last, int(rows["at"].max()))
        days = rows["at"] // DAY
        for day in np.unique(days).tolist():
            own = rows[days == day]
            self.days[day] = self.days.get(day, 0) + len(own)
            with self._file(day).open("ab") as file:
                own.tofile(file)

    def _accounts(self, ids: pa.Array) -> np.ndarray:
        own = ids.dictionary_encode()
        places = [self.accounts.setdefault(name, len(self.accounts)) for name in own.dictionary.to_pylist()]
        return np.array(places, np.int32)[own.indices.to_numpy()]

    def _requests(self, facts: list[pa.Array], rows: int) -> np.ndarray:
        """Places of the distinct combinations of these facts."""
        key = np.zeros(rows, np.int64)
        for fact in facts:
            own = fact.dictionary_encode()
            key = key * len(own.dictionary) + own.indices.to_numpy()
            key = pa.array(key).dictionary_encode().indices.to_numpy().astype(np.int64)  # dense, so that none overflows
        _, first = np.unique(key, return_index=True)
        values = zip(*(fact.take(pa.array(first)).to_pylist() for fact in facts), strict=True) if facts else [()]
        places = [self.requests.setdefault(tuple(value), len(self.requests)) for value in values]
        return np.array(places, np.int32)[key]


def lay(
    log: Log, folder: Path, named: frozenset[str], more: Mapping[str, Told], attributed: Attributed,
    advances: Callable[[int], None],
) -> Laid:  # fmt: skip
    """Read a log once. `named` are the facts that policies ask for, of which `more` are told with the help of a result."""
    told = {**_TOLD, **more}
    laid = Laid(folder, {name: one for name, one in told.items() if name in named}, _UNTOLD - told.keys())
    problems, bytes_before = list(log.set_aside), 0
    for place, file in enumerate(log.files):
        for chunk in log.of_file(place):  # and not log.chunks, which remembers every id: 22 bytes an exchange
            problems += chunk.rejects[: 1 - len(problems)] if not laid.days else []
            laid.rejected += len(chunk.rejects)
            if chunk.batch.num_rows:
                laid.add(chunk.batch, attributed)
            advances(bytes_before + chunk.bytes_read)
        bytes_before += file.bytes
    if not laid.days:
        raise log.unreadable(problems)
    laid.settle()
    return laid


def _counted(tools: pa.Array) -> pa.Array:
    """How many tools are defined in each JSON list; each distinct list is read once."""
    counts = pa.array([_length(text) for text in tools.dictionary.to_pylist()], pa.int64())
    return pc.fill_null(counts.take(tools.indices), 0)


def _length(text: str | None) -> int:
    try:
        found = orjson.loads(text or "[]")
    except orjson.JSONDecodeError:
        return 0
    return len(found) if isinstance(found, list) else 0
