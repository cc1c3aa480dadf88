"""Accounts of a log as programmes see them, and what a result folder says of them. Direct identifiers are not kept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.config import Reading
from stillwatch.errors import NothingToRead, UnknownFormat
from stillwatch.verification.pathways.changed import Member
from stillwatch.verification.pathways.proof import Proof
from stillwatch.verification.pathways.recheck import ANYBODY, Found
from stillwatch.verification.register import SetAside, account_rows

_ENDED = ("suspended", "banned", "closed")  # statuses; whoever has one has been asked already
_ABOVE_EMAIL = ("phone", "payment", "identity")  # rungs that are climbed after it
_ROWS = 1 << 20  # exchanges read at once: 40 MB
_WANTED = (
    "account_id organization_id created_at closed_at banned_at status pathway payment_country email email_domain "
    "email_domain_since verification"
).split()


def members(log: Path, reading: Reading, now: datetime, aside: SetAside) -> list[Member]:
    """Open accounts of a log folder, each once."""
    return [_member(row) for row in account_rows(log, _WANTED, reading, now, aside) if _is_open(row, now)]


def _is_open(row: dict[str, Any], now: datetime) -> bool:
    ended = [row[name] for name in ("closed_at", "banned_at") if row[name] is not None]
    return (row["status"] or "").lower() not in _ENDED and all(one > now for one in ended)


def _member(row: dict[str, Any]) -> Member:
    domain = row["email_domain"] or (row["email"] or "").rpartition("@")[2] * ("@" in (row["email"] or ""))
    return Member(
        row["account_id"],
        row["pathway"] or ANYBODY,
        _seconds(row["created_at"]),
        row["organization_id"] or "",
        (row["payment_country"] or "").upper(),
        domain.strip().strip(".").lower(),
        _seconds(row["email_domain_since"]),
        (row["verification"] or "").lower(),
    )


def registered(member: Member) -> dict[str, Proof]:
    """What the accounts table says was shown at sign-up, by kind of fact; its column names the highest rung of the ladder."""
    made = {"email_confirmed": member.created or 0.0} if member.verification in ("email", *_ABOVE_EMAIL) else {}
    if member.verification == "identity" and member.created is not None:
        made["identity_document"] = member.created
    return {kind: Proof(member.account_id, kind, at, "sign-up", domain=member.domain) for kind, at in made.items()}


def _seconds(instant: datetime | None) -> float | None:
    return None if instant is None else instant.timestamp()


def found(result: Path) -> dict[str, Found]:
    """What a scan says of each account that it saw; how busy it was is left out where those tables are elsewhere."""
    accounts = result / "accounts.parquet"
    if not accounts.is_file():
        raise NothingToRead("no result of a scan", str(accounts), "the folder that `stillwatch scan --out` wrote")
    try:
        made = {
            row["account_id"]: Found(row["verdict"], row["role"] or "", row["campaign_id"] or "", row["score"])
            for row in pq.read_table(
                accounts, columns=["account_id", "verdict", "role", "campaign_id", "score"]
            ).to_pylist()
        }
        attributed = _attributed(result / "exchanges.parquet")
        busy = result / "tables" / "accounts.parquet"
        if busy.is_file():
            for row in pq.read_table(busy, columns=["account_id", "exchanges", "duty_cycle", "days"]).to_pylist():
                seen = made.get(row["account_id"])
                if seen is not None:
                    share = attributed.get(row["account_id"], 0.0) / max(row["exchanges"], 1)
                    made[row["account_id"]] = replace(
                        seen, harvested=min(share, 1.0), duty_cycle=row["duty_cycle"] or 0.0, days=row["days"]
                    )
    except (pa.ArrowInvalid, KeyError) as problem:
        raise UnknownFormat(f"a result that cannot be read: {problem}", str(result), "docs/tables.md") from None
    return made


def _attributed(path: Path) -> dict[str, float]:
    """By account, the sum of its exchanges' scores: how many of them were harvested, by expectation."""
    total: defaultdict[str, float] = defaultdict(float)
    if path.is_file():
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS, columns=["account_id", "score"]):
                sums = pa.Table.from_batches([batch]).group_by("account_id").aggregate([("score", "sum")])
                for account, score in zip(sums["account_id"].to_pylist(), sums["score_sum"].to_pylist(), strict=True):
                    total[account] += score
    return total
