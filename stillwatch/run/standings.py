"""Where every account stands: OUT/accounts.parquet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import tables
from stillwatch.campaigns.alone import compared
from stillwatch.campaigns.standing import membership, reasons, role, verdict
from stillwatch.config import Config
from stillwatch.engines import Engine
from stillwatch.evidence import Reason


def standings(
    engine: Engine,
    judged: Mapping[str, Mapping[str, Any]],
    cluster_reasons: Mapping[str, list[Reason]],
    campaigns: Mapping[str, str],
    config: Config,
) -> pa.Table:
    """One row per account seen; an account in no judged cluster is clear, with nothing held against it."""
    rows = []
    items = {row["account_id"]: row for row in engine.collect(engine.table("items")).to_pylist()}
    members = compared(engine.collect(engine.table("members")).to_pylist(), items)
    usual = _usual_use(members)
    for account in members:
        cluster = account["cluster_id"]
        account["usual_use"] = usual.get(cluster, 0.0)
        confidence = judged[cluster]["confidence"]
        score = confidence * membership(account, config.standing)
        found = verdict(score, confidence, config.standing)
        rows.append(
            {
                "account_id": account["account_id"],
                "campaign_id": campaigns[cluster] if found == "campaign" else None,
                "score": score,
                "verdict": found,
                "role": role(account, config.standing) if found == "campaign" else None,
                "reasons": [] if found == "clear" else [
                    {
                        "code": one.code,
                        "text": one.text,
                        "weight": one.weight,
                        "innocent_explanation": one.innocent_explanation,
                    }
                    for one in reasons(account, cluster_reasons[cluster], config.standing)
                ],
            }
        )  # fmt: skip
    judged_accounts = pa.Table.from_pylist(rows, schema=tables.RESULT_ACCOUNTS.schema)
    everyone = engine.collect(engine.table("accounts").select("account_id"))["account_id"].cast(pa.string())
    others = everyone.filter(pc.invert(pc.is_in(everyone, judged_accounts["account_id"].combine_chunks())))
    clear = pa.table(
        {
            "account_id": others,
            "campaign_id": pa.nulls(len(others), pa.string()),
            "score": pa.repeat(0.0, len(others)),
            "verdict": pa.repeat("clear", len(others)),
            "role": pa.nulls(len(others), pa.string()),
            "reasons": pa.array([[]] * len(others), pa.list_(tables.REASON)),
        },
        schema=tables.RESULT_ACCOUNTS.schema,
    )
    return pa.concat_tables([judged_accounts, clear]).sort_by("account_id")


def _usual_use(members: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Of each cluster, the median share of their exchanges that members send of its own templates, of those who send any."""
    shares: dict[str, list[float]] = defaultdict(list)
    for one in members:
        if one["framed"]:
            shares[one["cluster_id"]].append(one["framed"] / one["exchanges"])
    return {cluster: median(found) for cluster, found in shares.items()}
