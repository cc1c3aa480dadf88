"""Who answers for a cluster: one accountable organisation speaks for innocence, hidden common ownership against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stillwatch.config import Campaigns
from stillwatch.evidence import Reason

# What a common operator leaves and strangers do not: things somebody obtained, one account's secret or its turned-away
# request in another's hands, and one schedule. A product's customers share a template, a client and an egress address, and
# none of these. They may well share the hour of their sign-up: that of the product's launch.
_ONE_HAND = ("shared_signature", "failover", "synchrony")
_IDENTITY = ("shared_payment", "shared_device", "shared_phone", "email_pattern")


def owner_reasons(
    cluster_id: str, owners: Mapping[str, Any], ties: Sequence[Reason], config: Campaigns
) -> list[Reason]:
    """Reasons about fraud, covertness and innocence that follow from who the members say they are."""
    members = owners["members"]
    kinds = {reason.code for reason in ties}
    identity = [reason for reason in ties if reason.code in _IDENTITY]
    hidden = [*identity, *(reason for reason in ties if reason.code in _ONE_HAND)]
    one_owner = owners["largest_organization"] / members
    reasons: list[Reason] = []
    if one_owner >= config.one_owner_share:
        reasons += _innocence(
            "one_organization",
            f"{one_owner:.0%} of the members belong to one organisation, which answers for them",
            {"fraud": 1.5, "covertness": 1.5},
            f"SELECT max(n) FROM (SELECT count(*) AS n FROM accounts JOIN clusters USING (account_id) "
            f"WHERE cluster_id = '{cluster_id}' GROUP BY organization_id)",
            float(owners["largest_organization"]),
            config,
        )
    elif hidden and one_owner < config.many_faces_share and not _one_name(owners, config):
        strongest = max(hidden, key=lambda reason: reason.weight)
        reasons.append(
            Reason(
                code="many_faces",
                text=(
                    f"the members present themselves as unrelated customers ({owners['domains']:,} mail domains, "
                    f"{max(owners['organizations'], 1):,} organisations, {owners['pathways']} pathways), yet "
                    + strongest.text[0].lower()
                    + strongest.text[1:]
                ),
                weight=min(config.cap_bits, strongest.weight),
                innocent_explanation=strongest.innocent_explanation,
                finding="covertness",
                query=strongest.query,
                value=strongest.value,
            )
        )
        shared = next((reason for reason in ties if reason.code == "shared_payment"), None)
        if shared is not None:
            reasons.append(
                Reason(
                    code="strangers_payment",
                    text=f"{shared.value:,.0f} members pay with an instrument of a member of no common organisation",
                    weight=min(config.cap_bits, shared.weight),
                    innocent_explanation=shared.innocent_explanation,
                    finding="fraud",
                    query=shared.query,
                    value=shared.value,
                )
            )
    if owners["declared_members"] >= config.one_owner_share * members:
        reasons += _innocence(
            "declared",
            f"{owners['declared_members']:,} members belong to an organisation or programme that declared itself",
            {"coordination": 1.0, "extraction": 2.0, "fraud": 2.0, "covertness": 2.0},
            "",
            float(owners["declared_members"]),
            config,
        )
    if ties and not hidden:
        reasons += _innocence(
            "network_only",
            "the members share networks, sign-up hours, clients or texts, but no payment, device or number",
            {"fraud": 1.0, "covertness": 1.0},
            "",
            None,
            config,
        )
    own_payers = owners["payers"] >= config.one_owner_share * owners["with_payer"]
    if own_payers and "shared_payment" not in kinds and owners["with_payer"] >= config.one_owner_share * members:
        reasons += _innocence(
            "independent_payers",
            f"{owners['payers']:,} different payers pay for {owners['with_payer']:,} members",
            {"fraud": 1.0},
            "",
            float(owners["payers"]),
            config,
        )
    if owners["age_days"] is not None and owners["age_days"] >= config.established_days:
        reasons += _innocence(
            "established",
            f"half of the members were customers for {owners['age_days']:.0f} days or more before this traffic",
            {"fraud": 0.5, "covertness": 0.5},
            "",
            float(owners["age_days"]),
            config,
        )
    if owners["identified"] is not None and owners["identified"] >= config.identified_share:
        reasons += _innocence(
            "identified",
            f"{owners['identified']:.0%} of the members proved their identity",
            {"fraud": 1.0, "covertness": 0.5},
            "",
            float(owners["identified"]),
            config,
        )
    return reasons


def _one_name(owners: Mapping[str, Any], config: Campaigns) -> bool:
    """Whether members present themselves as one firm: all with addresses of one mail domain, which is mostly theirs."""
    return bool(
        owners["largest_domain"] >= config.one_owner_share * owners["members"]
        and owners["largest_domain"] >= config.own_domain_share * owners["largest_domain_everywhere"]
    )


def _innocence(
    code: str, text: str, on: Mapping[str, float], query: str, value: float | None, config: Campaigns
) -> list[Reason]:
    """The same observation, taken off each finding it speaks against, in multiples of the general cap."""
    return [
        Reason(
            code=code,
            text=text,
            weight=-config.cap_bits * share,
            innocent_explanation="this is itself the innocent explanation, weighed against the finding",
            finding=finding,
            query=query,
            value=value,
        )
        for finding, share in on.items()
    ]
