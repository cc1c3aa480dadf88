"""What scan and watch found, in memory: read whole, never changed, exchanged for a newer one at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.campaigns.alarm import alarm_bits, threshold
from stillwatch.config import Config
from stillwatch.errors import BadConfiguration, NothingToRead
from stillwatch.evidence import FINDINGS
from stillwatch.fitting import Templates, templates
from stillwatch.guard.asked import Asked
from stillwatch.guard.facts import NOTHING_KNOWN
from stillwatch.guard.indicators import Indicators
from stillwatch.guard.registered import Registered

_NOBODY: Mapping[str, Any] = {}
_NO_INDICATORS = Indicators({})
_NOBODY_ASKED = Asked({})


@dataclass(frozen=True)
class Known:
    """Facts of accounts, by their names in guard/facts.py. Accounts of which nothing was found take no room."""

    at: str  # end of the log that was looked at
    standing: Mapping[str, Mapping[str, Any]]  # by account: facts of the account and of its campaign
    found_at: Mapping[str, float]  # by account of a campaign: when it was counted to it, seconds since 1970
    registered: Registered
    indicators: Indicators = _NO_INDICATORS
    templates: Templates | None = None
    asked: Asked = _NOBODY_ASKED

    def of(self, account: str) -> Mapping[str, Any]:
        """What was found of an account; nothing is as good as clear."""
        return self.standing.get(account, _NOBODY)

    def verdict(self, account: str) -> str:
        """By the last look."""
        found: str = self.of(account).get("account.verdict", NOTHING_KNOWN["account.verdict"])
        return found


def known(result: Path, registered: Registered, config: Config) -> Known:
    """Read a result folder of scan, replay or watch."""
    document = _document(result / "campaigns.json")
    enough = threshold(config.alarms)
    campaigns = {one["campaign_id"]: _campaign(one, enough, config) for one in document["campaigns"]}
    found = pq.read_table(
        result / "accounts.parquet", columns=["account_id", "campaign_id", "score", "verdict", "role"]
    )
    found = found.filter(pc.not_equal(found["verdict"], "clear"))
    detected = {one["campaign_id"]: _seconds(one["detected_at"]) for one in document["campaigns"]}
    since = _since(result / "replay.parquet")
    standing, found_at = {}, {}
    for row in found.to_pylist():
        campaign = row["campaign_id"]
        standing[row["account_id"]] = {
            "account.verdict": row["verdict"], "account.score": row["score"], "account.role": row["role"] or "",
            **campaigns.get(campaign, _NOBODY),
        }  # fmt: skip
        if campaign:
            found_at[row["account_id"]] = since.get(row["account_id"], detected.get(campaign, 0.0))
    return Known(document["window"]["to"], standing, found_at, registered, templates=templates(result))


def _campaign(one: Mapping[str, Any], enough: float, config: Config) -> dict[str, Any]:
    scores = {name: one["findings"][name]["score"] for name in FINDINGS}
    alarmed = alarm_bits(scores, config.campaigns) >= enough
    return campaign_facts(one["campaign_id"], one["accounts"], one["confidence"], alarmed, scores)


def campaign_facts(
    name: str, accounts: int, confidence: float, alarmed: bool, scores: Mapping[str, float]
) -> dict[str, Any]:
    """What a campaign tells of its accounts; `scores` are those of its findings, by name."""
    return {
        "campaign.id": name, "campaign.accounts": accounts, "campaign.confidence": confidence,
        "campaign.alarmed": alarmed, **{f"campaign.{finding}": scores[finding] for finding in FINDINGS},
    }  # fmt: skip


def _since(path: Path) -> dict[str, float]:
    """When each account was first counted to a campaign, by the last look; nothing of a scan, which is one look."""
    if not path.is_file() or "since" not in pq.read_schema(path).names:
        return {}
    looks = pq.read_table(path, columns=["at", "account_id", "since"])
    last = looks.filter(pc.equal(looks["at"], pc.max(looks["at"])))
    seconds = last["since"].cast(pa.int64()).to_numpy() / 1e6
    return dict(zip(last["account_id"].to_pylist(), seconds.tolist(), strict=True))


def _document(path: Path) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise NothingToRead(
            "no result to decide by",
            str(path),
            "a result folder of scan, replay or watch",
            "stillwatch scan LOG --out OUT",
        ) from None
    except orjson.JSONDecodeError as problem:
        raise BadConfiguration(f"result not readable: {problem}", str(path), "what stillwatch wrote there") from None


def _seconds(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()
