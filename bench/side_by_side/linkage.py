"""Linkage: payments, devices, phones and addresses that accounts share, to clusters of accounts; beside Splink."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq

from bench.side_by_side import worlds
from bench.side_by_side.comparison import Asked, Comparison, of_pairs
from bench.side_by_side.contender import Contender

KINDS = {"payment": "shared_payment", "device": "shared_device", "phone": "shared_phone", "addresses": "shared_address"}


def inputs(folder: Path, asked: Asked) -> dict[str, Any]:
    """The same holdings twice: a row for each in `tables`, which we read, and a row for each account, which Splink reads."""
    world = worlds.scanned(asked)
    tables = folder / "tables"
    shutil.rmtree(tables, ignore_errors=True)
    tables.mkdir()
    for name in ("evidence", "registered"):
        shutil.copy(world / f"out/tables/{name}.parquet", tables)
    kinds = ", ".join(f"'{kind}'" for kind in KINDS.values())
    values, shared = (f"'{world}/out/tables/{name}.parquet'" for name in ("account_values", "shared_values"))
    duckdb.sql(f"COPY (FROM {values} WHERE kind IN ({kinds})) TO '{tables}/account_values.parquet' (COMPRESSION zstd)")
    crowds = f"(SELECT kind, value FROM {shared} WHERE crowded)"
    _wide(folder / "accounts.parquet", f"'{tables}/account_values.parquet'")
    _wide(
        folder / "uncrowded.parquet", f"(FROM '{tables}/account_values.parquet' ANTI JOIN {crowds} USING (kind, value))"
    )
    number = worlds.campaigns(world)
    found = duckdb.sql(f"SELECT DISTINCT account_id FROM '{tables}/account_values.parquet' ORDER BY 1").to_arrow_table()
    truth = [number.get(one, -1) for one in found["account_id"].to_pylist()]
    pq.write_table(found.append_column("campaign", [truth]), folder / "truth.parquet")
    return {
        "accounts": len(found),
        "holdings": pq.read_metadata(tables / "account_values.parquet").num_rows,
        "campaign_accounts": sum(one >= 0 for one in truth),
    }


def _wide(target: Path, values: str) -> None:
    columns = [
        f"{'list(value)' if name == 'addresses' else 'min(value)'} FILTER (kind = '{kind}') AS {name}"
        for name, kind in KINDS.items()
    ]
    duckdb.sql(
        f"COPY (SELECT account_id, {', '.join(columns)} FROM {values} GROUP BY 1) TO '{target}' (COMPRESSION zstd)"
    )


def quality(folder: Path, row: Mapping[str, Any]) -> dict[str, float]:
    """Pairs of accounts of one campaign that are in one cluster. Clusters of ordinary people, true as they may be, count as false."""
    truth = pq.read_table(folder / "truth.parquet")
    answer = pq.read_table(row["answer"])
    label = dict(zip(answer["account_id"].to_pylist(), answer["label"].to_pylist(), strict=True))
    number = np.array([label.get(one, -1 - at) for at, one in enumerate(truth["account_id"].to_pylist())])
    return of_pairs(truth["campaign"].to_numpy(), number) | {"pairs": row["pairs"]}


def _splink(name: str, table: str, probability: float) -> Contender:
    return Contender(name, "splink", "splink.linkage", {"table": table, "probability": probability})


ALL = (
    Comparison(
        "linkage",
        "Shared payments, devices, phones and addresses of a day, to clusters of accounts. Both on DuckDB, two threads.",
        "tables/account_values.parquet",
        inputs,
        (
            Contender("stillwatch", "stillwatch", "stillwatch.linkage"),
            Contender("stillwatch, with the null of clusters", "stillwatch", "stillwatch.linkage", {"null": True}),
            _splink("Splink, from 0.9", "accounts", 0.9),
            _splink("Splink, our crowds left out, from 0.9", "uncrowded", 0.9),
            _splink("Splink, our crowds left out, from 0.999", "uncrowded", 0.999),
        ),
        quality,
        {"splink": 1.0},
        "f1",
    ),
)
