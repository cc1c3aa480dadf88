"""Which exchanges were harvested.

An exchange counts as harvested when its prompt or system prompt is made from a template that is the cluster's own, when
it goes on with a conversation that was opened with one, when it elicits hidden reasoning on an account of the cluster,
or when it has no template and the form of the harvest. A campaign that has no template at all relays what others wrote;
then everything its accounts send is what it is after. The score is the cluster's confidence times the template's
purity, so a template that outsiders use as well scores low.
"""

from __future__ import annotations

import math

import ibis
from ibis import Table, _

from stillwatch.campaigns.continuation import framed
from stillwatch.campaigns.likeness import form
from stillwatch.config import Standing
from stillwatch.evidence import CAPABILITIES, ELICITATIONS

ELICITED = 0.6  # purity given to an elicitation without a template of its own: more likely harvest than not
LIKE = 2.0  # bits from which an exchange without a template counts as harvested: four to one
WHOLE = 0.9  # purity of all that a campaign without templates sends: what a relay carries is what it is after
LN2 = math.log(2)
TRACE = 2 ** ELICITATIONS.index("trace_reconstruction")


def harvest(
    uses: Table,
    candidates: Table,
    own_templates: Table,
    follow_ups: Table,
    likeness: Table,
    judged: Table,
    config: Standing,
) -> Table:
    """Harvested exchanges of candidate clusters: (exchange, account, cluster, score, capability, template, when, where)."""
    member = uses.join(candidates.select("account_id", "cluster_id"), "account_id").join(
        judged.select("cluster_id", "confidence"), "cluster_id"
    )
    marked = framed(member, own_templates)
    marked = marked.mutate(form=form(marked)).left_join(likeness, ["cluster_id", "form"], rname="{name}_of_form")
    followed = follow_ups.select(follow_up="exchange_id", opened="purity")
    marked = marked.left_join(followed, marked.exchange_id == followed.follow_up)
    alike = 1 / (1 + (-marked.bits * LN2).exp())
    unframed = marked.cluster_id.notin(own_templates.cluster_id) & (marked.confidence >= config.campaign_score)
    purity = ibis.greatest(
        ibis.ifelse(unframed, WHOLE, 0.0),
        marked.frame,
        marked.opened.fill_null(0.0),
        ibis.ifelse((marked.elicitation // TRACE) % 2 == 1, ELICITED, 0.0),
        ibis.ifelse(marked.template_id.isnull() & (marked.bits >= LIKE), alike, 0.0).fill_null(0.0),
    )
    names = ibis.cases(*((marked.capability == i, name) for i, name in enumerate(CAPABILITIES)), else_="chat")
    return marked.select(
        "exchange_id", "account_id", "cluster_id", "timestamp", "prefix", "template_id", "output_tokens",
        score=purity * marked.confidence, purity=purity, capability=names,
        framed=marked.frame > 0, elicitation=marked.elicitation,
    ).filter(_.purity > 0)  # fmt: skip
