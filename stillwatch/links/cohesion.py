"""Crowded templates whose users are tied by other things too: then the template itself ties them.

A coding agent's template has thousands of users, and hardly any two of them share a card, a device or an address. A
campaign's template may have as many, but most of them are tied to another user of it. How many, is compared with what as
many accounts drawn at random would show, given the values that these hold (`excess`: 0 as by chance, 1 everybody). A
template ties its users when two families of ties say so of nearly all. It also ties those who bring items of their own,
when a third of them show one hand (a card, a device, a number, a secret of another account, a sign-up in the same half
hour) and the others are as busy, and use the template for as much of it, as these do.
The last is asked because resold traffic brings a product's template to a campaign: there the tied users are the
campaign's and send it now and then, the others are the product's own and send little else.
Ties inside one organisation do not count: two firms that use one template would be one cluster else.
Innocent when: one company's keys share a template and a payer (judged as one organisation); a BYOK product's customers
share its template and its one egress address, which is one family of ties, and no hand; customers who came in the hours
after a product's launch show one, and are tied: that they have nothing else to hide is weighed when they are judged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import ibis
from ibis import Table, _

from stillwatch.config import Links
from stillwatch.links.surprise import surprise

KIND = "cohesive_template"
WITNESSES = ("identity", "replay", "network", "registration", "other")  # not templates and timing: a product gives both
ARRIVAL = "arrival"
MOST_CHANCE = 0.25  # chance of as many other sign-ups in a half hour, up to which these tie
ONE_HAND = ("identity", "replay", ARRIVAL)  # what strangers who happen to use one product do not share


def cohesive_templates(
    template_users: Table,
    template_spread: Table,
    accounts: Table,
    account_values: Table,
    shared_values: Table,
    config: Links,
) -> Table:
    """One row per template: how its users are tied to each other, by which families, and bits; and, of those users alone
    who bring items of their own, how many show one hand.
    """
    known = (accounts, account_values, shared_values)
    # Users who each pay for themselves are a product's by all that says little; one hand is seen in spite of that.
    witnessed = _witnessed(
        template_users.anti_join(template_spread.filter(_.independent), "template_id"), *known, config
    )
    directed = _directed(template_users.filter(_.own_items), *known, config)
    every = template_users.group_by("template_id").agg(users=_.count()).filter(_.users >= config.min_users)
    measured = (
        every.left_join(witnessed, "template_id")
        .drop("template_id_right")
        .left_join(directed, "template_id")
        .select(
            "template_id",
            "users",
            tied=_.tied.fill_null(0),
            families=_.families.fill_null(0),
            excess=_.excess.fill_null(0.0),
            bits=_.bits.fill_null(0.0),
            own_users=_.own_users.fill_null(0),
            hand_excess=_.hand_excess.fill_null(0.0),
            alike=_.alike.fill_null(False),
            hand_bits=_.hand_bits.fill_null(0.0),
        )
    )
    return measured.mutate(
        firm=(_.families >= config.min_families)
        & (_.excess >= config.tied_excess)
        & (_.bits >= config.min_cohesive_bits),
        hand=(_.hand_excess >= config.hand_excess) & _.alike & (_.hand_bits >= config.min_hand_bits),
    )


def _witnessed(users: Table, accounts: Table, account_values: Table, shared_values: Table, config: Links) -> Table:
    """Ties among the users of each template: by all families together, and how many families witness them."""
    tied = _tied(_enough(users, config), accounts, account_values, shared_values, WITNESSES)
    families = (
        _excess(tied.group_by("template_id", "users", "family"))
        .group_by("template_id")
        .agg(families=(_.excess >= config.family_excess).sum())
    )
    everything = _excess(_by_any(tied).group_by("template_id", "users"))
    return everything.join(families, "template_id").select("template_id", "tied", "families", "excess", "bits")


def _directed(users: Table, accounts: Table, account_values: Table, shared_values: Table, config: Links) -> Table:
    """Of these users of each template: how many show one hand, and whether the others use it as those do."""
    enough = _enough(users, config)
    tied = _by_any(_tied(enough, accounts, account_values, shared_values, ONE_HAND))
    counted = _excess(tied.group_by("template_id", "users"))
    alike = _alike(enough, tied.filter(_.tied), config)
    return counted.left_join(alike, "template_id").select(
        "template_id", "alike", own_users=_.users, hand_excess=_.excess, hand_bits=_.bits
    )


def _enough(users: Table, config: Links) -> Table:
    """Users of templates that have enough of them to speak of, with their number."""
    sizes = users.group_by("template_id").agg(users=_.count()).filter(_.users >= config.min_users)
    return users.join(sizes, "template_id")


def _tied(
    users: Table, accounts: Table, account_values: Table, shared_values: Table, families: tuple[str, ...]
) -> Table:
    """Per template, user and family: whether it is tied to other users, and the chance of that among random accounts.

    In a busy half hour somebody else always signed up; there a sign-up ties only with more of them than that.
    """
    met = _met(users, accounts, account_values, shared_values, families)
    anybody = 1.0 - (-met.expected).exp()
    busy = (met.family == ARRIVAL) & (anybody > MOST_CHANCE)
    tied = (
        met.mutate(
            ties=ibis.ifelse(busy, met.surprise >= -math.log2(MOST_CHANCE), met.others > 0),
            chance=ibis.ifelse(busy, MOST_CHANCE, anybody),
        )
        .group_by("template", "users", "account", "family")
        .agg(tied=_.ties.any(), by_chance=1.0 - (1.0 - _.chance).ln().sum().exp())
        .mutate(by_chance=ibis.least(_.by_chance, ibis.literal(0.999999)))
    )
    named = tied.join(_templates(users), "template").join(_names(accounts), "account")
    return named.select("template_id", "users", "account_id", "family", "tied", "by_chance")


def _met(
    users: Table, accounts: Table, account_values: Table, shared_values: Table, families: tuple[str, ...]
) -> Table:
    """Per template, user and value: how many other users hold it, how many are expected to, and the surprise in bits.

    Each other holder of a value is among the template's users with the chance of any account. All by numbers: tens of
    millions of rows are met, and their texts would be most of the work.
    """
    usable = _usable(shared_values, families)
    of_account = (
        account_values.join(usable, ["kind", "value"])
        .join(_names(accounts), "account_id")
        .select("account", "owner", "family", "holders", value="number")
    )
    held = (
        users.join(_templates(users), "template_id")
        .join(_names(accounts).select("account_id", "account"), "account_id")
        .select("template", "users", "account")
        .join(of_account, "account")
    )
    owners = held.group_by("template", "value").agg(others=_.owner.nunique() - 1)
    population = accounts.agg(population=_.count())
    # A left join, though each has one: inner ones DuckDB may turn round, and pair all users of a template first.
    met = (
        held.left_join(owners, ["template", "value"], rname="{name}_of")
        .cross_join(population)
        .mutate(expected=(_.holders - 1) * (_.users - 1) / ibis.greatest(_.population - 1, 1).cast("float64"))
    )
    return met.select(
        "template", "users", "account", "value", "family", "others", "expected",
        surprise=surprise(met.others, met.expected),
    )  # fmt: skip


def _templates(users: Table) -> Table:
    return users.select("template_id").distinct().mutate(template=ibis.row_number().over(order_by="template_id"))


def _names(accounts: Table) -> Table:
    """Each account's number, and that of who answers for it: its organisation, if it has one."""
    owner = accounts.select("account_id", owner=ibis.coalesce(_.organization_id, _.account_id))
    return owner.select(
        "account_id",
        account=ibis.row_number().over(order_by="account_id"),
        owner=ibis.dense_rank().over(order_by="owner"),
    )


def _usable(shared_values: Table, families: tuple[str, ...]) -> Table:
    usable = shared_values.filter(~_.crowded & _.family.isin(families))
    number = ibis.row_number().over(order_by=["kind", "value"])
    return usable.select("kind", "value", "family", holders="accounts", number=number)


def _by_any(tied: Table) -> Table:
    """Per template and user: whether any family ties it, and the chance that one of them would."""
    return tied.group_by("template_id", "users", "account_id").agg(
        tied=_.tied.any(), by_chance=1.0 - (1.0 - _.by_chance).ln().sum().exp()
    )


def _excess(grouped: ibis.expr.types.groupby.GroupedTable) -> Table:
    """How many are tied; the share of those that chance would not tie; and bits: odds of being tied over odds by chance."""
    counted = grouped.agg(tied=_.tied.sum(), by_chance=_.by_chance.sum())
    share, chance = (_.tied + 1) / (_.users + 2), (_.by_chance + 1) / (_.users + 2)
    return counted.mutate(
        excess=(_.tied - _.by_chance) / ibis.greatest(_.users - _.by_chance, ibis.literal(1e-9)),
        bits=(share / (1 - share)).log2() - (chance / (1 - chance)).log2(),
    )


def _alike(users: Table, tied: Table, config: Links) -> Table:
    """Whether the users who show no common hand are as busy as those who do, and use the template for as much of it.

    The area under the curve of either measure (Mann-Whitney) lies near one half then, but for its standard error.
    """
    named = tied.select("template_id", "account_id", named=ibis.literal(True))
    sides = users.left_join(named, ["template_id", "account_id"]).mutate(named=_.named.fill_null(False))
    counted = sides.group_by("template_id").agg(named_users=_.named.sum(), others=(~_.named).sum())
    error = ((_.named_users + _.others + 1) / (12.0 * _.named_users * _.others)).sqrt()
    compared = counted.filter((_.named_users > 0) & (_.others > 0)).mutate(most=config.alike_area + 2.0 * error)
    alike = ibis.literal(True)
    for measure in ("share", "everything"):
        compared = compared.join(_area(sides, measure), "template_id")
        alike = alike & ((_[measure] - 0.5).abs() <= _.most)
    nobody_else = counted.filter((_.named_users > 0) & (_.others == 0))
    return compared.select("template_id", alike=alike).union(
        nobody_else.select("template_id", alike=ibis.literal(True))
    )


def _area(sides: Table, measure: str) -> Table:
    """Chance that a user with a common hand has more of the measure than one without; equal ones count half."""
    ranked = sides.mutate(rank=ibis.rank().over(ibis.window(group_by="template_id", order_by=measure)) + 1.0)
    equal = ranked.group_by("template_id", measure).agg(equal=_.count())
    ranked = ranked.join(equal, ["template_id", measure]).mutate(rank=_.rank + (_.equal - 1) / 2.0)
    means = ranked.group_by("template_id").agg(
        mean_rank=_.rank.mean(where=_.named), with_one=_.named.sum(), without=(~_.named).sum()
    )
    means = means.filter((_.with_one > 0) & (_.without > 0))
    return means.select("template_id", **{measure: (means.mean_rank - (means.with_one + 1) / 2.0) / means.without})


def cohesion_values(t: Mapping[str, Table], config: Links) -> tuple[Table, Table]:
    """Holders and values of the templates that tie, in the form that `pairs.cohesive_links` reads.

    Users of a template that ties by one hand, and who signed up in one half hour beyond chance, share that as well.
    """
    tying = t["cohesive_templates"].filter(_.firm | _.hand)
    users = t["template_users"].join(tying.select("template_id", "firm"), "template_id").filter(_.firm | _.own_items)
    known = (t["accounts"], t["account_values"], t["shared_values"])
    enough = _enough(users, config)
    met = _met(enough, *known, (ARRIVAL,)).filter(_.surprise >= config.min_batch_bits)
    together = (
        met.select("template", "account", "surprise", number="value")
        .join(_templates(enough), "template")
        .join(_names(t["accounts"]), "account")
        .join(_usable(t["shared_values"], (ARRIVAL,)), "number")
        .select("account_id", "surprise", batch=_.template_id + "/" + _.value)
    )
    values = ibis.union(
        tying.select(value=_.template_id, bits=ibis.ifelse(_.firm, _.bits, _.hand_bits), firm=_.firm, batch=False),
        together.group_by(value=_.batch).agg(
            bits=ibis.least(_.surprise.max(), ibis.literal(config.batch_bits)), firm=ibis.literal(False), batch=True
        ),
    )
    holders = ibis.union(
        users.select("account_id", "share", value=_.template_id),
        together.select("account_id", share=ibis.literal(0.0), value=_.batch),
    )
    kind = ibis.literal(KIND)
    return holders.mutate(kind=kind), values.mutate(kind=kind, family=ibis.literal("workload"))
