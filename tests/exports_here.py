"""A result folder from rows: a campaign, its accounts and what they show, as small as a test of exports needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch import tables
from stillwatch.evidence import Campaign, Finding, Reason, Report, TemplateUse
from stillwatch.render.json import campaigns_json

FIRST, LAST = datetime(2026, 2, 2, tzinfo=UTC), datetime(2026, 2, 8, 12, tzinfo=UTC)
NOW = datetime(2026, 2, 9, tzinfo=UTC)
SKELETON = "Solve the problem below and write out all of your reasoning. Problem: ⟨…⟩"


@dataclass(frozen=True)
class Account:
    """One account: what it is in the result, and what it shows by kind."""

    account_id: str
    role: str | None = "harvester"  # None: in no campaign
    shows: Mapping[str, str] = field(default_factory=dict)  # template, tls, asn, domain, payment, device, client_build
    organization_id: str | None = None
    campaign_id: str = "C-1"


def accounts(count: int, name: str = "a", **same: Any) -> list[Account]:
    return [Account(f"{name}-{number:04d}", **same) for number in range(count)]


def campaign(members: int = 10, campaign_id: str = "C-1", **other: Any) -> Campaign:
    said: dict[str, Any] = {
        "campaign_id": campaign_id, "name": f"{members} accounts collecting reasoning", "accounts": members,
        "exchanges": 1_000, "output_tokens": 50_000, "first_seen": FIRST.isoformat(), "last_seen": LAST.isoformat(),
        "detected_at": LAST.isoformat(),
        "findings": {
            "coordination": Finding(0.99, ["they share cards"], "One operator directs these accounts."),
            "extraction": Finding(0.95, ["their prompts fill one template"], "The traffic collects answers."),
            "fraud": Finding(0.1, [], "Nothing says that the registrations are false."),
            "covertness": Finding(0.6, ["they change addresses"], "Something is hidden."),
        },
        "confidence": 0.9, "capabilities": [{"name": "reasoning", "share": 1.0}], "elicitation": {"chain_of_thought": 1.0},
        "templates": [TemplateUse("T-own", members, 900, SKELETON)], "release_response": [],
        "successors": [], "attribution": [],
        "innocent_explanations": [{"explanation": "A class.", "weighed": "No class works at night."}],
        "evidence": [Reason("signup_burst", "they signed up together", 4.0, "a class", "coordination")],
        "recommended_response": "open a case", "harvested_exchanges": 900, "roles": {"harvester": members},
    }  # fmt: skip
    return Campaign(**{**said, **other})


def written(
    folder: Path, told: Sequence[Account], *campaigns: Campaign, declared: Sequence[str] = (), seen: datetime = LAST
) -> Path:
    """The folder of the result, with LOG/accounts beside it: what was registered, in the open, stands there alone."""
    (folder / "out" / "tables").mkdir(parents=True)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in _TABLES}
    judged, registered = [], []
    for one in told:
        who = {"account_id": one.account_id}
        inside = one.campaign_id if one.role else None
        judged.append(
            {**who, "campaign_id": inside, "role": one.role, "score": 1.0, "verdict": "campaign", "reasons": []}
        )
        rows["accounts"].append(
            {
                **who,
                "organization_id": one.organization_id,
                "first_seen": FIRST,
                "last_seen": seen,
                "pathway": "self_serve",
            }
        )
        rows["registered"].append(
            {**who, "email_domain": one.shows.get("domain"), "email": f"token-mail-{one.account_id}"}
        )
        registered.append(
            {
                **who,
                "payment_fingerprint": one.shows.get("payment"),
                "device_fingerprint": one.shows.get("device"),
                "email": f"{one.account_id}@mail.example",
            }
        )
        use = {"tls_fingerprint": one.shows.get("tls"), "asn": int(one.shows["asn"]) if "asn" in one.shows else None}
        rows["uses"].append(
            {**who, **use, "network": one.shows.get("network"), "address": f"token-address-{one.account_id}"}
        )
        if "template" in one.shows:
            rows["account_templates"].append({**who, "field": "prompt", "template_id": one.shows["template"]})
        for kind in ("client_build", "email_pattern"):
            if kind in one.shows:
                rows["account_values"].append({**who, "kind": kind, "value": one.shows[kind]})
    rows["templates"] = [{"template_id": "T-own", "field": "prompt", "shingles": [1, -2, 3], "usual_shingles": 3.0}]
    rows["declared"] = [{"kind": "organization", "id": name} for name in declared]
    for name, declared_table in _TABLES.items():
        _write(folder / "out" / "tables" / f"{name}.parquet", declared_table, rows[name])
    _write(folder / "out" / "accounts.parquet", tables.RESULT_ACCOUNTS, judged)
    (folder / "log").mkdir()
    _write(folder / "log" / "accounts.parquet", tables.LOG_ACCOUNTS, registered)
    report = Report({"from": FIRST.isoformat(), "to": LAST.isoformat()}, list(campaigns) or [campaign()])
    (folder / "out" / "campaigns.json").write_bytes(campaigns_json(report))
    return folder / "out"


_TABLES = {
    "accounts": tables.ACCOUNTS,
    "registered": tables.REGISTERED,
    "uses": tables.USES,
    "account_templates": tables.ACCOUNT_TEMPLATES,
    "account_values": tables.ACCOUNT_VALUES,
    "templates": tables.TEMPLATES,
    "declared": tables.LOG_DECLARED,
}


def _write(path: Path, declared: tables.Table, rows: list[dict[str, Any]]) -> None:
    schema = pa.schema([(column.name, column.held) for column in declared.columns])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
