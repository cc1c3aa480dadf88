"""Linkage: what accounts share, to clusters of accounts; beside Splink, and beside plain connected components.

Twice: by what people register and where they come from alone; and by all kinds of values that do not come of texts. Splink's
better probability is chosen with the labels at hand, which nobody has; ours is as it comes.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq

from bench.side_by_side import worlds
from bench.side_by_side.comparison import Asked, Comparison, of_known
from bench.side_by_side.contender import Contender

SCALARS = {"payment": "shared_payment", "device": "shared_device", "phone": "shared_phone"}
LISTS = {"addresses": "shared_address"}
MORE_SCALARS = SCALARS | {"email": "email_pattern", "moment": "signup_moment"}
MORE_LISTS = LISTS | {
    "builds": "client_build",
    "bursts": "signup_burst",
    "starts": "lockstep",
    "secrets": "shared_signature",
    "successors": "succession",
}


def inputs_of(scalars: Mapping[str, str], lists: Mapping[str, str]) -> Any:
    """The same holdings twice: a row for each in `tables`, which we read, and a row for each account, which Splink reads."""

    def inputs(folder: Path, asked: Asked) -> dict[str, Any]:
        world = worlds.scanned(asked)
        tables = folder / "tables"
        shutil.rmtree(tables, ignore_errors=True)
        tables.mkdir()
        for name in ("evidence", "registered"):
            shutil.copy(world / f"out/tables/{name}.parquet", tables)
        held, shared = (f"'{world}/out/tables/{name}.parquet'" for name in ("account_values", "shared_values"))
        kinds = ", ".join(f"'{kind}'" for kind in (scalars | lists).values())
        target = tables / "account_values.parquet"
        duckdb.sql(f"COPY (FROM {held} WHERE kind IN ({kinds})) TO '{target}' (COMPRESSION zstd)")
        uncrowded = f"(FROM '{target}' ANTI JOIN (FROM {shared} WHERE crowded) USING (kind, value))"
        columns = [f"min(value) FILTER (kind = '{kind}') AS {name}" for name, kind in scalars.items()]
        columns += [f"list(value) FILTER (kind = '{kind}') AS {name}" for name, kind in lists.items()]
        for name, values in (("accounts", f"'{target}'"), ("uncrowded", uncrowded)):
            wide = f"SELECT account_id, {', '.join(columns)} FROM {values} GROUP BY 1"
            duckdb.sql(f"COPY ({wide}) TO '{folder}/{name}.parquet' (COMPRESSION zstd)")
        number = worlds.campaigns(world)
        found = duckdb.sql(f"SELECT DISTINCT account_id FROM '{target}' ORDER BY 1").to_arrow_table()
        truth = [number.get(one, -1) for one in found["account_id"].to_pylist()]
        pq.write_table(found.append_column("campaign", [truth]), folder / "truth.parquet")
        return {
            "accounts": len(found),
            "holdings": pq.read_metadata(target).num_rows,
            "campaign_accounts": sum(one >= 0 for one in truth),
        }

    return inputs


def quality(folder: Path, row: Mapping[str, Any]) -> dict[str, float]:
    """Pairs of accounts of one campaign, of the pairs in one cluster that have an account of a campaign."""
    truth = pq.read_table(folder / "truth.parquet")
    answer = pq.read_table(row["answer"])
    label = dict(zip(answer["account_id"].to_pylist(), answer["label"].to_pylist(), strict=True))
    number = np.array([label.get(one, -1 - at) for at, one in enumerate(truth["account_id"].to_pylist())])
    return of_known(truth["campaign"].to_numpy(), number)


def _compared(
    name: str, about: str, scalars: Mapping[str, str], lists: Mapping[str, str], blocks: list[str], best: float
) -> Comparison:
    def splink(title: str, table: str, probability: float) -> Contender:
        columns = {"scalars": list(scalars), "lists": list(lists), "blocks": blocks}
        return Contender(title, "splink", "splink.linkage", {"table": table, "probability": probability, **columns})

    return Comparison(
        name,
        about,
        "tables/account_values.parquet",
        inputs_of(scalars, lists),
        (
            Contender("stillwatch", "stillwatch", "stillwatch.linkage"),
            Contender("stillwatch, with the null of clusters", "stillwatch", "stillwatch.linkage", {"null": True}),
            Contender("components of uncrowded values", "scipy", "components.linkage", {"blocks": blocks}),
            splink("Splink from 0.9", "accounts", 0.9),
            splink(f"Splink from {best:g}", "accounts", best),
            splink(f"Splink from {best:g}, our crowds left out", "uncrowded", best),
        ),
        quality,
        {"splink": 1.0},
        "f1",
    )


ALL = (
    _compared(
        "linkage",
        "Payments, devices, phones and addresses of a day that accounts share, to clusters. DuckDB with two threads for both.",
        SCALARS,
        LISTS,
        ["payment", "device", "phone", "addresses"],
        best=1e-4,
    ),
    _compared(
        "linkage_all",
        "The same, and mail patterns, sign-ups, client builds, common starts, replayed secrets and successors: all but texts.",
        MORE_SCALARS,
        MORE_LISTS,
        ["payment", "device", "phone", "addresses", "secrets", "starts"],
        best=0.1,
    ),
)
