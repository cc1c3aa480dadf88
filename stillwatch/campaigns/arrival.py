"""Who among a cluster's members signed up together with others of them, and what that says of one account, in bits.

log2 of the share of members who signed up in a half hour of another member over the share of outsiders who signed up in
one of these half hours. A network of thousands has signed up in so many that it says little there; for a cluster of
fifty that was made in six batches it says much. Twins of one organisation count: the cluster as a whole is judged elsewhere.
Innocent when: an outsider happened to sign up in the same half hour; hence the cap.
"""

from __future__ import annotations

import ibis
from ibis import Table, _

from stillwatch.config import Standing


def arrivals(account_values: Table, shared_values: Table, candidates: Table, config: Standing) -> Table:
    """(account_id, arrival_ties, arrival_bits) of members who signed up in a half hour of another member."""
    moments = shared_values.filter(_.family == "arrival").select("kind", "value", "population", everywhere="accounts")
    members = account_values.join(moments, ["kind", "value"]).join(
        candidates.select("account_id", "cluster_id", "cluster_accounts"), "account_id"
    )
    met = (
        members.group_by("cluster_id", "cluster_accounts", "kind", "value", "everywhere", "population")
        .agg(here=_.count())
        .filter(_.here >= 2)
    )
    shares = met.group_by("cluster_id", "cluster_accounts", "kind", "population").agg(
        inside=_.here.sum(), outsiders=(_.everywhere - _.here).sum()
    )
    outside = shares.outsiders / ibis.greatest(shares.population - shares.cluster_accounts, 1)
    ratio = (shares.inside / shares.cluster_accounts + config.arrival_floor) / (outside + config.arrival_floor)
    bits = shares.select("cluster_id", "kind", bits=ratio.log2().clip(0.0, config.arrival_cap))
    # Left joins, for the same reason as in company.py.
    return (
        members.left_join(
            met.select("cluster_id", "kind", "value", "here"), ["cluster_id", "kind", "value"], rname="{name}_of"
        )
        .filter(_.here.notnull())
        .left_join(bits, ["cluster_id", "kind"], rname="{name}_of_bits")
        .group_by("account_id")
        .agg(arrival_ties=(_.here - 1).max(), arrival_bits=_.bits.max())
    )
