"""How much an exchange without a template of the campaign's looks like those with one.

Half of what is harvested has no frame around it. But a pipeline sends its requests with one set of parameters, and
wants one kind of answer; resold traffic comes with the parameters of its many senders. So the form of a request
(parameters, first turn or not, tools, capability) is counted among exchanges in the cluster's own templates, among those
of unclustered accounts, and among those of members in other people's templates, which were resold; the ratio of the first
to the commoner of the others is evidence, in bits. Learned anew for every cluster.
Innocent when: a reseller's customer happens to use the pipeline's parameters; hence the cap, and the cluster's own share.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

from stillwatch.config import Campaigns
from stillwatch.evidence import CAPABILITIES

_FINEST = 100  # steps a unit of temperature: two decimals are what people set
_HOTTEST = 2_000  # steps, from which temperatures are one: no interface takes more than two units


def form(uses: Table) -> ibis.Value:
    """The form of a request as one number; what is not logged is one form too. Texts of it were half of this stage's work."""
    parts = (  # value from 0, and how many there are
        ((uses.temperature * _FINEST).round().clip(0, _HOTTEST).fill_null(_HOTTEST + 1), _HOTTEST + 2),
        (_known(uses.stream), 3),
        (_known(uses.turn == 0), 3),
        (uses.has_tools.cast("int64"), 2),
        (uses.system_hash.notnull().cast("int64"), 2),
        (uses.capability, len(CAPABILITIES)),
    )
    number = uses.max_tokens.cast("int64").fill_null(-1)
    for value, several in parts:
        number = number * several + value.cast("int64")
    return number


def _known(truth: ibis.Value) -> ibis.Value:
    return truth.cast("int64").fill_null(2)


def likeness(uses: Table, candidates: Table, own_templates: Table, judged: Table, config: Campaigns) -> Table:
    """(cluster_id, form, bits) of every form seen among the harvest of a cluster that is at least watched."""
    watched = judged.filter(_.confidence >= config.likeness_confidence).select("cluster_id")
    formed = uses.select("account_id", "template_id", form=form(uses))
    members = formed.join(candidates.select("account_id", "cluster_id"), "account_id").join(watched, "cluster_id")
    own = own_templates.filter(_.field == "prompt").select("cluster_id", "template_id", own=ibis.literal(1))
    marked = members.left_join(own, ["cluster_id", "template_id"]).drop("cluster_id_right", "template_id_right")
    resold = marked.template_id.notnull() & marked.own.isnull()
    by_form = marked.group_by("cluster_id", "form").agg(seeds=_.own.sum().fill_null(0), resold=resold.sum())
    totals = marked.group_by("cluster_id").agg(
        all_seeds=_.own.sum().fill_null(0), all_resold=resold.sum(), all_exchanges=_.count()
    )
    outside = formed.anti_join(candidates, "account_id").group_by("form").agg(others=_.count())
    everybody = outside.agg(all_others=_.others.sum())
    joined = (
        by_form.join(totals, "cluster_id")
        .filter(_.all_seeds >= config.min_prompts)
        .left_join(outside, "form")
        .drop("form_right")
        .cross_join(everybody)
    )
    inside = (joined.seeds + 1) / (joined.all_seeds + config.form_prior)
    elsewhere = ibis.greatest(
        (joined.others.fill_null(0) + 1) / (joined.all_others.fill_null(0) + config.form_prior),
        (joined.resold + 1) / (joined.all_resold + config.form_prior),
    )
    share = (joined.all_seeds + 1) / (joined.all_exchanges + 2)
    bits = (inside / elsewhere).log2().clip(-config.form_bits, config.form_bits) + (share / (1 - share)).log2()
    return joined.select("cluster_id", "form", bits=bits)
