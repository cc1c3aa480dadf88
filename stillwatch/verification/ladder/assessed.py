"""Assessments as a file has them: JSON lines of `verify assess` or `verify recheck`, or the names of accounts alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from stillwatch.errors import NothingToRead
from stillwatch.evidence import Reason
from stillwatch.verification.assessment import Assessment

_NAMES = ("code", "text", "weight", "innocent_explanation", "finding", "query", "value", "p_value")


def assessments(path: Path, aside: Counter[str], now: float) -> Iterator[Assessment | str]:
    """Of each line its assessment, or the account that it names. Lines that are neither are counted with their reason."""
    try:
        file = path.open("rb")
    except OSError as problem:
        raise NothingToRead(
            f"no assessments: {problem.strerror}", str(path), "JSON lines of `stillwatch verify assess`, or account ids"
        ) from None
    with file:
        for line in file:
            text = line.strip()
            if not text:
                continue
            if b"\0" in text or b"\\u0000" in text:
                aside["a character that no text has: NUL"] += 1
                continue
            try:
                yield _read(orjson.loads(text), now) if text.startswith(b"{") else _account(text)
            except (ValueError, KeyError, TypeError, OverflowError) as problem:
                aside[f"neither an assessment nor an account: {type(problem).__name__}"] += 1


def instant(value: Any) -> float:
    """Seconds since 1970 of a number or an RFC 3339 text; one without a zone is UTC."""
    if isinstance(value, str):
        told = datetime.fromisoformat(value)
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
    return datetime.fromtimestamp(value, UTC).timestamp()


def _account(text: bytes) -> str:
    name = text.decode().strip('"')
    if not name or any(one in name for one in "{}[],"):
        raise ValueError("not the name of an account")
    return name


def _read(row: dict[str, Any], now: float) -> Assessment:
    return _again(row, now) if "deadline" in row else _assessment(row)


def _again(row: dict[str, Any], now: float) -> Assessment:
    """A row of `stillwatch verify recheck`: a programme's doubt, without a likelihood where nothing is held against it."""
    reasons = [{**one, "code": f"programme_{one['code']}", "weight": 1.0} for one in row["reasons"]]
    likelihood = row["likelihood"] or 0.0
    found = _assessment({**row, "likelihood": likelihood, "reasons": reasons, "asks": True, "at": row.get("at", now)})
    return replace(found, renews=True)


def _assessment(row: dict[str, Any]) -> Assessment:
    likelihood = float(row["likelihood"])
    if not 0.0 <= likelihood <= 1.0 or not isinstance(row["asks"], bool):
        raise ValueError("likelihood is 0..1, asks true or false")
    reasons = tuple(_reason(one) for one in row.get("reasons") or ())
    return Assessment(
        str(row["account_id"]), instant(row["at"]), likelihood, float(row.get("bits", 0.0)), row["asks"], reasons,
        str(row.get("batch") or ""), str(row.get("pathway") or "self_serve"),
    )  # fmt: skip


def _reason(row: dict[str, Any]) -> Reason:
    return Reason(**{"text": "", "innocent_explanation": "", **{name: row[name] for name in _NAMES if name in row}})
