"""What a cluster did when a new model came out, against what everybody else did: the tables that are compared.

Everybody moves on launch day, and some classes of accounts more than others; a campaign moves at once and a lot, because
a new model is what it is after. So each member is compared with unclustered accounts of its own class of volume in that
day, and a cluster's volume with its own on other days. Of a cluster with templates of its own only what it sent with them
counts: resold traffic moves as its customers do.
Innocent when: an evaluation that runs on every new model on its first day.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

from stillwatch.seconds import whole_seconds

WITHIN_HOURS = 24  # the campaign that moved did so within a day
_HOUR = 3600
_DAY = WITHIN_HOURS * _HOUR
AROUND_DAYS = 28  # days before and after a release that are looked at: further off, a campaign is another one
BUSIEST = 0.9  # quantile of exchanges among the others, above which one counts as that busy: few must not speak for all
ENOUGH = 20  # accounts of a class of volume, from which its mean is known to a tenth
ENOUGH_EXCHANGES = 20  # since the release, before their share is looked at: of fewer, the first would decide
STEPS = 20  # steps that shares are counted in: a twentieth is less than accounts of one class differ by
SLACK = _HOUR  # seconds that the log's first and last exchange may be inside a day which still counts as whole


def account_releases(uses: Table, releases: Table, candidates: Table, own_templates: Table) -> Table:
    """Per account, release and day counted from it: exchanges, and those to the new model; per hour in the day after it."""
    own = own_templates.filter(_.field == "prompt").select("cluster_id", "template_id")
    framed = own.select("cluster_id", has_own=ibis.literal(True)).distinct()
    around = (
        uses.select("account_id", "timestamp", "model", "template_id")
        .cross_join(releases.select(new_model="model", released_at="released_at"))
        .mutate(since=whole_seconds(_.timestamp) - whole_seconds(_.released_at))
        .filter((_.since >= -AROUND_DAYS * _DAY) & (_.since < AROUND_DAYS * _DAY))
        .mutate(window=(_.since / _DAY).floor().cast("int64"))
    )
    tagged = around.left_join(candidates.select("account_id", "cluster_id"), "account_id").drop("account_id_right")
    tagged = tagged.left_join(framed, "cluster_id").drop("cluster_id_right")
    marked = tagged.left_join(own.mutate(is_own=True), ["cluster_id", "template_id"])
    counted = marked.filter(_.cluster_id.isnull() | _.has_own.isnull() | _.is_own.notnull())
    return (
        counted.mutate(
            cluster_id=_.cluster_id.fill_null(""),
            hour=ibis.ifelse(_.window == 0, (_.since / _HOUR).floor().cast("int64"), ibis.null("int64")),
        )
        .group_by("account_id", "cluster_id", "new_model", "released_at", "window", "hour")
        .agg(exchanges=_.count(), moved=(_.model == _.new_model).sum().fill_null(0).cast("int64"))
    )


def cluster_releases(account_releases: Table) -> Table:
    """Per cluster and release: accounts active in the day after it, their mean share moved, what was to be expected, and when.

    Classes of volume are doublings of an account's exchanges in that day; a class of few is compared with everybody.
    """
    by_account = _day_after(account_releases)
    others = by_account.filter(_.cluster_id == "")
    busiest = others.group_by("new_model").agg(busiest=_.exchanges.quantile(BUSIEST))
    bounded = others.join(busiest, "new_model").mutate(weight=ibis.least(_.exchanges, _.busiest))
    everybody = bounded.group_by("new_model").agg(
        whole=(_.share * _.weight).sum() / _.weight.sum(), mean=_.share.mean()
    )
    as_busy = (
        others.group_by("new_model", "volume").agg(like=_.count(), like_mean=_.share.mean()).filter(_.like >= ENOUGH)
    )
    members = (
        by_account.filter(_.cluster_id != "")
        .left_join(everybody, "new_model")
        .drop("new_model_right")
        .left_join(as_busy, ["new_model", "volume"])
        .drop("new_model_right", "volume_right")
        .mutate(expected=_.like_mean.coalesce(_.mean))
    )
    moved = members.group_by("cluster_id", "new_model", "released_at").agg(
        accounts=_.count(),
        exchanges=_.exchanges.sum(),
        moved=_.moved.sum(),
        mean=_.share.mean(),
        hours=ibis.literal(float(WITHIN_HOURS)),
        # Whichever is more: those who try everything new at once are too few in a class of volume to show there.
        population_share=ibis.greatest((_.exchanges * _.expected).sum() / _.exchanges.sum(), _.whole.max()),
    )
    return moved.left_join(_half_hours(account_releases), ["cluster_id", "new_model"]).drop(
        "cluster_id_right", "new_model_right"
    )


def release_shares(account_releases: Table) -> Table:
    """Per cluster ('' for the unclustered), release, class of volume and share moved, in steps: accounts in the day after."""
    steps = _day_after(account_releases).mutate(step=(_.share * STEPS + 0.5).floor().cast("int64"))
    return steps.group_by("cluster_id", "new_model", "volume", "step").agg(accounts=_.count())


def release_days(account_releases: Table, accounts: Table) -> Table:
    """Per cluster ('' for the unclustered), release and day counted from it that lies within the log: exchanges."""
    log = accounts.agg(log_from=whole_seconds(_.first_seen.min()), log_until=whole_seconds(_.last_seen.max()))
    days = account_releases.group_by("account_id", "cluster_id", "new_model", "released_at", "window").agg(
        exchanges=_.exchanges.sum().cast("float64")
    )
    busiest = days.filter(_.cluster_id == "").group_by("new_model").agg(busiest=_.exchanges.quantile(BUSIEST))
    counted = (
        days.cross_join(log)
        .mutate(begins=whole_seconds(_.released_at) + _.window * _DAY)
        .filter((_.begins >= _.log_from - SLACK) & (_.begins + _DAY <= _.log_until + SLACK))
        .left_join(busiest, "new_model")
        .drop("new_model_right")
        .mutate(exchanges=ibis.ifelse(_.cluster_id == "", ibis.least(_.exchanges, _.busiest), _.exchanges))
    )
    return counted.group_by("cluster_id", "new_model", "released_at", "window").agg(exchanges=_.exchanges.sum())


def _day_after(account_releases: Table) -> Table:
    """Per account: what it sent in the day after a release, the share moved, and its class of volume."""
    return (
        account_releases.filter(_.window == 0)
        .group_by("account_id", "cluster_id", "new_model", "released_at")
        .agg(moved=_.moved.sum().cast("int64"), exchanges=_.exchanges.sum().cast("int64"))
        .mutate(share=_.moved / _.exchanges, volume=_.exchanges.log2().floor().cast("int64"))
    )


def _half_hours(account_releases: Table) -> Table:
    """Per cluster and release: hours until its share on the new model, counted from the release, was half of the day's.

    Counted from the release and not hour by hour, since a quiet hour holds a handful of exchanges.
    """
    key = ["cluster_id", "new_model"]
    hourly = (
        account_releases.filter((_.window == 0) & (_.cluster_id != ""))
        .group_by(*key, "hour")
        .agg(exchanges=_.exchanges.sum().cast("int64"), moved=_.moved.sum().cast("int64"))
    )
    so_far, all_day = ibis.cumulative_window(group_by=key, order_by="hour"), ibis.window(group_by=key)
    summed = hourly.mutate(
        sent=_.exchanges.sum().over(so_far),
        turned=_.moved.sum().over(so_far),
        all_sent=_.exchanges.sum().over(all_day),
        all_turned=_.moved.sum().over(all_day),
    )
    reached = summed.filter(
        (_.all_turned > 0) & (_.sent >= ENOUGH_EXCHANGES) & (2 * _.turned / _.sent >= _.all_turned / _.all_sent)
    )
    return reached.group_by(*key).agg(half_hours=(_.hour.min() + 1).cast("float64"))
