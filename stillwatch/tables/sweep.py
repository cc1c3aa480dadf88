"""Attempts to get at what a model does not show, and where many different ones were made in a short time."""

from __future__ import annotations

from stillwatch.tables.column import F64, I64, INSTANT, TEXT, Column, Table

TECHNIQUE_HOURS = Table(
    "technique_hours",
    "Per account and hour: techniques first tried then. A technique is a prompt of no template that was refused or reaches "
    "for hidden reasoning, and that few others send; it counts for who sent it first.",
    (
        Column("account_id", TEXT, "the account; of none that declared itself", required=True),
        Column("hour", INSTANT, "start of the hour, UTC", required=True),
        Column("techniques", I64, "different techniques first tried in the hour", required=True),
        Column("refused", I64, "of those, refused at least once", required=True),
    ),
)

TECHNIQUE_SPREAD = Table(
    "technique_spread",
    "One row: how techniques are spread over the account-days of accounts in no candidate cluster, as sums.",
    (
        Column("groups", I64, "candidate clusters, each of which is tested", required=True),
        Column("sent", F64, "exchanges", required=True),
        Column("techniques", F64, "techniques", required=True),
        Column("sent_squared", F64, "sum of squares of exchanges", required=True),
        Column("techniques_squared", F64, "sum of squares of techniques", required=True),
        Column("products", F64, "sum of products of the two", required=True),
    ),
)

SWEEP_HOURS = Table(
    "sweep_hours",
    "Per cluster with any technique, and for the unclustered, and hour: what was tried and what was sent.",
    (
        Column("cluster_id", TEXT, "the cluster; empty for the unclustered", required=True),
        Column("hour", INSTANT, "start of the hour, UTC", required=True),
        Column("techniques", I64, "techniques first tried in the hour", required=True),
        Column("sent", I64, "exchanges of any kind", required=True),
        Column("sent_squared", F64, "sum of the squares of each account's", required=True),
    ),
)

SWEEP_WINDOWS = Table(
    "sweep_windows",
    "Spans of hours in which a group tried far more techniques than its own time elsewhere and other accounts explain.",
    (
        Column("cluster_id", TEXT, "the cluster; empty for the unclustered", required=True),
        Column("begins", INSTANT, "first hour with a technique, UTC", required=True),
        Column("ends", INSTANT, "end of the last one, UTC", required=True),
        Column("expected", F64, "techniques to be expected in so many hours", required=True),
        Column("p_value", F64, "chance of as many in any span of any group", required=True),
    ),
)

SWEEPS = Table(
    "sweeps",
    "Those spans, with what was done in them.",
    (
        *SWEEP_WINDOWS.columns,
        Column("techniques", I64, "techniques first tried", required=True),
        Column("accounts", I64, "accounts that tried them first", required=True),
        Column("exchanges", I64, "exchanges of these accounts in the hours in which they tried any", required=True),
        Column("refused", I64, "techniques that were refused", required=True),
    ),
)
