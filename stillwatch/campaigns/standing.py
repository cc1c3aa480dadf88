"""Where one account stands: its score, verdict, role and reasons, inside a judged cluster.

Membership is not guilt. The score is the cluster's confidence times the probability that the account belongs to it;
the role says what the account does there, and only a harvester is said to harvest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from stillwatch.campaigns.alone import doubted, is_tied, queue_bits
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
    """Probability that the account belongs to its cluster: the sum of its own reasons, in bits, as odds."""
    return odds(sum(reason.weight for reason in own_reasons(account, config)))


def verdict(score: float, confidence: float, config: Standing) -> str:
    """clear, watch or campaign; an account is in a campaign only if its cluster is one."""
    if confidence >= config.campaign_score and score >= config.account_score:
        return "campaign"
    return "watch" if score >= config.watch_score else "clear"


def reasons(account: Mapping[str, Any], cluster: list[Reason], config: Standing) -> list[Reason]:
    """The account's own reasons first, then the cluster's strongest, which it shares with the other members."""
    shared = sorted(cluster, key=lambda reason: -abs(reason.weight))[: config.shared_reasons]
    return own_reasons(account, config) + shared


def own_reasons(account: Mapping[str, Any], config: Standing) -> list[Reason]:
    """What ties this one account to its cluster, and what speaks against; `membership` is their sum."""
    members = account["cluster_accounts"]
    identity = config.identity_bits * math.log2(1 + account["identity_ties"])
    company = math.log2((1 + account["met_members"]) / (1 + account["met_others"]))
    network = min(config.network_cap, config.network_bits * max(company, 0.0))
    timing = min(config.network_cap, config.network_bits * math.log2(1 + account["timing_ties"]))
    found = [
        _own(
            "bystander",
            f"most accounts near a cluster of {members:,} have nothing to do with it",
            -config.prior_bits,
            "this is itself the innocent explanation, weighed against the ties",
        ),
        _own(
            "own_identity_ties",
            f"shares a payment, device, number or secret with {account['identity_ties']:,} of {members:,} members",
            identity,
            "a family, or a colleague's card",
        ),
        _own(
            "own_network_ties",
            f"met members {account['met_members']:,} times on its addresses, and others {account['met_others']:,} times",
            network,
            "a household, an office, or a proxy used by strangers",
        ),
        _own(
            "own_timing_ties",
            f"started together with {account['timing_ties']:,} members, again and again",
            timing,
            "the same lesson or the same schedule",
        ),
        _own(
            "own_told_ties",
            f"shows a value that a partner found together with those of {account['told_ties']:,} members",
            min(config.told_cap, config.network_bits * math.log2(1 + account["told_ties"])),
            "the partner is mistaken, or the value was somebody else's before",
        ),
        _own(
            "own_arrival",
            f"signed up in the same half hour as {account['arrival_ties']:,} members",
            account["arrival_bits"],
            "a stranger who happened to sign up then",
        ),
        _own(
            "harvested",
            f"{account['framed']:,} of its {account['exchanges']:,} exchanges use the campaign's own templates",
            config.harvest_bits if _uses(account, config) else 0.0,
            "a customer of a reseller whose proxy adds the campaign's text to every request",
        ),
    ]
    if doubted(account, config):
        found += [
            _own(
                "alone",
                f"shares nothing but templates with it, where {account['tied_share']:.0%} of their other users share more",
                -config.alone_bits,
                "this is itself the innocent explanation: somebody else had the same words from the same source",
            ),
            _own(
                "own_items",
                f"{account['repeated']:,} of the {account['sent']:,} prompts it put into them came again, of it or of others; "
                f"of the members who share more, {account['usual_repeats']:.0%} did",
                queue_bits(account, config),
                "an evaluation that has only begun has sent each of its items once",
            ),
        ]
    if _narrow(account, config):
        found.append(
            _own(
                "narrow",
                f"uses {account['own_kinds']:,} of the campaign's templates, where as many exchanges of others use "
                f"{account['expected_kinds']:.0f}, and shares nothing else with it",
                -config.narrow_bits,
                "this is itself the innocent explanation: it met a template that is public as well",
            )
        )
    if _broken_history(account, config):
        found.append(
            _own(
                "broken_history",
                f"{account['own_before']:,} exchanges of its owner came before, from networks the harvest never used",
                0.0,
                "its owner is a victim: the key was stolen, and is to be replaced",
            )
        )
    return [reason for reason in found if reason.weight or reason.code == "broken_history"]


def _uses(account: Mapping[str, Any], config: Standing) -> bool:
    """One exchange in a thousand that fits a template was no harvest, where others send hundreds."""
    return bool(account["framed"] and account["framed"] >= config.min_use * account["usual_use"] * account["exchanges"])


def _narrow(account: Mapping[str, Any], config: Standing) -> bool:
    """It sends the same one or two of the campaign's many templates, and nothing else ties it to anybody."""
    return not is_tied(account) and 0 < account["own_kinds"] < config.narrow_share * account["expected_kinds"]


def _own(code: str, text: str, weight: float, innocent: str) -> Reason:
    return Reason(code=code, text=text, weight=weight, innocent_explanation=innocent, finding="coordination")
