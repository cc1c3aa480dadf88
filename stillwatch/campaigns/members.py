"""What each account of a candidate cluster did there: its ties, its harvest, and the break in its history if there is one."""

from __future__ import annotations

from collections.abc import Mapping

from ibis import Table, _

from stillwatch.campaigns.arrival import arrivals
from stillwatch.campaigns.breadth import breadth
from stillwatch.campaigns.company import company
from stillwatch.campaigns.inside import inside
from stillwatch.config import Standing


def members(t: Mapping[str, Table], config: Standing) -> Table:
    """One row per account of a candidate cluster (tables.MEMBERS)."""
    candidates, accounts, harvest = t["candidates"], t["accounts"], t["harvest"]
    who = candidates.select("account_id", "cluster_id", "cluster_accounts", "partners")
    framed = harvest.filter(_.framed)  # what is surely harvested: the break in a history is judged by this alone
    taken = harvest.group_by("account_id").agg(
        harvested=_.count(), framed=_.framed.sum(), first_harvest=_.timestamp.min(where=_.framed)
    )
    part = _taking_part(who, accounts, taken)
    extras = (
        *_ties(who, t["links"], part),
        taken,
        *_history(who, t["uses"], framed, taken),
        company(t["account_values"], t["shared_values"], who, part),
        arrivals(t["account_values"], t["shared_values"], who, config),
        breadth(t["account_templates"], t["own_templates"], who),
    )
    joined = who.join(accounts.select("account_id", "exchanges", "created_at"), "account_id")
    for extra in extras:
        joined = joined.left_join(extra, "account_id").drop("account_id_right")
    return joined.select(
        "account_id",
        "cluster_id",
        "cluster_accounts",
        "partners",
        kinds=_.kinds.fill_null(""),
        identity_ties=_.identity_ties.fill_null(0),
        met_members=_.met_members.fill_null(0),
        met_others=_.met_others.fill_null(0),
        timing_ties=_.timing_ties.fill_null(0),
        told_ties=_.told_ties.fill_null(0),
        arrival_ties=_.arrival_ties.fill_null(0),
        arrival_bits=_.arrival_bits.fill_null(0.0),
        exchanges=_.exchanges,
        harvested=_.harvested.fill_null(0),
        framed=_.framed.fill_null(0),
        own_kinds=_.own_kinds.fill_null(0),
        expected_kinds=_.expected_kinds.fill_null(0.0),
        own_before=_.own_before.fill_null(0),
        common_prefixes=_.common_prefixes.fill_null(0),
        age_days=(_.first_harvest.epoch_seconds() - _.created_at.epoch_seconds()) / 86400.0,
    )


def _taking_part(who: Table, accounts: Table, taken: Table) -> Table:
    """Members who harvest or stand by; all, in a cluster without a template of its own.

    Ties count to these only: a bystander's own family is no tie to the campaign.
    """
    return (
        who.select("account_id", "cluster_id")
        .join(accounts.select("account_id", "exchanges"), "account_id")
        .left_join(taken.select("account_id", "framed"), "account_id")
        .group_by("cluster_id")
        .mutate(any_framed=_.framed.max())
        .filter((_.framed > 0) | (_.exchanges == 0) | (_.any_framed.fill_null(0) == 0))
        .select("account_id")
    )


def _ties(who: Table, links: Table, part: Table) -> tuple[Table, Table]:
    """Kinds of tie to members, and to how many of those who take part."""
    met = inside(who, links)
    kinds = (
        met.select("account_id", "kind").distinct().group_by("account_id").agg(kinds=_.kind.collect().sort().join(", "))
    )
    named = (
        met.semi_join(part.select(other="account_id"), "other")
        .group_by("account_id")
        .agg(
            identity_ties=_.other.nunique(where=_.family.isin(["identity", "replay", "other"])),
            timing_ties=_.other.nunique(where=_.family == "timing"),
            told_ties=_.other.nunique(where=_.family == "told"),
        )
    )
    return kinds, named


def _history(who: Table, uses: Table, framed: Table, taken: Table) -> tuple[Table, Table]:
    """What an account did before its first harvest, and whether both came from common networks."""
    mine = (
        uses.select("exchange_id", "account_id", "timestamp", "prefix")
        .join(who.select("account_id"), "account_id")
        .anti_join(framed, "exchange_id")
        .join(taken.select("account_id", "first_harvest"), "account_id")
    )
    before = mine.filter(_.timestamp < _.first_harvest).group_by("account_id").agg(own_before=_.count())
    own_prefixes = mine.filter(_.prefix.notnull()).select("account_id", "prefix").distinct()
    common = (
        framed.filter(_.prefix.notnull())
        .select("account_id", "prefix")
        .distinct()
        .join(own_prefixes, ["account_id", "prefix"])
        .group_by("account_id")
        .agg(common_prefixes=_.count())
    )
    return before, common
