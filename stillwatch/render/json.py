"""The report as OUT/campaigns.json, and back."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from stillwatch.errors import NothingToRead, UnknownFormat
from stillwatch.evidence import SCHEMA_VERSION, Report

_MAY_BE_UNKNOWN = {
    "value",
    "p_value",
    "chance_p",
    "pool",
    "pool_low",
    "pool_high",
}  # the numbers that the document allows to be null


def campaigns_json(report: Report) -> bytes:
    """The whole document; the same report gives the same bytes."""
    document = _finite(report.to_dict(), "report")
    first = {key: document.pop(key) for key in ("schema_version", "window", "campaigns")}
    text = json.dumps(first | document, ensure_ascii=False, indent=2, allow_nan=False)
    # Half a surrogate pair is no UTF-8, but it is a legal JSON escape: a broken log must not cost the result.
    return (text + "\n").encode("utf-8", errors="backslashreplace")


def look_line(report: Report) -> bytes:
    """One look of a watch as one line: who is found now, and what happened since the look before."""
    at = report.totals["looked_at"]
    campaigns = [
        {
            "campaign_id": one.campaign_id,
            "name": one.name,
            "confidence": one.confidence,
            "accounts": one.accounts,
            "harvested_exchanges": one.harvested_exchanges,
            "detected_at": one.detected_at,
            "events": [event for event in (one.detection.events if one.detection else []) if event["at"] == at],
        }
        for one in report.campaigns
    ]
    counts = {name: report.totals[name] for name in ("exchanges", "accounts", "rejected", "verdicts")}
    document = _finite({"schema_version": SCHEMA_VERSION, "at": at, **counts, "campaigns": campaigns}, "look")
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8", errors="backslashreplace")


def read_campaigns(path: Path) -> Report:
    """A saved report; what is not one is an error that says why."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as problem:
        raise NothingToRead(
            "no saved report", str(path), "OUT/campaigns.json of a scan", "stillwatch scan"
        ) from problem
    except ValueError as problem:
        raise UnknownFormat(f"not a JSON document: {problem}", str(path), "OUT/campaigns.json of a scan") from problem
    if not isinstance(document, dict) or "campaigns" not in document:
        raise UnknownFormat("no campaigns in it", str(path), "OUT/campaigns.json of a scan")
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise UnknownFormat(
            f"schema_version {version!r} is not known", str(path), f"{SCHEMA_VERSION}", "scan the log again"
        )
    try:
        return Report.from_dict(document)
    except (KeyError, TypeError, AttributeError) as problem:
        raise UnknownFormat(f"a part is missing or misplaced: {problem}", str(path), "what a scan writes") from problem


def _finite(part: Any, where: str) -> Any:
    """JSON knows no infinity: an optional number becomes null, a required one is a defect of whoever computed it."""
    if isinstance(part, dict):
        return {key: _finite(one, f"{where}.{key}") for key, one in part.items()}
    if isinstance(part, list | tuple):
        return [_finite(one, f"{where}[{place}]") for place, one in enumerate(part)]
    if isinstance(part, float) and not math.isfinite(part):
        if where.rpartition(".")[2] in _MAY_BE_UNKNOWN:
            return None
        raise ValueError(f"BUG: {where} is {part}")
    return part
