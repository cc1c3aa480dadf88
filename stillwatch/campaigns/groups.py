"""What is known of each candidate cluster, as tables: features, ties, templates, owners, days, models."""

from __future__ import annotations

import ibis
from ibis import Table, _

from stillwatch.campaigns.rates import RATES
from stillwatch.config import Campaigns


def cluster_features(accounts: Table, candidates: Table) -> Table:
    """Per candidate cluster ('' for the unclustered) and rate: mean, spread and number of the accounts that have it."""
    tagged = accounts.left_join(candidates.select("account_id", "cluster_id"), "account_id").mutate(
        cluster_id=_.cluster_id.fill_null("")
    )
    names = [rate.column for rate in RATES]
    long = tagged.select("cluster_id", **{name: _[name].cast("float64") for name in names}).pivot_longer(
        names, names_to="rate", values_to="value"
    )
    return (
        long.filter(_.value.notnull())
        .group_by("cluster_id", "rate")
        .agg(mean=_.value.mean(), spread=_.value.std(how="pop"), accounts=_.count())
    )


def cluster_ties(account_values: Table, shared_values: Table, accounts: Table, candidates: Table) -> Table:
    """Per cluster and kind: members that share a value with a member of another organisation, and the values shared."""
    inside = _shared(account_values, shared_values, accounts, candidates.select("account_id", "cluster_id"))
    # Each of a value's holders is a row, so pairs come out as the sum of (holders - 1) / 2.
    return inside.group_by("cluster_id", "kind", "family").agg(
        values=_.value.nunique(),
        most=_.holders.max(),
        pairs=(_.holders - 1).sum() // 2,
        tied=_.account_id.nunique(),
    )


def tied_elsewhere(account_values: Table, shared_values: Table, accounts: Table, candidates: Table) -> Table:
    """Per kind, among accounts in no candidate cluster: how many hold a value of it, how many share one."""
    outside = account_values.anti_join(candidates, "account_id")
    holders = outside.group_by("kind").agg(accounts=_.account_id.nunique())
    everyone = outside.select("account_id").distinct().mutate(cluster_id=ibis.literal(""))
    shared = _shared(outside, shared_values, accounts, everyone)
    tied = shared.group_by("kind").agg(tied=_.account_id.nunique())
    return holders.left_join(tied, "kind").select("kind", "accounts", tied=_.tied.fill_null(0))


def _shared(account_values: Table, shared_values: Table, accounts: Table, groups: Table) -> Table:
    """Holdings of values that members of two organisations hold in one group; an account without one is its own."""
    owner = accounts.select("account_id", owner=ibis.coalesce(_.organization_id, _.account_id))
    uncrowded = shared_values.filter(~_.crowded).select("kind", "value", "family")
    held = account_values.join(groups, "account_id").join(owner, "account_id").join(uncrowded, ["kind", "value"])
    counted = held.group_by("cluster_id", "kind", "value").mutate(
        holders=_.count(), first_owner=_.owner.min(), last_owner=_.owner.max()
    )
    return counted.filter(_.first_owner != _.last_owner)


def cluster_templates(
    account_templates: Table, account_prompts: Table, candidates: Table, cohesive_templates: Table, config: Campaigns
) -> Table:
    """Per cluster and template: members and exchanges, users and exchanges anywhere, distinct and repeated prompts;
    and whether it ties its users, who nearly all bring items of their own: a public one has users who go through a set.
    """
    who = candidates.select("account_id", "cluster_id")
    total = account_templates.group_by("field", "template_id").agg(
        all_users=_.account_id.nunique(), all_exchanges=_.exchanges.sum()
    )
    inside = (
        account_templates.join(who, "account_id")
        .group_by("cluster_id", "field", "template_id")
        .agg(users=_.count(), exchanges=_.exchanges.sum(), first_seen=_.first_seen.min(), last_seen=_.last_seen.max())
    )
    prompts = (
        account_prompts.filter(_.template_id != "")
        .join(who, "account_id")
        .group_by("cluster_id", "template_id", "prompt_hash")
        .agg(senders=_.count())
        .group_by("cluster_id", "template_id")
        .agg(prompts=_.count(), repeated=(_.senders >= 2).sum(), senders=_.senders.mean())
    )
    tying = cohesive_templates.filter(_.firm | (_.hand & (_.own_users >= config.own_share * _.users)))
    tying = tying.select("template_id", ties=ibis.literal(True))
    return (
        inside.join(total, ["field", "template_id"])
        .left_join(prompts, ["cluster_id", "template_id"])
        .drop("cluster_id_right", "template_id_right")
        .left_join(tying, "template_id")
        .select(
            "cluster_id", "field", "template_id", "users", "exchanges", "first_seen", "last_seen", "all_users",
            "all_exchanges", prompts=_.prompts.fill_null(0), repeated=_.repeated.fill_null(0),
            senders=_.senders.fill_null(0.0), ties=_.ties.fill_null(False),
        )
    )  # fmt: skip


def cluster_owners(accounts: Table, registered: Table, declared: Table, candidates: Table) -> Table:
    """Per cluster: organisations, payers, domains, pathways; the share of the largest organisation; declared members."""
    paid = registered.select("account_id", payer=_.payment_fingerprint)
    known = (
        declared.filter(_.kind.isin(["organization", "reseller", "evaluation"]))
        .select(organization_id=_.id, declared_kind=_.kind)
        .distinct()
    )
    members = (
        candidates.select("account_id", "cluster_id")
        .join(
            accounts.select("account_id", "organization_id", "email_domain", "pathway", "verification", "age_days"),
            "account_id",
        )
        .left_join(paid, "account_id")
        .drop("account_id_right")
        .left_join(known, "organization_id")
    )
    largest = (
        members.filter(_.organization_id.notnull())
        .group_by("cluster_id", "organization_id")
        .agg(n=_.account_id.nunique())
        .group_by("cluster_id")
        .agg(largest_organization=_.n.max())
    )
    everywhere = accounts.group_by("email_domain").agg(everywhere=_.count())
    domain = (
        members.filter(_.email_domain.notnull())
        .group_by("cluster_id", "email_domain")
        .agg(n=_.account_id.nunique())
        .join(everywhere, "email_domain")
        .group_by("cluster_id")
        .agg(
            largest=ibis.struct({"n": _.n, "rarest": -_.everywhere}).max()
        )  # of two as large, the one with fewer others
        .select("cluster_id", largest_domain=_.largest["n"], largest_domain_everywhere=-_.largest["rarest"])
    )
    counted = members.group_by("cluster_id").agg(
        members=_.account_id.nunique(),
        organizations=_.organization_id.nunique(),
        payers=_.payer.nunique(),
        with_payer=_.payer.count(),
        domains=_.email_domain.nunique(),
        pathways=_.pathway.nunique(),
        identified=(_.verification == "identity").cast("float64").mean(),
        declared_members=_.declared_kind.count(),
        age_days=_.age_days.median(),
    )
    return (
        counted.left_join(largest, "cluster_id")
        .drop("cluster_id_right")
        .left_join(domain, "cluster_id")
        .drop("cluster_id_right")
        .mutate(
            largest_organization=_.largest_organization.fill_null(0),
            largest_domain=_.largest_domain.fill_null(0),
            largest_domain_everywhere=_.largest_domain_everywhere.fill_null(0),
        )
    )


def cluster_days(account_hours: Table, candidates: Table) -> Table:
    """Per cluster and day: exchanges, tokens, accounts."""
    return (
        account_hours.join(candidates.select("account_id", "cluster_id"), "account_id")
        .group_by("cluster_id", day=_.hour.truncate("D"))
        .agg(exchanges=_.exchanges.sum(), output_tokens=_.output_tokens.sum(), accounts=_.account_id.nunique())
        .order_by("cluster_id", "day")
    )


def cluster_totals(accounts: Table, candidates: Table) -> Table:
    """Per cluster: everything its members did."""
    members = accounts.join(candidates.select("account_id", "cluster_id"), "account_id")
    return members.group_by("cluster_id").agg(
        exchanges=_.exchanges.sum(),
        output_tokens=_.output_tokens.sum(),
        first_seen=_.first_seen.min(),
        last_seen=_.last_seen.max(),
    )


def cluster_hours(account_hours: Table, candidates: Table, sampled: int) -> Table:
    """Active hours of up to `sampled` members of each cluster, and of the unclustered taken together."""
    place = ibis.row_number().over(ibis.window(group_by="cluster_id", order_by=["partners", "account_id"]))
    chosen = candidates.mutate(place=place).filter(_.place < sampled).select("account_id", "cluster_id")
    hours = account_hours.select("account_id", "hour").distinct()
    members = hours.join(chosen, "account_id").select(
        "cluster_id", "account_id", "hour", accounts=ibis.literal(1, "int64")
    )
    others = (
        hours.anti_join(candidates, "account_id")
        .group_by("hour")
        .agg(accounts=_.count())
        .select(cluster_id=ibis.literal(""), account_id=ibis.literal(""), hour=_.hour, accounts=_.accounts)
    )
    return ibis.union(members, others)
