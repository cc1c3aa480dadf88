"""Logs and results of a few rows, for tests of backtests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import templates_here
from guard_here import policy

from stillwatch import tables
from stillwatch.config import Config
from stillwatch.guard.backtest import Backtest, backtest

MONDAY = datetime(2026, 2, 2, tzinfo=UTC)
FINDINGS = ("coordination", "extraction", "fraud", "covertness")
Sent = tuple[str, float]  # account, and hours since Monday; a dict may follow with other columns
Found = Mapping[float, Mapping[str, str]]  # hours since Monday → account → role; `watch` is watched


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def write_log(folder: Path, sent: Sequence[Any], accounts: Sequence[Mapping[str, Any]] = ()) -> Path:
    """Exchanges of 100 tokens in and out each, named x0, x1, …"""
    (folder / "exchanges").mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "exchange_id": f"x{place}", "account_id": account, "timestamp": at(hours).isoformat(), "prompt": "p",
            "input_tokens": 50, "output_tokens": 50, **(more[0] if more else {}),
        }
        for place, (account, hours, *more) in enumerate(sent)
    ]  # fmt: skip
    (folder / "exchanges/one.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    if accounts:
        (folder / "accounts.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in accounts))
    return folder


def write_result(folder: Path, found: Found, harvested: Sequence[str] = (), replayed: bool = True) -> Path:
    """Of looks that found these accounts, in one campaign C-1; the last look is where everybody stands."""
    folder.mkdir(parents=True)
    replay, watched = [], []
    for hours, standing in found.items():
        for account, role in standing.items():
            if role == "watch":
                watched.append({"at": at(hours), "account_id": account, "score": 0.5})
                continue
            replay.append(
                {
                    "at": at(hours), "campaign_id": "C-1", "account_id": account, "score": 0.9, "confidence": 0.95,
                    "alarm_bits": 99.0, "harvested": 1, "role": role, **dict.fromkeys(FINDINGS, 0.95),
                }
            )  # fmt: skip
    looks = [{"at": at(hours), "group_id": "g", "accounts": 1, "confidence": 0.1, "alarm_bits": 0.0} for hours in found]
    last = list(found.values())[-1]
    accounts = [
        {
            "account_id": account, "campaign_id": None if role == "watch" else "C-1", "score": 0.9,
            "verdict": "watch" if role == "watch" else "campaign", "role": None if role == "watch" else role, "reasons": [],
        }
        for account, role in last.items()
    ]  # fmt: skip
    exchanges = [
        {"exchange_id": name, "account_id": "?", "campaign_id": "C-1", "score": 0.9, "capability": "coding"}
        for name in harvested
    ]
    given = {
        "accounts": (tables.RESULT_ACCOUNTS, accounts), "exchanges": (tables.RESULT_EXCHANGES, exchanges),
        **({"replay": (tables.RESULT_REPLAY, replay), "watched": (tables.RESULT_WATCHED, watched),
            "groups": (tables.RESULT_GROUPS, looks)} if replayed else {}),
    }  # fmt: skip
    for name, (table, rows) in given.items():
        pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), folder / f"{name}.parquet")
    campaign = {
        "campaign_id": "C-1", "accounts": len(accounts), "confidence": 0.95, "detected_at": at(0).isoformat(),
        "findings": {name: {"score": 0.95} for name in FINDINGS},
    }  # fmt: skip
    window = {"from": at(0).isoformat(), "to": at(max(found)).isoformat()}
    (folder / "campaigns.json").write_bytes(orjson.dumps({"window": window, "campaigns": [campaign]}))
    return folder


def backtested(
    folder: Path, rules: Sequence[Mapping[str, Any]], sent: Sequence[Any], found: Found,
    accounts: Sequence[Mapping[str, Any]] = (), harvested: Sequence[str] = (), replayed: bool = True,
    own: Mapping[float, Sequence[templates_here.Own]] | None = None, **asked: Any,
) -> Backtest:  # fmt: skip
    """What rules would have done on these exchanges, by what these looks found, and whose `own` templates they were."""
    log = write_log(folder / "log", sent, accounts)
    result = write_result(folder / "out", found, harvested, replayed)
    if own is not None:
        templates_here.write(result, *(templates_here.table(*one, at=at(hours)) for hours, one in own.items()))
    return backtest(policy(folder, *map(dict, rules)), log, result, Config(), **asked)
