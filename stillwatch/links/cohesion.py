"""Crowded templates whose users are tied by other things too: then the template itself ties them.

A coding agent's template has thousands of users, and hardly any two of them share a card, a device or an address. A
campaign's template may have as many, but nearly all of them are tied to another user of it. So the weight of sharing
a crowded template is log2 of the odds that its users are tied among themselves, over the odds that accounts are at all.
Ties inside one organisation do not count: two firms that use one template would be one cluster else.
Innocent when: one company's keys share a template and a payer (judged as one organisation); a BYOK product's customers
share its template and its one egress address, which is one family of ties, and two are asked for.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

from stillwatch.config import Links

KIND = "cohesive_template"


def cohesive_templates(
    account_templates: Table, template_spread: Table, accounts: Table, links: Table, config: Links
) -> Table:
    """One row per template: its users, how many are tied to another user of it, by how many families, and bits."""
    products = template_spread.filter(_.independent)
    users = account_templates.anti_join(products, "template_id").select("account_id", "template_id").distinct()
    owner = accounts.select("account_id", owner=ibis.coalesce(_.organization_id, _.account_id))
    ties = (
        links.filter(~_.family.isin(["product", "timing"]))
        .join(owner.select(account_a="account_id", owner_a="owner"), "account_a")
        .join(owner.select(account_b="account_id", owner_b="owner").view(), "account_b")
        .filter(_.owner_a != _.owner_b)
    )
    # Each side's templates are made distinct before the sides meet: left to itself, DuckDB joins all users of a template
    # with each other first (2 million exchanges took 9 s and 1 GB for it).
    pair = ("account_a", "account_b", "family")
    of_a = ties.join(users.select(account_a="account_id", template_id="template_id"), "account_a")
    of_b = ties.join(users.select(account_b="account_id", template_id="template_id"), "account_b")
    inside = (
        of_a.select(*pair, "template_id")
        .distinct()
        .join(of_b.select(*pair, "template_id").distinct().view(), [*pair, "template_id"])
    )
    ends = ibis.union(
        inside.select("family", "template_id", account_id=_.account_a),
        inside.select("family", "template_id", account_id=_.account_b),
    )
    by_family = ends.distinct().group_by("template_id", "family").agg(tied=_.count())
    tied = ends.select("template_id", "account_id").distinct().group_by("template_id").agg(tied=_.count())
    sizes = users.group_by("template_id").agg(users=_.count())
    witnessed = (
        by_family.join(sizes, "template_id")
        .filter(_.tied >= config.family_share * _.users)
        .group_by("template_id")
        .agg(families=_.count())
    )
    everyone = accounts.agg(accounts=_.count())
    anywhere = ibis.union(ties.select(account_id=_.account_a), ties.select(account_id=_.account_b)).distinct()
    tied_anywhere = anywhere.agg(all_tied=_.count())
    joined = (
        sizes.join(tied, "template_id").join(witnessed, "template_id").cross_join(everyone).cross_join(tied_anywhere)
    )
    # The rate to compare with is that of accounts that do not use the template: its users may be most of a small log.
    others = joined.accounts - joined.users
    rate = (ibis.greatest(joined.all_tied - joined.tied, 0) + 1) / (others + 2)
    share = (joined.tied + 1) / (joined.users + 2)
    bits = (share / (1 - share)).log2() - (rate / (1 - rate)).log2()
    return joined.select("template_id", "users", "tied", "families", rate=rate, bits=bits)


def cohesion_values(account_templates: Table, cohesive: Table, config: Links) -> tuple[Table, Table]:
    """Holders and values of the templates that tie, in the form that `pairs.links` reads."""
    tying = cohesive.filter(
        (_.families >= config.min_families)
        & (_.tied >= config.tied_share * _.users)
        & (_.bits >= config.min_cohesive_bits)
    )
    values = tying.select(
        kind=ibis.literal(KIND), value=_.template_id, family=ibis.literal("workload"), crowded=ibis.literal(False),
        accounts=_.users, bits=_.bits,
    )  # fmt: skip
    holders = (
        account_templates.join(tying.select("template_id"), "template_id")
        .select("account_id", kind=ibis.literal(KIND), value=_.template_id)
        .distinct()
    )
    return holders, values
