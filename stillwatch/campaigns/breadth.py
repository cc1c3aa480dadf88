"""How many of a cluster's own templates a member uses, against how many as many exchanges of the cluster's mixture would.

Workers of one queue are dealt of everything. Who sends many requests of one kind and none of the others met a template
that is public as well, such as the frame of a known benchmark.
Innocent when: it is itself an innocent explanation, and counts for those only who share nothing else (`standing.py`).
"""

from __future__ import annotations

from ibis import Table, _


def breadth(account_templates: Table, own_templates: Table, candidates: Table) -> Table:
    """(account_id, own_kinds, expected_kinds) of members who use their cluster's own prompt templates.

    Expected of n exchanges: the sum over templates of 1 - (1 - p)^n, where p is the template's share of the mixture.
    """
    own = own_templates.filter(_.field == "prompt").select("cluster_id", "template_id")
    used = (
        account_templates.filter(_.field == "prompt")
        .join(candidates.select("account_id", "cluster_id"), "account_id")
        .join(own, ["cluster_id", "template_id"])
    )
    mixture = used.group_by("cluster_id", "template_id").agg(exchanges=_.exchanges.sum())
    mixture = mixture.group_by("cluster_id").mutate(share=_.exchanges / _.exchanges.sum())
    by_account = used.group_by("cluster_id", "account_id").agg(made=_.exchanges.sum(), own_kinds=_.count())
    # Many accounts send equally many, so what to expect is worked out once a number and not once an account.
    expected = (
        by_account.select("cluster_id", "made")
        .distinct()
        .join(mixture.select("cluster_id", "share"), "cluster_id")
        .group_by("cluster_id", "made")
        .agg(expected_kinds=(1.0 - (1.0 - _.share) ** _.made).sum())
    )
    return by_account.join(expected, ["cluster_id", "made"]).select("account_id", "own_kinds", "expected_kinds")
