"""What a cluster did when a new model came out, against what everybody did.

Everybody moves on launch day; a campaign moves at once and a lot, because a new model is what it is after.
Innocent when: an evaluation that runs on every new model on its first day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import ibis
from ibis import Table, _

from stillwatch.campaigns.observation import normal_tail
from stillwatch.config import Campaigns
from stillwatch.evidence import Reason

WITHIN_HOURS = 24  # the campaign that moved did so within a day


def cluster_releases(account_hours: Table, releases: Table, candidates: Table) -> Table:
    """Per cluster ('' for the unclustered) and release: accounts active in the day after it, their mean share moved."""
    after = account_hours.cross_join(releases.select(new_model="model", released_at="released_at")).filter(
        (_.hour >= _.released_at.truncate("h"))
        & (_.hour.epoch_seconds() < _.released_at.epoch_seconds() + WITHIN_HOURS * 3600)
    )
    by_account = after.group_by("account_id", "new_model", "released_at").agg(
        moved=_.exchanges.sum(where=_.model == _.new_model).fill_null(0), exchanges=_.exchanges.sum()
    )
    tagged = by_account.left_join(candidates.select("account_id", "cluster_id"), "account_id").mutate(
        cluster_id=_.cluster_id.fill_null(""), share=_.moved / _.exchanges
    )
    counted = tagged.group_by("cluster_id", "new_model", "released_at").agg(
        accounts=_.count(),
        exchanges=_.exchanges.sum(),
        moved=_.moved.sum(),
        mean=_.share.mean(),
        spread=_.share.std(how="pop"),
    )
    everybody = counted.filter(_.cluster_id == "").select(
        "new_model",
        population_share=_.moved / _.exchanges,
        population_mean="mean",
        population_spread="spread",
    )
    return (
        counted.filter(_.cluster_id != "")
        .left_join(everybody, "new_model")
        .select(
            "cluster_id", "new_model", "released_at", "accounts", "exchanges", "moved", "mean",
            hours=ibis.literal(float(WITHIN_HOURS)),
            population_share=_.population_share, population_mean=_.population_mean,
            population_spread=_.population_spread,
        )
    )  # fmt: skip


def release_p(row: Mapping[str, Any]) -> float:
    """Chance that as many ordinary accounts moved as much: normal test of the members' mean share."""
    if row["population_mean"] is None or not row["accounts"]:
        return 1.0
    error = max(row["population_spread"] or 0.0, 0.05) / math.sqrt(row["accounts"])
    return normal_tail((row["mean"] - row["population_mean"]) / error)


def release_reasons(rows: Sequence[Mapping[str, Any]], config: Campaigns) -> list[Reason]:
    """One reason per release that the cluster jumped on."""
    reasons = []
    for row in rows:
        share = row["moved"] / row["exchanges"]
        expected = row["population_share"] or 0.0
        bits = math.log2((share + config.rate_floor) / (expected + config.rate_floor))
        p_value = release_p(row)
        if p_value > config.max_p or bits < config.min_bits or row["accounts"] < config.min_accounts:
            continue
        reasons.append(
            Reason(
                code="release_response",
                text=(
                    f"{share:.0%} of its exchanges went to {row['new_model']} within {row['hours']:.0f} hours of its "
                    f"release; {expected:.0%} of everybody else's"
                ),
                weight=min(config.cap_bits / 2, bits),
                innocent_explanation="evaluations run on every new model on its first day",
                finding="extraction",
                query="",
                value=share,
                p_value=p_value,
            )
        )
    return reasons
