"""One judged cluster as the document that every view reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from stillwatch.campaigns.judgement import findings, innocent_explanations, response
from stillwatch.campaigns.successors import successor_evidence
from stillwatch.campaigns.sweeps import refused_share
from stillwatch.config import Config
from stillwatch.evidence import Campaign, Reason, ReleaseResponse, Successor, TemplateUse, Turnover

_DOING = {
    "reasoning": "step-by-step reasoning",
    "coding": "coding",
    "tool_use": "tool use",
    "agentic": "agentic work",
    "computer_use": "computer use",
    "vision": "vision",
    "data_analysis": "data analysis",
    "judging": "grading",
    "data_generation": "task and data generation",
    "rewriting": "rewriting",
    "chat": "general answers",
}
_MAX_TEMPLATES = 8  # shown in the document; the table has all
_MIN_SHARE = 0.02  # share of the harvest from which a capability is named


def document(
    campaign_id: str, known: Mapping[str, Any], reasons: Sequence[Reason], detected_at: datetime, config: Config
) -> Campaign:
    """`known` holds this cluster's rows: judged, totals, taken, elicitation, days, templates, releases, pivots, sweeps,
    successors, turnover, roles; and how it was detected, if time was gone through."""
    found = findings(reasons, config.campaigns)
    totals, judged = known["totals"], known["judged"]
    harvested = sum(row["exchanges"] for row in known["taken"])
    capabilities = [
        {"name": row["capability"], "share": row["exchanges"] / max(harvested, 1)}
        for row in sorted(known["taken"], key=lambda row: (-row["exchanges"], row["capability"]))
        if row["exchanges"] >= _MIN_SHARE * harvested
    ]
    return Campaign(
        campaign_id=campaign_id,
        name=_name(known["accounts"], capabilities, reasons),
        accounts=known["accounts"],
        exchanges=totals["exchanges"],
        output_tokens=totals["output_tokens"],
        first_seen=instant(totals["first_seen"]),
        last_seen=instant(totals["last_seen"]),
        detected_at=instant(detected_at),
        findings=found,
        confidence=judged["confidence"],
        capabilities=capabilities,
        elicitation=known["elicitation"],
        templates=[
            TemplateUse(
                row["template_id"], row["users"], row["exchanges"], known["skeletons"].get(row["template_id"], "")
            )
            for row in known["templates"][:_MAX_TEMPLATES]
        ],
        release_response=[
            ReleaseResponse(
                model=row["new_model"],
                released_at=instant(row["released_at"]),
                shift_share=row["moved"] / row["exchanges"],
                hours=row["hours"],
                p_value=row["p_value"],
                population_shift_share=row["population_share"] or 0.0,
                half_hours=row["half_hours"],
                volume_ratio=row["volume_ratio"],
                population_volume_ratio=row["population_volume_ratio"],
                volume_p_value=row["volume_p_value"],
            )
            for row in known["releases"]
        ],
        pivots=[
            {
                "at": instant(row["at"]),
                "from": row["from_capability"],
                "to": row["to_capability"],
                "share_before": row["to_before"],
                "share_after": row["to_after"],
                "p_value": row["p_value"],
                "from_share_before": row["from_before"],
                "from_share_after": row["from_after"],
                "release": row["new_model"] or "",
            }
            for row in known["pivots"]
        ],
        successors=[
            Successor(row["banned_account"], row["account"], successor_evidence(row), row["likelihood"], row["of_this"])
            for row in known["successors"]
        ],
        attribution=known["attribution"],
        innocent_explanations=innocent_explanations(reasons, found),
        evidence=sorted(reasons, key=lambda reason: (-abs(reason.weight), reason.code)),
        recommended_response=response(judged["confidence"], found),
        roles=known["roles"],
        timeline=[
            {"day": row["day"].date().isoformat(), "exchanges": row["exchanges"], "accounts": row["accounts"]}
            for row in known["days"]
        ],
        chance_p=judged["chance_p"],
        harvested_exchanges=harvested,
        detection=known["detection"],
        turnover=_turnover(known["turnover"]),
        sweeps=[sweep(row) for row in sorted(known["sweeps"], key=lambda row: row["begins"])],
    )


def _turnover(row: Mapping[str, Any] | None) -> Turnover | None:
    return None if row is None else Turnover(**{one.name: row[one.name] for one in fields(Turnover)})


def sweep(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the sweeps table as the document tells it."""
    return {
        "from": instant(row["begins"]),
        "until": instant(row["ends"]),
        "techniques": row["techniques"],
        "accounts": row["accounts"],
        "exchanges": row["exchanges"],
        "refused_share": refused_share(row),
        "p_value": row["p_value"],
    }


def near_miss(known: Mapping[str, Any], reasons: Sequence[Reason]) -> dict[str, Any]:
    """A cluster that was looked at and cleared, with the reason that cleared it."""
    excused = sorted((reason for reason in reasons if reason.weight < 0), key=lambda reason: reason.weight)
    judged = known["judged"]
    lowest = min(("extraction", "fraud", "covertness"), key=lambda name: judged[name])
    told = list(dict.fromkeys(reason.text for reason in excused))
    missing = {
        "extraction": "nothing says that answers are collected for training",
        "fraud": "nothing says that the registrations are false",
        "covertness": "nothing says that anything is hidden",
    }[lowest]
    explanation = "; ".join(told[:2]) if told else missing
    strongest = sorted((reason for reason in reasons if reason.weight > 0), key=lambda reason: -reason.weight)
    return {
        "name": f"{judged['accounts']:,} accounts tied by {_ties(strongest) or 'several weak things'}",
        "accounts": judged["accounts"],
        "exchanges": known["totals"]["exchanges"],
        "explanation": explanation[0].upper() + explanation[1:] + ".",
        "cluster_id": judged["cluster_id"],
        "confidence": judged["confidence"],
        "reasons": [{"text": reason.text, "weight": reason.weight} for reason in [*strongest[:3], *excused[:2]]],
    }


def _name(accounts: int, capabilities: Sequence[Mapping[str, Any]], reasons: Sequence[Reason]) -> str:
    doing = " and ".join(_DOING[one["name"]] for one in capabilities[:2]) or "answers"
    tied = _ties(sorted((reason for reason in reasons if reason.weight > 0), key=lambda reason: -reason.weight))
    return f"{accounts:,} accounts collecting {doing}" + (f", tied by {tied}" if tied else "")


def _ties(reasons: Sequence[Reason]) -> str:
    words = {
        "shared_payment": "payments",
        "shared_device": "devices",
        "shared_phone": "telephone numbers",
        "email_pattern": "mail patterns",
        "signup_burst": "sign-up bursts",
        "shared_address": "addresses",
        "client_build": "client builds",
        "shared_signature": "replayed reasoning",
        "failover": "requests taken over after refusals and limits",
        "lockstep": "common starts",
        "succession": "succession after bans",
        "shared_indicator": "what a partner found",
        "synchrony": "a common schedule",
        "own_template": "templates of their own",
    }
    return ", ".join([words[reason.code] for reason in reasons if reason.code in words][:3])


def instant(value: datetime | None) -> str:
    """RFC 3339 of a UTC instant; empty for none."""
    return "" if value is None else value.strftime("%Y-%m-%dT%H:%M:%SZ")
