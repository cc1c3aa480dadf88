"""When each member of a cluster was made, put to use and banned; and what those that began after a ban inherited.

An account that the campaign harvests with begins with its first harvest, whatever its owner sent before.
Innocent when: a colleague goes on with a machine, an address and a prompt when an account is closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
from ibis import Table, _

from stillwatch.campaigns.inside import inside

WITHIN_SECONDS = 48 * 3600  # from a ban to a begin that may be owed to it: after two days four in five delays are over
NOT_INHERITED = ("succession", "lockstep", "shared_address")  # these say when, or on which day, and count elsewhere
CROWD = 1000  # members, beyond which what they hold is no batch of cards or proxies, and makes millions of pairs
MOST_SHARE = 0.25  # of the members: what more of them hold hardly tells one from another, two bits at most


def lives(candidates: Table, accounts: Table, harvest: Table, links: Table, at_signup: Sequence[str]) -> Table:
    """One row per account of a candidate cluster (tables.LIVES); `at_signup` are the kinds of tie that need no traffic."""
    who = candidates.select("account_id", "cluster_id")
    taken = (
        harvest.filter(_.framed)
        .group_by("account_id")
        .agg(
            first_harvest=_.timestamp.min(),
            last_harvest=_.timestamp.max(),
            harvest_days=_.timestamp.truncate("D").nunique(),
        )
    )
    spoke = accounts.select("account_id", "created_at", "banned_at", "first_seen", "last_seen", "days")
    joined = who.join(spoke, "account_id").left_join(taken, "account_id", rname="{name}_of_harvest")
    ties = inside(who, links.filter(_.kind.isin(at_signup)))
    tied = ties.select("account_id", tied_at_signup=ibis.literal(True)).distinct()
    return joined.left_join(tied, "account_id", rname="{name}_of_ties").select(
        "cluster_id",
        "account_id",
        "created_at",
        began=ibis.coalesce(_.first_harvest, _.first_seen),
        ended=ibis.coalesce(_.last_harvest, _.last_seen),
        days=ibis.coalesce(_.harvest_days, _.days),
        banned_at=_.banned_at,
        tied_at_signup=_.tied_at_signup.fill_null(False),
    )


def held(t: Mapping[str, Table]) -> Table:
    """What few members of a cluster with a ban hold: values of ties, addresses whatever the day, templates (tables.HELD)."""
    lives = t["lives"]
    members = lives.group_by("cluster_id").agg(members=_.count(), bans=_.banned_at.count()).filter(_.bans > 0)
    who = lives.select("account_id", "cluster_id").join(members.select("cluster_id", "members"), "cluster_id")
    uncrowded = t["shared_values"].filter(~_.crowded & ~_.kind.isin(NOT_INHERITED)).select("kind", "value")
    values = t["account_values"].semi_join(uncrowded, ["kind", "value"])
    spoke = t["uses"].filter(_.address.notnull()).select("account_id", kind=ibis.literal("address"), value="address")
    addresses = spoke.semi_join(who, "account_id").distinct()  # of members only: all accounts have hundreds of millions
    sent = t["account_templates"].filter(_.field == "prompt")
    templates = sent.select("account_id", kind=ibis.literal("template"), value="template_id")
    of_members = ibis.union(values.select("account_id", "kind", "value"), addresses, templates).join(who, "account_id")
    counted = of_members.group_by("cluster_id", "kind", "value").mutate(holders=_.count())
    few = counted.filter((_.holders >= 2) & (_.holders <= CROWD) & (_.holders <= MOST_SHARE * _.members))
    return few.select("cluster_id", "account_id", "kind", "value", bits=(_.members / _.holders).log2())


def inherited(lives: Table, held: Table) -> Table:
    """Values that a banned member holds and one that began within two days as well (tables.INHERITED)."""
    began = lives.filter(_.began.notnull()).select("account_id", "began", "banned_at")
    of = held.join(began, "account_id")
    before = of.filter(_.banned_at.notnull()).select(
        "cluster_id", "kind", "value", banned_account="account_id", until="banned_at"
    )
    both = of.join(before, ["cluster_id", "kind", "value"]).filter(
        (_.began > _.until) & (_.began.epoch_seconds() - _.until.epoch_seconds() <= WITHIN_SECONDS)
    )
    return both.group_by("cluster_id", "banned_account", "kind", account="account_id").agg(bits=_.bits.max())
