"""What is known of where customers are: from the accounts of a log, and from what later steps told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from stillwatch.config import Reading
from stillwatch.errors import BadConfiguration
from stillwatch.verification.regions import UNKNOWN, Facts
from stillwatch.verification.register import SetAside, account_rows

_COLUMNS = {
    "declared_country": "declared_country",
    "payment_country": "billing_country",
    "signup_country": "address_country",
}
_NAMES = {one.name for one in fields(Facts)}


def facts_of(
    log: Path, reading: Reading, now: datetime, later: Mapping[str, Mapping[str, Any]], aside: SetAside
) -> Iterator[tuple[str, Facts]]:
    """Account and facts of every account of a log; what was told later stands over what the log says."""
    for row in account_rows(log, ["account_id", *_COLUMNS], reading, now, aside):
        known = {kind: _country(row[column]) for column, kind in _COLUMNS.items()}
        yield row["account_id"], Facts(**{**known, **later.get(row["account_id"], {})})


def _country(value: str | None) -> str:
    code = (value or "").strip().upper()
    return "" if code in UNKNOWN else code


def told(path: Path, aside: SetAside) -> dict[str, dict[str, Any]]:
    """Facts by account of a file of JSON lines; what is none is counted in `aside` with its reason."""
    made: dict[str, dict[str, Any]] = {}
    try:
        lines = path.read_bytes().splitlines()
    except OSError as problem:
        raise BadConfiguration(f"facts not readable: {problem.strerror}", str(path), "JSON lines") from None
    for line in lines:
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            row = None
        if not isinstance(row, dict) or not isinstance(row.get("account_id"), str):
            aside["facts: not an object with account_id"] += 1
            continue
        account = row.pop("account_id")
        if unusable := next((name for name, value in row.items() if not _usable(name, value)), ""):
            aside[f"facts: {unusable[:40]} is no fact that counts, or not of the right form"] += 1
            continue
        made.setdefault(account, {}).update(row)
    return made


def _usable(name: str, value: Any) -> bool:
    if name not in _NAMES:
        return False
    if name == "ownership":
        return isinstance(value, dict) and all(
            isinstance(part, int | float) and not isinstance(part, bool) and 0 <= part <= 1 for part in value.values()
        )
    return isinstance(value, str)
