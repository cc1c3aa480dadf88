"""Extraction, as the templates show it: whose templates they are, and whether the slots are a shared queue.

A template is a cluster's own if nearly all accounts that use it, anywhere, are members; resold traffic can make members
half of a product's users. Most are enough if the template ties its users: then it was tested whether others use it as
these do, and those who are not members were only too weakly tied to be. Members who fill the slots of their
own template from one queue hardly ever send the same prompt twice; a class or an evaluation sends the same items again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from stillwatch.config import Campaigns
from stillwatch.evidence import Reason


def own_templates(templates: Sequence[Mapping[str, Any]], config: Campaigns) -> list[Mapping[str, Any]]:
    """Templates whose users are mostly members, most used first."""
    own = [
        one
        for one in templates
        if one["users"] >= config.min_tied
        and one["users"] >= (config.own_tying_share if one["ties"] else config.own_share) * one["all_users"]
    ]
    return sorted(own, key=lambda one: (-one["exchanges"], one["template_id"]))


def template_reasons(
    cluster_id: str, members: int, exchanges: int, own: Sequence[Mapping[str, Any]], config: Campaigns
) -> list[Reason]:
    """What the cluster's own templates say: shared text (extraction) and shared queue (coordination), or repetition."""
    if not own:
        return []
    listed = ", ".join(f"'{one['template_id']}'" for one in own)
    members_query = (
        "SELECT {what} FROM account_templates JOIN clusters USING (account_id) "
        f"WHERE cluster_id = '{cluster_id}' AND template_id IN ({listed})"
    )
    prompts_own = [one for one in own if one["field"] == "prompt"]
    made = sum(one["exchanges"] for one in prompts_own)
    share = made / max(exchanges, 1)
    users = max(one["users"] for one in own)
    reasons = [
        Reason(
            code="own_template",
            text=(
                f"{users:,} of {members:,} members send the same prompt template, which hardly anybody else uses "
                f"({own[0]['users']:,} of its {own[0]['all_users']:,} users are members)"
            ),
            weight=min(config.cap_bits, math.log2(1 + users)),
            innocent_explanation="a product's customers share its template; colleagues share a macro",
            finding="coordination",
            query=members_query.format(what="count(DISTINCT account_id)"),
            value=None,
        )
    ]
    if prompts_own and share >= config.min_own_share:
        reasons.append(
            Reason(
                code="template_share",
                text=f"{share:.0%} of the exchanges ({made:,}) fill the slots of {len(prompts_own)} templates of its own",
                weight=min(config.cap_bits, math.log2(1 + share / config.min_own_share)),
                innocent_explanation="a templated pipeline in a product does the same",
                finding="extraction",
                query=members_query.format(what="sum(exchanges)") + " AND field = 'prompt'",
                value=float(made),
            )
        )
    reasons += _queue(cluster_id, prompts_own, config)
    return reasons


def _queue(cluster_id: str, own: Sequence[Mapping[str, Any]], config: Campaigns) -> list[Reason]:
    """Overlap: the share of a template's other users who sent a given prompt of it too; 0 a dealt queue, 1 one item set."""
    prompts = sum(one["prompts"] for one in own)
    if prompts < config.min_prompts:
        return []
    senders = sum(one["senders"] * one["prompts"] for one in own) / prompts
    users = sum(one["users"] * one["prompts"] for one in own) / prompts
    overlap = max(senders - 1, 0.0) / max(users - 1, 1.0)
    listed = ", ".join(f"'{one['template_id']}'" for one in own)
    query = (
        "SELECT avg(n) FROM (SELECT count(*) AS n FROM account_prompts JOIN clusters USING (account_id) "
        f"WHERE cluster_id = '{cluster_id}' AND template_id IN ({listed}) GROUP BY template_id, prompt_hash)"
    )
    if overlap <= config.queue_overlap:
        return [
            Reason(
                code="queue_shards",
                text=(
                    f"{prompts:,} different prompts fill its own templates, and each was sent by {senders:.2f} members on "
                    f"average, of {users:,.0f} who use the template: they are dealt, not shared"
                ),
                weight=min(config.queue_bits, math.log2(prompts / config.min_prompts + 1)),
                innocent_explanation="a product's customers bring their own content and do not repeat each other either",
                finding="extraction",
                query=query,
                value=senders,
            )
        ]
    if overlap >= config.item_overlap:
        return [
            Reason(
                code="repeated_items",
                text=(
                    f"{prompts:,} different prompts fill its own templates, and each was sent by {senders:.1f} members on "
                    f"average, of {users:,.0f} who use the template: one set of items, gone through by many"
                ),
                weight=-config.cap_bits * 1.5,
                innocent_explanation="this is how an evaluation or a class with one assignment looks, not a work queue",
                finding="extraction",
                query=query,
                value=senders,
            )
        ]
    return []
