"""Coordination: members are tied to each other more than chance and habit explain."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from stillwatch.campaigns.observation import normal_tail
from stillwatch.config import Campaigns
from stillwatch.evidence import Reason


def tie_reasons(
    cluster_id: str,
    members: int,
    ties: Sequence[Mapping[str, Any]],
    elsewhere: Mapping[str, Mapping[str, Any]],
    words: Mapping[str, tuple[str, str]],
    config: Campaigns,
) -> list[Reason]:
    """One reason per kind of tie: the share of members it holds, against its share among unclustered accounts.

    `words` gives each kind's phrase and innocent explanation.
    """
    reasons = []
    for tie in ties:
        kind, tied = tie["kind"], tie["tied"]
        outside = elsewhere.get(kind, {"accounts": 0, "tied": 0})
        expected = (outside["tied"] + 0.5) / (outside["accounts"] + 1)
        observed = tied / members
        bits = math.log2((observed + config.rate_floor) / (expected + config.rate_floor))
        p_value = normal_tail((observed - expected) / math.sqrt(expected * (1 - expected) / members + 1e-12))
        if tied < config.min_tied or bits < config.min_bits or p_value > config.max_p:
            continue
        phrase, innocent = words[kind]
        reasons.append(
            Reason(
                code=kind,
                text=f"{tied:,} of {members:,} members {phrase} ({tie['values']:,} values; {expected:.1%} of others do)",
                weight=min(bits, config.cap_bits),
                innocent_explanation=innocent,
                finding="coordination",
                query=_tied_query(cluster_id, kind),
                value=float(tied),
                p_value=p_value,
            )
        )
    return reasons


def chance_reason(cluster_id: str, bits: float, p_value: float, shuffles: int, config: Campaigns) -> Reason:
    """What shuffling who holds what says of the cluster as a whole; it takes away, it never adds much."""
    exceeded = p_value > config.max_chance_p
    return Reason(
        code="beyond_chance",
        text=(
            f"its ties weigh {bits:,.0f} bits; when who holds which value is shuffled, "
            + ("a cluster as heavy comes up" if exceeded else f"none of {shuffles} shuffles has a cluster as heavy")
        ),
        weight=-config.cap_bits if exceeded else 1.0,
        innocent_explanation="shuffling breaks up families and firms as well, so passing this test accuses nobody",
        finding="coordination",
        query=f"SELECT max(cluster_bits) FROM clusters WHERE cluster_id = '{cluster_id}'",
        value=bits,
        p_value=p_value,
    )


def _tied_query(cluster_id: str, kind: str) -> str:
    return (
        "WITH held AS (SELECT DISTINCT account_id, value FROM account_values JOIN clusters USING (account_id) "
        f"JOIN shared_values USING (kind, value) WHERE cluster_id = '{cluster_id}' AND kind = '{kind}' AND NOT crowded) "
        "SELECT count(DISTINCT account_id) FROM held JOIN "
        "(SELECT value FROM held GROUP BY value HAVING count(*) >= 2) USING (value)"
    )
