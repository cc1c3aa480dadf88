"""The files that a guard reads, for tests that start one: a policy with backtests, a result, and a table of API keys."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from guard_here import rule

from stillwatch import tables
from stillwatch.evidence import FINDINGS
from stillwatch.guard import policy as policies
from stillwatch.guard import receipts
from stillwatch.guard.receipts import Receipt

KEYS = {"sk-campaign": "campaign", "sk-other": "other", "sk-honest": "honest"}  # accounts, by API key


def files(folder: Path, *rules: dict[str, Any], backtested: bool = True) -> None:
    """policy.yaml with its backtests, keys.jsonl, and out/, by which `campaign` and `other` are a campaign."""
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump({"appeal": "https://example.com/appeal", "rules": list(rules)}))
    if backtested:
        _backtested(path)
    _found(folder / "out")
    rows = [{"key_sha256": sha256(key.encode()).hexdigest(), "account_id": one} for key, one in KEYS.items()]
    (folder / "keys.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def acting(**changes: Any) -> dict[str, Any]:
    """A live rule that stands today."""
    now = datetime.now(UTC)
    days = {"starts": (now - timedelta(days=1)).isoformat(), "expires": (now + timedelta(days=30)).isoformat()}
    return rule(**{**days, **changes})


def _backtested(path: Path) -> None:
    now = datetime.now(UTC)
    marks = [(one.id, one.fingerprint()) for one in policies.read(path).rules]
    receipts.write(receipts.beside(path), {mark: Receipt(name, mark, now, now, now, 0, 0, 0) for name, mark in marks})


def _found(out: Path) -> None:
    """A result in which two accounts are a campaign."""
    out.mkdir()
    finding = {"score": 0.99, "observations": [], "inference": ""}
    one = {
        "campaign_id": "C-1", "accounts": 2, "confidence": 0.97, "detected_at": "2026-02-01T00:00:00Z",
        "findings": {name: finding for name in FINDINGS},
    }  # fmt: skip
    window = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
    (out / "campaigns.json").write_bytes(orjson.dumps({"window": window, "campaigns": [one]}))
    rows = [
        {
            "account_id": name,
            "campaign_id": "C-1",
            "score": 0.9,
            "verdict": "campaign",
            "role": "harvester",
            "reasons": [],
        }
        for name in ("campaign", "other")
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=tables.RESULT_ACCOUNTS.schema), out / "accounts.parquet")
