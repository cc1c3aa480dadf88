"""When each member of a cluster was made, put to use and banned; and what those that began after a ban inherited.

An account that the campaign harvests with begins with its first harvest, whatever its owner sent before.
Innocent when: a colleague goes on with a machine, an address and a prompt when an account is closed.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis import Table, _

from stillwatch.links import ALL

WITHIN_SECONDS = 48 * 3600  # from a ban to a begin that may be owed to it: after two days four in five delays are over
NOT_INHERITED = ("succession", "lockstep", "shared_address")  # these say when, or on which day, and count elsewhere
CROWD = 0.5  # of the members: what more of them hold tells none from another
AT_SIGNUP = tuple(tie.kind for tie in ALL if tie.reads == ("registered",))  # kinds that need no traffic


def lives(candidates: Table, accounts: Table, harvest: Table, links: Table) -> Table:
    """One row per account of a candidate cluster (tables.LIVES)."""
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
    tied = joined.left_join(_tied(who, links), "account_id", rname="{name}_of_ties")
    return tied.select(
        "cluster_id",
        "account_id",
        "created_at",
        began=ibis.coalesce(_.first_harvest, _.first_seen),
        ended=ibis.coalesce(_.last_harvest, _.last_seen),
        days=ibis.coalesce(_.harvest_days, _.days),
        banned_at=_.banned_at,
        tied_at_signup=_.tied_at_signup.fill_null(False),
    )


def inherited(t: Mapping[str, Table]) -> Table:
    """Values that a banned member holds and one that began within two days as well (tables.INHERITED)."""
    lives = t["lives"]
    gone = lives.filter(_.banned_at.notnull() & _.began.notnull())
    gone = gone.select("cluster_id", banned_account="account_id", until="banned_at")
    later = lives.filter(_.began.notnull()).select("cluster_id", "account_id", "began")
    held = _held(t)
    holders = held.group_by("cluster_id", "kind", "value").agg(holders=_.count())
    members = lives.group_by("cluster_id").agg(members=_.count())
    rare = holders.join(members, "cluster_id").filter((_.holders >= 2) & (_.holders < CROWD * _.members))
    before = held.join(gone.select("banned_account", "until"), held.account_id == gone.banned_account)
    before = before.select("cluster_id", "kind", "value", "banned_account", "until")
    after = held.join(later.select("account_id", "began"), "account_id")
    both = after.join(before, ["cluster_id", "kind", "value"]).filter(
        (_.began > _.until) & (_.began.epoch_seconds() - _.until.epoch_seconds() <= WITHIN_SECONDS)
    )
    weighed = both.left_join(rare, ["cluster_id", "kind", "value"], rname="{name}_of_value").filter(_.holders.notnull())
    return weighed.group_by("cluster_id", "banned_account", "kind", account="account_id").agg(
        bits=(_.members / _.holders).log2().max()
    )


def _held(t: Mapping[str, Table]) -> Table:
    """What members of clusters with a ban hold: values of ties, addresses whatever the day, templates."""
    lives = t["lives"]
    who = lives.select("account_id", "cluster_id").semi_join(lives.filter(_.banned_at.notnull()), "cluster_id")
    uncrowded = t["shared_values"].filter(~_.crowded & ~_.kind.isin(NOT_INHERITED)).select("kind", "value")
    values = t["account_values"].join(uncrowded, ["kind", "value"]).select("account_id", "kind", "value")
    addresses = t["uses"].filter(_.address.notnull()).select("account_id", value="address").distinct()
    sent = t["account_templates"].filter(_.field == "prompt").select("account_id", value="template_id")
    parts = [
        values.join(who, "account_id").select("cluster_id", "account_id", "kind", "value"),
        *(
            one.join(who, "account_id").select("cluster_id", "account_id", kind=ibis.literal(kind), value="value")
            for kind, one in (("address", addresses), ("template", sent))
        ),
    ]
    return ibis.union(*parts)


def _tied(who: Table, links: Table) -> Table:
    """Accounts with a link inside their cluster that needs no traffic."""
    kept = links.filter(_.kind.isin(AT_SIGNUP))
    both = ibis.union(
        kept.select(account_id="account_a", other="account_b"), kept.select(account_id="account_b", other="account_a")
    )
    met = both.join(who, "account_id").join(who.select(other="account_id", other_cluster="cluster_id"), "other")
    # In words that are no condition to join by, as in members.py.
    inside = met.filter(_.cluster_id.nullif(_.other_cluster).isnull())
    return inside.select("account_id", tied_at_signup=ibis.literal(True)).distinct()
