"""The first exchanges of newcomers, taken out of a log in one pass: cleaned, held against templates, and their texts let go.

Memory is bounded by newcomers, not by the log: `first` narrow rows of each. Files of a log may come in any order of time, so an
account's rows give way to earlier ones, and one that turns out to have sent before `since` is no newcomer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.exchanges import clean
from stillwatch.fitting import Templates
from stillwatch.networks import Networks
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.readers import Log
from stillwatch.verification.returning.newcomer import Sent

_MICROS = 1_000_000


@dataclass(frozen=True)
class Reads:
    """With what exchanges are cleaned and told."""

    keys: Pseudonyms
    networks: Networks
    templates: Templates | None
    since: float  # seconds since 1970: who sent something by then is no newcomer
    until: float  # nothing later is read
    first: int  # exchanges of each newcomer


@dataclass
class FirstExchanges:
    """Of each newcomer, its first exchanges in order of time."""

    of: dict[str, tuple[Sent, ...]] = field(default_factory=dict)
    rejected: int = 0  # rows of the log that were set aside


def first_exchanges(log: Log, seen: frozenset[str], reads: Reads, advances: Callable[[int], None]) -> FirstExchanges:
    """`seen` are accounts known to have sent something by `since`."""
    found, old = FirstExchanges(), set(seen)
    for chunk in log.chunks():
        found.rejected += len(chunk.rejects)
        batch = chunk.batch
        if batch.num_rows:
            old |= _take(batch, old, found, reads)
        advances(chunk.bytes_read)
    return found


def _take(batch: pa.RecordBatch, old: set[str], found: FirstExchanges, reads: Reads) -> set[str]:
    """Takes what may be among the first of a newcomer; returns accounts that are none."""
    at = batch["timestamp"].cast(pa.int64()).to_numpy()
    coded = batch["account_id"].dictionary_encode()
    names, codes = coded.dictionary.to_pylist(), coded.indices.to_numpy()
    early = {names[code] for code in np.unique(codes[at <= reads.since * _MICROS]).tolist()}
    for name in early & found.of.keys():
        del found.of[name]
    latest = np.array([_room_until(name, name in old or name in early, found, reads) for name in names], np.int64)
    rows = np.flatnonzero(at < latest[codes])
    rows = rows[np.lexsort((at[rows], codes[rows]))]
    starts = np.flatnonzero(np.diff(codes[rows], prepend=-1))
    rank = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
    rows = rows[rank < reads.first]
    if len(rows):
        _add(batch.take(pa.array(rows)), found, reads)
    return early


def _room_until(name: str, old: bool, found: FirstExchanges, reads: Reads) -> int:
    """Microseconds before which an exchange is still among the account's first."""
    if old:
        return -1
    have = found.of.get(name, ())
    ends = int(reads.until * _MICROS) + 1
    return ends if len(have) < reads.first else min(round(have[-1].at * _MICROS), ends)


def _add(batch: pa.RecordBatch, found: FirstExchanges, reads: Reads) -> None:
    cleaned = clean(batch, reads.keys, reads.networks, 0, 0)
    texts = cleaned["prompt"]
    campaigns = reads.templates.of_batch(texts).to_pylist() if reads.templates else [""] * batch.num_rows
    version = pc.fill_null(cleaned["client_version"], "")
    builds = pc.binary_join_element_wise(cleaned["tls_fingerprint"], cleaned["header_fingerprint"], version, "/")
    columns = (
        cleaned["account_id"].to_pylist(),
        (cleaned["timestamp"].cast(pa.int64()).to_numpy() / _MICROS).tolist(),
        pc.fill_null(cleaned["address"], "").to_pylist(),
        pc.fill_null(builds, "").to_pylist(),
        campaigns,
    )
    more: dict[str, list[Sent]] = {}
    for name, at, address, build, campaign in zip(*columns, strict=True):
        more.setdefault(name, []).append(Sent(at, address, build, campaign or ""))
    for name, sent in more.items():
        both = sorted((*found.of.get(name, ()), *sent), key=lambda one: one.at)
        found.of[name] = tuple(both[: reads.first])
