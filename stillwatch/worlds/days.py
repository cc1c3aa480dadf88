"""Writes one day of a world: its part of the log, and the labels of its exchanges."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.evidence import CAPABILITIES
from stillwatch.worlds.arrivals import Requests, requests
from stillwatch.worlds.names import ids
from stillwatch.worlds.retries import retries
from stillwatch.worlds.rows import IN_MEMORY, Writer
from stillwatch.worlds.world import World

CHUNK_ROWS = 65_536  # rows a row group: the size that readers take a batch in
COMPRESSION_LEVEL = 1  # zstd: higher levels save a tenth of the bytes and cost half the speed

# Of each block of accounts: exchanges; harvested ones; those (harvested, if it is a campaign's) of the day after the
# release; and of these the ones with the new model.
Counts = npt.NDArray[np.int64]


def write_day(out: Path, world: World, writer: Writer, day: int) -> tuple[int, Counts]:
    """One day's part of the log and of the labels; returns its rows, and the counts of each block of accounts."""
    cast = writer.cast
    weekday = (world.start.weekday() + day) % 7
    rows = Requests.join(
        [
            requests(s, n, writer.zone, day, weekday, cast.seed, writer.tokens.gaps, writer.dealt.at(day, n))
            for n, s in enumerate(cast.streams)
        ]
    )
    rows = Requests.join([rows, retries(rows, writer, day)])
    rows = rows.take(np.argsort(rows.time, kind="stable"))
    part = out / "log" / "exchanges" / f"part-{day:03d}.parquet"
    moved = []
    # Without the stored Arrow schema, columns that are dictionaries in memory read back as plain text.
    with pq.ParquetWriter(
        part,
        IN_MEMORY,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        store_schema=False,
        use_dictionary=_REPETITIVE,
    ) as file:
        for at in range(0, len(rows.time), CHUNK_ROWS):
            chunk = rows.take(np.arange(at, min(at + CHUNK_ROWS, len(rows.time))))
            batch = writer.batch(chunk)
            moved.append(pc.equal(batch["model"].cast(pa.string()), world.models[-1]).to_numpy(zero_copy_only=False))
            file.write_table(pa.Table.from_batches([batch]))
    return len(rows.time), _label_day(out, writer, rows, np.concatenate(moved or [np.zeros(0, bool)]), day)


_REPETITIVE = [  # columns worth a dictionary in the file
    "account_id",
    "organization_id",
    "channel",
    "end_user_id",
    "api_key_id",
    "model",
    "system",
    "tools",
    "client_ip",
    "country",
    "asn",
    "user_agent",
    "tls_fingerprint",
    "header_fingerprint",
    "finish_reason",
    "temperature",
    "max_tokens",
    "status",
    "turn",
]


def _label_day(out: Path, writer: Writer, rows: Requests, moved: npt.NDArray[np.bool_], day: int) -> Counts:
    people = writer.cast.people
    of_campaign = np.array([bool(one.campaign) for one in people])
    bounds = np.cumsum([len(one) for one in people])
    group = np.searchsorted(bounds, rows.account, side="right")
    kind = writer.kind_of(rows)
    harvested = writer.harvested[kind]
    mine = np.flatnonzero(of_campaign[group])
    known = rows.take(mine)
    asked = writer.capability_of(known, kind[mine])
    table = pa.table(
        {
            "exchange_id": ids("ex_", writer.exchange_keys(known), "id"),
            "harvested": pa.array(harvested[mine]),
            "campaign": _named(group[mine], [one.campaign or "-" for one in people]),
            "tenant": _named(kind[mine], [one or "-" for one in writer.tenant], ~harvested[mine]),
            "capability": _named(asked, list(CAPABILITIES), ~harvested[mine] | (asked < 0)),
        }
    )
    pq.write_table(table, out / "labels" / "days" / f"{day:03d}.parquet", compression="zstd")
    since = rows.time - writer.cast.released
    first_day = (since >= 0.0) & (since < 1.0) & (harvested | ~of_campaign[group])
    counted = (np.ones(len(group), bool), harvested, first_day, first_day & moved)
    return np.stack([np.bincount(group[one], minlength=len(people)) for one in counted], axis=1)


def _named(place: npt.NDArray[np.int64], names: list[str], null: npt.NDArray[np.bool_] | None = None) -> pa.StringArray:
    values = pa.array(np.maximum(place, 0).astype(np.int32), mask=null)
    return pa.DictionaryArray.from_arrays(values, names).cast(pa.string())


def gather_labels(labels: Path) -> dict[str, dict[str, int]]:
    """One file of the days' labels; returns what each campaign harvested, by capability."""
    parts = sorted((labels / "days").glob("*.parquet"))
    after: dict[str, Counter[str]] = {}
    with pq.ParquetWriter(labels / "exchanges.parquet", pq.read_schema(parts[0]), compression="zstd") as file:
        for part in parts:
            table = pq.read_table(part)
            file.write_table(table)
            known = table.filter(pc.is_valid(table["capability"]))
            for row in known.group_by(["campaign", "capability"]).aggregate([([], "count_all")]).to_pylist():
                after.setdefault(row["campaign"], Counter())[row["capability"]] += row["count_all"]
    shutil.rmtree(labels / "days")
    return {name: dict(counts.most_common()) for name, counts in after.items()}
