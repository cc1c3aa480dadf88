"""How often the prompts that members put into their cluster's own templates were sent more than once, by anybody.

A queue deals each of its items once. Who runs a benchmark whose frame a campaign's prompts come near sends the items of one
set, again or after a colleague. Asked of members whom nothing but templates ties, and of some whom more does, to compare.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

TIES = ("identity_ties", "met_members", "timing_ties", "arrival_ties")  # what ties a member besides templates
MOST_COMPARED = 200  # tied members of a cluster whose items are counted: enough to know a share to some hundredths


def items(account_prompts: Table, own_templates: Table, members: Table) -> Table:
    """(account_id, sent, repeated) of those asked: exchanges with own templates, and of them those whose prompt came again."""
    users = members.filter(_.framed > 0).select(
        "account_id", "cluster_id", tied=ibis.or_(*(members[name] > 0 for name in TIES))
    )
    in_order = ibis.window(group_by=["cluster_id", "tied"], order_by="account_id")
    asked = (
        users.mutate(place=ibis.row_number().over(in_order))
        .filter(~_.tied | (_.place < MOST_COMPARED))
        .select("account_id", "cluster_id")
    )
    own = own_templates.filter(_.field == "prompt").select("cluster_id", "template_id")
    theirs = account_prompts.join(asked, "account_id").join(own, ["cluster_id", "template_id"])
    theirs = theirs.select("account_id", "template_id", "prompt_hash", "exchanges")
    times = (
        account_prompts.semi_join(theirs, ["template_id", "prompt_hash"])
        .group_by("template_id", "prompt_hash")
        .agg(times=_.exchanges.sum())
    )
    return (
        theirs.join(times, ["template_id", "prompt_hash"])
        .group_by("account_id")
        .agg(sent=_.exchanges.sum(), repeated=_.exchanges.sum(where=_.times > 1).fill_null(0))
    )
