"""What a cluster did when a new model came out, against what accounts as busy as its members did.

Everybody moves on launch day, and some classes of accounts more than others; a campaign moves at once and a lot, because
a new model is what it is after. So each member is compared with unclustered accounts of its own class of volume in that
day. Of a cluster with templates of its own only what it sent with them counts: resold traffic moves as its customers do.
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
_DAY = WITHIN_HOURS * 3600
JUMP = 0.3  # of its exchanges, from which it turned to the new model: the disclosed campaign sent it nearly half
MORE = 1.5  # times what was to be expected, from which it is a jump: heavy users differ by a third for no reason
BUSIEST = 0.9  # quantile of exchanges among the others, above which one counts as that busy: few must not speak for all
ENOUGH = 20  # accounts of a class of volume, from which its mean is known to a tenth


def cluster_releases(uses: Table, releases: Table, candidates: Table, own_templates: Table) -> Table:
    """Per cluster and release: accounts active in the day after it, their mean share moved, and what was to be expected.

    Classes of volume are doublings of an account's exchanges in that day; a class of few is compared with everybody.
    """
    own = own_templates.filter(_.field == "prompt").select("cluster_id", "template_id")
    framed = own.select("cluster_id", has_own=ibis.literal(True)).distinct()
    after = (
        uses.select("account_id", "timestamp", "model", "template_id")
        .cross_join(releases.select(new_model="model", released_at="released_at"))
        .filter((_.timestamp >= _.released_at) & (_.timestamp.epoch_seconds() - _.released_at.epoch_seconds() < _DAY))
    )
    tagged = after.left_join(candidates.select("account_id", "cluster_id"), "account_id").drop("account_id_right")
    tagged = tagged.left_join(framed, "cluster_id").drop("cluster_id_right")
    marked = tagged.left_join(own.mutate(is_own=True), ["cluster_id", "template_id"])
    counted = marked.filter(_.cluster_id.isnull() | _.has_own.isnull() | _.is_own.notnull())
    by_account = (
        counted.group_by("account_id", "cluster_id", "new_model", "released_at")
        .agg(moved=(_.model == _.new_model).sum().fill_null(0), exchanges=_.count())
        .mutate(share=_.moved / _.exchanges, volume=_.exchanges.log2().floor().cast("int64"))
    )
    others = by_account.filter(_.cluster_id.isnull())
    busiest = others.group_by("new_model").agg(busiest=_.exchanges.quantile(BUSIEST))
    bounded = others.join(busiest, "new_model").mutate(weight=ibis.least(_.exchanges, _.busiest))
    everybody = bounded.group_by("new_model").agg(
        whole=(_.share * _.weight).sum() / _.weight.sum(), mean=_.share.mean(), variance=_.share.var(how="pop")
    )
    as_busy = (
        others.group_by("new_model", "volume")
        .agg(like=_.count(), like_mean=_.share.mean(), like_variance=_.share.var(how="pop"))
        .filter(_.like >= ENOUGH)
    )
    members = (
        by_account.filter(_.cluster_id.notnull())
        .left_join(everybody, "new_model")
        .drop("new_model_right")
        .left_join(as_busy, ["new_model", "volume"])
        .drop("new_model_right", "volume_right")
        .mutate(expected=_.like_mean.coalesce(_.mean), variance=_.like_variance.coalesce(_.variance))
    )
    return members.group_by("cluster_id", "new_model", "released_at").agg(
        accounts=_.count(),
        exchanges=_.exchanges.sum(),
        moved=_.moved.sum(),
        mean=_.share.mean(),
        hours=ibis.literal(float(WITHIN_HOURS)),
        # Whichever is more: those who try everything new at once are too few in a class of volume to show there.
        population_share=ibis.greatest((_.exchanges * _.expected).sum() / _.exchanges.sum(), _.whole.max()),
        population_mean=_.expected.mean(),
        population_spread=_.variance.mean().sqrt(),
    )


def release_p(row: Mapping[str, Any]) -> float:
    """Chance that as many accounts moved as much that move `MORE` times as others do: normal test of their mean share."""
    if row["population_mean"] is None or not row["accounts"]:
        return 1.0
    error = max(row["population_spread"] or 0.0, 0.05) / math.sqrt(row["accounts"])
    return normal_tail((row["mean"] - MORE * row["population_mean"]) / error)


def release_reasons(rows: Sequence[Mapping[str, Any]], config: Campaigns) -> list[Reason]:
    """One reason per release that the cluster jumped on."""
    reasons = []
    for row in rows:
        share = row["moved"] / row["exchanges"]
        expected = row["population_share"] or 0.0
        bits = math.log2((share + config.rate_floor) / (expected + config.rate_floor))
        p_value = release_p(row)
        if (
            p_value > config.max_p
            or share < max(JUMP, MORE * expected)
            or bits < config.min_bits
            or row["accounts"] < config.min_accounts
        ):
            continue
        reasons.append(
            Reason(
                code="release_response",
                text=(
                    f"{share:.0%} of its exchanges went to {row['new_model']} within {row['hours']:.0f} hours of its "
                    f"release; of others at most {expected:.0%}, be it of all or of those as busy"
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
