"""Attempts to get at what a model does not show: how many different ones an account made in each hour.

A technique is a prompt of no template that was refused, or that reaches for hidden reasoning. To ask for a rationale is
none: it is good practice, and an auditor does it all day. Nor is a token that is redeemed where it does not belong: that
is one technique, however many tokens there are. Each counts once, for the account that sent it first, so that hours and
accounts add up; and none that is passed around, because items of a benchmark and what the news made everybody try are sent
by many who have nothing else in common.
Innocent when: a red team that declared itself is left out; one that did not shows the same.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

from stillwatch.evidence import ELICITATIONS

FEW_SENDERS = 3  # accounts that may send a technique: its first, and those that a dispatcher tried it on again
_TRACE = 2 ** ELICITATIONS.index("trace_reconstruction")
AGREED = ("organization", "evaluation")  # declarations that say who answers; a reseller's customers are strangers


def technique_hours(uses: Table, accounts: Table, declared: Table) -> Table:
    """Techniques first tried by each account in each hour (tables.TECHNIQUE_HOURS)."""
    reaches = ((_.elicitation // _TRACE) % 2 == 1) & ~((_.turn == 0).fill_null(False) & _.reasoning_signature.notnull())
    refused = (_.outcome == "refused").fill_null(False)
    tried = uses.filter(_.template_id.isnull() & (reaches | refused))
    techniques = (
        tried.group_by("prompt_hash")
        .agg(
            first=ibis.struct({"at": _.timestamp, "who": _.account_id}).min(),
            senders=_.account_id.nunique(),
            refused=(_.outcome == "refused").fill_null(False).cast("int64").max(),
        )
        .filter(_.senders <= FEW_SENDERS)
        .select("refused", account_id=_.first["who"], hour=_.first["at"].truncate("h"))
    )
    return (
        techniques.anti_join(_agreed(accounts, declared), "account_id")
        .group_by("account_id", "hour")
        .agg(techniques=_.count(), refused=_.refused.sum())
    )


def technique_spread(
    technique_hours: Table, account_hours: Table, candidates: Table, accounts: Table, declared: Table
) -> Table:
    """Sums over account-days, from which rate and overdispersion are fitted (tables.TECHNIQUE_SPREAD)."""
    outside = account_hours.anti_join(candidates, "account_id").anti_join(_agreed(accounts, declared), "account_id")
    sent = outside.group_by("account_id", day=_.hour.truncate("D")).agg(sent=_.exchanges.sum().cast("float64"))
    tried = technique_hours.group_by("account_id", day=_.hour.truncate("D")).agg(
        tried=_.techniques.sum().cast("float64")
    )
    days = sent.left_join(tried, ["account_id", "day"]).select("sent", tried=_.tried.fill_null(0.0))
    sums = days.agg(
        sent=_.sent.sum().fill_null(0.0),
        techniques=_.tried.sum().fill_null(0.0),
        sent_squared=(_.sent * _.sent).sum().fill_null(0.0),
        techniques_squared=(_.tried * _.tried).sum().fill_null(0.0),
        products=(_.sent * _.tried).sum().fill_null(0.0),
    )
    groups = candidates.agg(groups=_.cluster_id.nunique())
    anybody = technique_hours.agg(anybody=_.count()).filter(_.anybody > 0)  # where nobody tried, nothing is compared
    return sums.cross_join(groups).cross_join(anybody).drop("anybody")


def sweep_hours(
    technique_hours: Table, account_hours: Table, candidates: Table, accounts: Table, declared: Table
) -> Table:
    """Techniques and exchanges per hour, of each cluster with any technique and of the unclustered (tables.SWEEP_HOURS)."""
    tried = _grouped(technique_hours, candidates).group_by("cluster_id", "hour").agg(techniques=_.techniques.sum())
    sent = (
        _grouped(account_hours.anti_join(_agreed(accounts, declared), "account_id"), candidates)
        .semi_join(tried, "cluster_id")
        .group_by("cluster_id", "account_id", "hour")
        .agg(exchanges=_.exchanges.sum())  # with whatever model
        .group_by("cluster_id", "hour")
        .agg(sent=_.exchanges.sum(), sent_squared=(_.exchanges * _.exchanges.cast("float64")).sum())
    )
    return sent.left_join(tried, ["cluster_id", "hour"]).select(
        "cluster_id", "hour", "sent", "sent_squared", techniques=_.techniques.fill_null(0)
    )


def sweeps(sweep_windows: Table, technique_hours: Table, account_hours: Table, candidates: Table) -> Table:
    """What was done in each span (tables.SWEEPS)."""
    sent = account_hours.semi_join(technique_hours, ["account_id", "hour"])
    sent = sent.group_by("account_id", "hour").agg(exchanges=_.exchanges.sum())  # with whatever model
    whole = technique_hours.left_join(sent, ["account_id", "hour"]).drop("account_id_right", "hour_right")
    tried = _grouped(whole, candidates)
    inside = tried.join(
        sweep_windows,
        (tried.cluster_id == sweep_windows.cluster_id)
        & (tried.hour >= sweep_windows.begins)
        & (tried.hour < sweep_windows.ends),
    )
    return inside.group_by("cluster_id", "begins", "ends", "expected", "p_value").agg(
        techniques=_.techniques.sum(),
        accounts=_.account_id.nunique(),
        exchanges=_.exchanges.sum(),
        refused=_.refused.sum(),
    )


def _grouped(rows: Table, candidates: Table) -> Table:
    """With the cluster of each account; empty for the unclustered."""
    cluster = candidates.select("account_id", "cluster_id")
    return rows.left_join(cluster, "account_id").mutate(cluster_id=_.cluster_id.fill_null("")).drop("account_id_right")


def _agreed(accounts: Table, declared: Table) -> Table:
    """Accounts of organisations and evaluation programmes that declared themselves: what they try was agreed."""
    known = declared.filter(_.kind.isin(AGREED)).select(organization_id=_.id).distinct()
    return accounts.semi_join(known, "organization_id").select("account_id")
