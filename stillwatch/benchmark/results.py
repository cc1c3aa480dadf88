"""Reads what a detector wrote, as far as the contract obliges it to, and what a made world knows to be true."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.benchmark.detectors import Detector


class BadResult(Exception):
    """A result folder that does not keep to the contract; the detector has failed on this case."""


@dataclass(frozen=True)
class Result:
    """A result folder; what a detector did not write is None."""

    accounts: pa.Table  # account_id, score, verdict, campaign_id
    exchanges: pa.Table | None  # exchange_id, account_id, score
    campaigns: dict[str, dict[str, Any]] | None  # campaigns.json by campaign_id


@dataclass(frozen=True)
class Truth:
    """The labels of a made world."""

    accounts: pa.Table
    exchanges: pa.Table
    world: dict[str, Any]


def read_truth(labels: Path) -> Truth:
    """What really happened."""
    return Truth(
        pq.read_table(labels / "accounts.parquet"),
        pq.read_table(labels / "exchanges.parquet"),
        json.loads((labels / "world.json").read_bytes()),
    )


def read_result(out: Path, detector: Detector) -> Result:
    """What the detector says."""
    return Result(
        read_accounts(out / "accounts.parquet", detector),
        _read(out / "exchanges.parquet", ("exchange_id", "account_id", "score")),
        _campaigns(out / "campaigns.json"),
    )


def read_accounts(file: Path, detector: Detector) -> pa.Table:
    """One row an account. Without a verdict column nobody is accused, unless the threshold is fitted."""
    table = _read(file, ("account_id", "score") if detector.fitted else ("account_id", "score", "verdict"))
    if table is None:
        raise BadResult(f"it wrote no {file.name}")
    for name in ("verdict", "campaign_id"):
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(table.num_rows, pa.string()))
    score = table["score"].cast(pa.float64())
    if score.null_count or pc.any(pc.is_nan(score)).as_py():
        raise BadResult(f"{file.name}: a score is null or not a number")
    if detector.probabilities and pc.any(pc.or_(pc.less(score, 0.0), pc.greater(score, 1.0))).as_py():
        raise BadResult(f"{file.name}: a probability is not in 0..1")
    twice = table.num_rows - pc.count_distinct(table["account_id"]).as_py()
    if twice:
        raise BadResult(f"{file.name}: {twice:,} rows repeat an account; the contract allows one each")
    return table.select(["account_id", "score", "verdict", "campaign_id"])


def _read(file: Path, columns: tuple[str, ...]) -> pa.Table | None:
    if not file.exists():
        return None
    try:
        table = pq.read_table(file)
    except (OSError, pa.ArrowException) as problem:
        raise BadResult(f"{file.name} cannot be read: {problem}") from None
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise BadResult(f"{file.name} has no column {', '.join(missing)}")
    for name in {"account_id", "exchange_id", "verdict", "campaign_id"} & set(table.column_names):
        table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.string()))
    return table


def _campaigns(file: Path) -> dict[str, dict[str, Any]] | None:
    if not file.exists():
        return None
    try:
        return {str(one["campaign_id"]): one for one in json.loads(file.read_bytes())["campaigns"]}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BadResult(f"{file.name} cannot be read: {problem!r}") from None
