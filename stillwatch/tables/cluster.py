"""What is measured of each candidate cluster, against everybody else."""

from __future__ import annotations

from stillwatch.tables.column import BOOL, F64, I64, INSTANT, TEXT, Column, Table

CLUSTER_FEATURES = Table(
    "cluster_features",
    "Per cluster and rate: how its members differ from the unclustered.",
    (
        Column("cluster_id", TEXT, "the cluster; empty for the unclustered", required=True),
        Column("rate", TEXT, "column of accounts, or made of one", required=True),
        Column("mean", F64, "mean over accounts", required=True),
        Column("spread", F64, "standard deviation over accounts", required=True),
        Column("accounts", I64, "accounts that have a value", required=True),
    ),
)

CLUSTER_HOURS = Table(
    "cluster_hours",
    "Hours in which sampled members were active; cluster_id '' sums up the unclustered.",
    (
        Column("cluster_id", TEXT, "the cluster; empty for the unclustered", required=True),
        Column("account_id", TEXT, "the member; empty for the unclustered", required=True),
        Column("hour", INSTANT, "start of the hour, UTC", required=True),
        Column("accounts", I64, "accounts active", required=True),
    ),
)

CLUSTER_TIES = Table(
    "cluster_ties",
    "Per cluster and kind: what its members share with each other.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("kind", TEXT, "kind of tie", required=True),
        Column("family", TEXT, "family of the kind", required=True),
        Column("values", I64, "values that at least two members hold", required=True),
        Column("most", I64, "members that hold the most shared one", required=True),
        Column("pairs", I64, "pairs of members with a common value, each value counted", required=True),
        Column("tied", I64, "members that share a value with another", required=True),
    ),
)

TIED_ELSEWHERE = Table(
    "tied_elsewhere",
    "Per kind, among accounts in no candidate cluster: how many share a value of it.",
    (
        Column("kind", TEXT, "kind of tie", required=True),
        Column("accounts", I64, "accounts that hold a value", required=True),
        Column("tied", I64, "of those, sharing an uncrowded one with any other account", required=True),
    ),
)

CLUSTER_TEMPLATES = Table(
    "cluster_templates",
    "Per cluster and template: how far it is the cluster's own, and whether its prompts repeat.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("field", TEXT, "prompt or system", required=True),
        Column("template_id", TEXT, "the template", required=True),
        Column("users", I64, "members that use it", required=True),
        Column("exchanges", I64, "members' exchanges made from it", required=True),
        Column("first_seen", INSTANT, "members' first use", required=True),
        Column("last_seen", INSTANT, "members' last use", required=True),
        Column("all_users", I64, "accounts that use it", required=True),
        Column("all_exchanges", I64, "exchanges made from it", required=True),
        Column("prompts", I64, "different prompts of members", required=True),
        Column("repeated", I64, "of those, sent by two or more members", required=True),
        Column("senders", F64, "members that sent one of those prompts, on average", required=True),
        Column(
            "ties", BOOL, "its users are tied by other things, and nearly all bring items of their own", required=True
        ),
    ),
)

CLUSTER_OWNERS = Table(
    "cluster_owners",
    "Per cluster: who its members say they are.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("members", I64, "accounts", required=True),
        Column("organizations", I64, "different organisations", required=True),
        Column("largest_organization", I64, "members in the largest", required=True),
        Column("payers", I64, "different payment instruments", required=True),
        Column("with_payer", I64, "members whose instrument is known", required=True),
        Column("domains", I64, "different mail domains", required=True),
        Column("largest_domain", I64, "members in the largest", required=True),
        Column("largest_domain_everywhere", I64, "accounts anywhere with a mail address there", required=True),
        Column("pathways", I64, "different pathways", required=True),
        Column("identified", F64, "share of members that proved their identity, 0..1"),
        Column("declared_members", I64, "members of a declared organisation, reseller or evaluation", required=True),
        Column("age_days", F64, "median days from sign-up to first exchange"),
    ),
)

CLUSTER_DAYS = Table(
    "cluster_days",
    "Per cluster and day: what its members did.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("day", INSTANT, "start of the day, UTC", required=True),
        Column("exchanges", I64, "exchanges", required=True),
        Column("output_tokens", I64, "tokens out", required=True),
        Column("accounts", I64, "members active", required=True),
    ),
)

CLUSTER_TOTALS = Table(
    "cluster_totals",
    "Per cluster: what its members did over the whole window.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("exchanges", I64, "exchanges", required=True),
        Column("output_tokens", I64, "tokens out", required=True),
        Column("first_seen", INSTANT, "first exchange"),
        Column("last_seen", INSTANT, "last exchange"),
    ),
)
