"""Where one account stands: its score, verdict, role and reasons, inside a judged cluster.

Membership is not guilt. The score is the cluster's confidence times the probability that the account belongs to it;
the role says what the account does there, and only a harvester is said to harvest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from stillwatch.campaigns.observation import odds
from stillwatch.config import Standing
from stillwatch.evidence import Reason


def role(account: Mapping[str, Any], config: Standing) -> str:
    """harvester, carrier, spare, victim or unknown, from what the account did."""
    if account["exchanges"] == 0:
        return "spare"
    if _broken_history(account, config):
        return "victim"
    if account["harvested"] >= config.harvester_share * account["exchanges"]:
        return "harvester"
    return "carrier"


def _broken_history(account: Mapping[str, Any], config: Standing) -> bool:
    """An old customer whose own traffic and the campaign's come from different networks: the key was stolen."""
    return bool(
        (account["age_days"] or 0) >= config.victim_age_days
        and account["harvested"] > 0
        and account["own_before"] >= config.victim_own_exchanges
        and account["common_prefixes"] == 0
        and account["identity_ties"] == 0
    )


def membership(account: Mapping[str, Any], config: Standing) -> float:
    """Probability that the account belongs to its cluster: partners inside, and use of the cluster's own templates."""
    bits = (
        config.identity_bits * math.log2(1 + account["identity_ties"])
        + min(config.network_cap, config.network_bits * math.log2(1 + account["network_ties"]))
        + min(config.network_cap, config.network_bits * math.log2(1 + account["timing_ties"]))
        - config.prior_bits
    )
    if account["framed"] > 0:
        bits += config.harvest_bits
    return odds(bits)


def verdict(score: float, confidence: float, config: Standing) -> str:
    """clear, watch or campaign; an account is in a campaign only if its cluster is one."""
    if confidence >= config.campaign_score and score >= config.account_score:
        return "campaign"
    return "watch" if score >= config.watch_score else "clear"


def reasons(account: Mapping[str, Any], cluster: list[Reason], config: Standing) -> list[Reason]:
    """The account's own reasons first, then the cluster's strongest, which it shares with the other members."""
    own = [
        Reason(
            code="partners",
            text=f"tied to {account['partners']:,} of {account['cluster_accounts']:,} members ({account['kinds']})",
            weight=config.identity_bits * math.log2(1 + account["partners"]),
            innocent_explanation="a person can share an address, a card or a machine with a member and know nothing of it",
            finding="coordination",
        )
    ]
    if account["harvested"]:
        own.append(
            Reason(
                code="harvested",
                text=f"{account['harvested']:,} of its {account['exchanges']:,} exchanges use the campaign's own templates",
                weight=config.harvest_bits,
                innocent_explanation="a customer of a reseller whose proxy adds the campaign's text to every request",
                finding="extraction",
            )
        )
    shared = sorted(cluster, key=lambda reason: -abs(reason.weight))[: config.shared_reasons]
    return own + shared
