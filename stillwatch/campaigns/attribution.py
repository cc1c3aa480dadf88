"""Which exchanges were harvested, and what each member did beside harvesting.

An exchange counts as harvested when its prompt or system prompt is made from a template that is the cluster's own, when
it elicits hidden reasoning on an account of the cluster, or when it has no template and the form of the harvest. The
score is the cluster's confidence times the template's purity, so a template that outsiders use as well scores low.
"""

from __future__ import annotations

import math

import ibis
from ibis import Table, _

from stillwatch.campaigns.likeness import form
from stillwatch.evidence import CAPABILITIES, ELICITATIONS

ELICITED = 0.6  # purity given to an elicitation without a template of its own: more likely harvest than not
LIKE = 2.0  # bits from which an exchange without a template counts as harvested: four to one
LN2 = math.log(2)
TRACE = 2 ** ELICITATIONS.index("trace_reconstruction")


def harvest(uses: Table, candidates: Table, own_templates: Table, likeness: Table, judged: Table) -> Table:
    """Harvested exchanges of candidate clusters: (exchange, account, cluster, score, capability, template, when, where)."""
    prompt_own = own_templates.filter(_.field == "prompt").select(
        own_cluster="cluster_id", own_template="template_id", prompt_share="share"
    )
    system_own = own_templates.filter(_.field == "system").select(
        system_cluster="cluster_id", system_own="template_id", system_share="share"
    )
    member = uses.join(candidates.select("account_id", "cluster_id"), "account_id").join(
        judged.select("cluster_id", "confidence"), "cluster_id"
    )
    marked = member.left_join(
        prompt_own, [member.cluster_id == prompt_own.own_cluster, member.template_id == prompt_own.own_template]
    )
    marked = marked.left_join(
        system_own,
        [marked.cluster_id == system_own.system_cluster, marked.system_template_id == system_own.system_own],
    )
    marked = marked.mutate(form=form(marked))
    known = likeness.select(form_cluster="cluster_id", known_form="form", bits="bits")
    marked = marked.left_join(known, [marked.cluster_id == known.form_cluster, marked.form == known.known_form])
    alike = 1 / (1 + (-marked.bits * LN2).exp())
    purity = ibis.greatest(
        marked.prompt_share.fill_null(0.0),
        marked.system_share.fill_null(0.0),
        ibis.ifelse((marked.elicitation // TRACE) % 2 == 1, ELICITED, 0.0),
        ibis.ifelse(marked.template_id.isnull() & (marked.bits >= LIKE), alike, 0.0).fill_null(0.0),
    )
    names = ibis.cases(*((marked.capability == i, name) for i, name in enumerate(CAPABILITIES)), else_="chat")
    return marked.select(
        "exchange_id", "account_id", "cluster_id", "timestamp", "prefix", "template_id", "output_tokens",
        score=purity * marked.confidence, purity=purity, capability=names,
        framed=marked.prompt_share.notnull() | marked.system_share.notnull(), elicitation=marked.elicitation,
    ).filter(_.purity > 0)  # fmt: skip


def members(candidates: Table, links: Table, uses: Table, accounts: Table, harvest: Table) -> Table:
    """One row per account of a candidate cluster: ties inside, harvest, and the break in its history if there is one."""
    who = candidates.select("account_id", "cluster_id", "cluster_accounts", "partners")
    both = ibis.union(
        links.select("kind", "family", account_id=_.account_a, other=_.account_b),
        links.select("kind", "family", account_id=_.account_b, other=_.account_a),
    )
    other = candidates.select(other="account_id", other_cluster="cluster_id")
    inside = both.join(who, "account_id").join(other, "other").filter(_.cluster_id == _.other_cluster)
    kinds = (
        inside.select("account_id", "kind")
        .distinct()
        .group_by("account_id")
        .agg(kinds=_.kind.group_concat(sep=", ", order_by="kind"))
    )
    taken = harvest.group_by("account_id").agg(
        harvested=_.count(), framed=_.framed.sum(), first_harvest=_.timestamp.min(where=_.framed)
    )
    framed = harvest.filter(_.framed)  # what is surely harvested: the break in a history is judged by this alone
    # Ties count to members that take part themselves: a bystander's own family is no tie to the campaign.
    part = (
        who.select("account_id", "cluster_id")
        .join(accounts.select("account_id", "exchanges"), "account_id")
        .left_join(taken.select("account_id", "framed"), "account_id")
        .group_by("cluster_id")
        .mutate(any_framed=_.framed.max())
        .filter((_.framed > 0) | (_.exchanges == 0) | (_.any_framed.fill_null(0) == 0))
        .select(other="account_id")
    )
    named = (
        inside.semi_join(part, "other")
        .group_by("account_id")
        .agg(
            identity_ties=_.other.nunique(where=_.family.isin(["identity", "replay", "other"])),
            network_ties=_.other.nunique(where=_.family == "network"),
            timing_ties=_.other.nunique(where=_.family == "timing"),
        )
    )
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
    joined = who.join(accounts.select("account_id", "exchanges", "created_at"), "account_id")
    for extra in (kinds, named, taken, before, common):
        joined = joined.left_join(extra, "account_id").drop("account_id_right")
    return joined.select(
        "account_id",
        "cluster_id",
        "cluster_accounts",
        "partners",
        kinds=_.kinds.fill_null(""),
        identity_ties=_.identity_ties.fill_null(0),
        network_ties=_.network_ties.fill_null(0),
        timing_ties=_.timing_ties.fill_null(0),
        exchanges=_.exchanges,
        harvested=_.harvested.fill_null(0),
        framed=_.framed.fill_null(0),
        own_before=_.own_before.fill_null(0),
        common_prefixes=_.common_prefixes.fill_null(0),
        age_days=(_.first_harvest.epoch_seconds() - _.created_at.epoch_seconds()) / 86400.0,
    )
