"""Who among a cluster's members signed up together with others of them, and what that says of one account, in bits.

log2 of how many times as likely to be members the others of its own half hour are, as accounts are in general: odds over
odds. A network of thousands has someone in every half hour, so that one of a dozen strangers says nothing there, and
fifteen of twenty say much; so do three of a cluster of fifty. Half hours are told apart, because a network that was made in
batches would otherwise lend their weight to whoever signed up in the same half hour as one member of it.
Twins of one organisation count: the cluster as a whole is judged elsewhere.
Innocent when: an outsider happened to sign up in the half hour of a batch; hence the cap.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

from stillwatch.config import Standing

MOST_SHARE = 0.9  # of all accounts that a cluster is taken for at most: odds of who is everybody are none


def arrivals(account_values: Table, shared_values: Table, candidates: Table, config: Standing) -> Table:
    """(account_id, arrival_ties, arrival_bits) of members who signed up in a half hour of another member.

    One account is added to the half hour that is a member as likely as any: of two people nothing is known for sure.
    """
    moments = shared_values.filter(_.family == "arrival").select("kind", "value", "population", everywhere="accounts")
    members = account_values.join(moments, ["kind", "value"]).join(
        candidates.select("account_id", "cluster_id", "cluster_accounts"), "account_id"
    )
    met = members.group_by("cluster_id", "kind", "value").agg(here=_.count()).filter(_.here >= 2)
    # A left join, for the same reason as in company.py.
    together = members.left_join(met, ["cluster_id", "kind", "value"], rname="{name}_of").filter(_.here.notnull())
    share = ibis.least(together.cluster_accounts / together.population, MOST_SHARE)
    odds = (together.here - 1 + share) / (together.everywhere - together.here + 1 - share)
    bits = (odds * (1 - share) / share).log2().clip(0.0, config.arrival_cap)
    return (
        together.mutate(bits=bits)
        .group_by("account_id")
        .agg(arrival_ties=(_.here - 1).max(), arrival_bits=_.bits.max())
    )
