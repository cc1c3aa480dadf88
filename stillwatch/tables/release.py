"""What clusters and everybody else did around the release of a model."""

from __future__ import annotations

from stillwatch.tables.column import F64, I64, INSTANT, TEXT, Column, Table

ACCOUNT_RELEASES = Table(
    "account_releases",
    "Per account, release and day counted from it: exchanges; of a cluster with templates of its own, those made from them.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("cluster_id", TEXT, "its cluster; empty for the unclustered", required=True),
        Column("new_model", TEXT, "the released model", required=True),
        Column("released_at", INSTANT, "its release", required=True),
        Column("window", I64, "days of 24 hours since the release; 0 is the day after it", required=True),
        Column("hour", I64, "hours since the release, in the day after it; null in every other"),
        Column("exchanges", I64, "exchanges", required=True),
        Column("moved", I64, "of those, to the new model", required=True),
    ),
    of_exchanges=True,
)

CLUSTER_RELEASES = Table(
    "cluster_releases",
    "Per cluster and release: how much moved to the new model at once, against everybody else.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("new_model", TEXT, "the released model", required=True),
        Column("released_at", INSTANT, "its release", required=True),
        Column("hours", F64, "hours counted from the release", required=True),
        Column("accounts", I64, "members active in them", required=True),
        Column("exchanges", I64, "their exchanges", required=True),
        Column("moved", I64, "of those, to the new model", required=True),
        Column("mean", F64, "mean share of a member, 0..1", required=True),
        Column(
            "population_share",
            F64,
            "share that moved of the unclustered: of all, or of accounts as busy, whichever is more, 0..1",
        ),
        Column(
            "half_hours",
            F64,
            "hours until the share since the release was half of what it was over all of them; null for no move",
        ),
    ),
)

RELEASE_SHARES = Table(
    "release_shares",
    "Per cluster and release: how many accounts of each class of volume sent which share to the new model in the day after.",
    (
        Column("cluster_id", TEXT, "the cluster; empty for the unclustered", required=True),
        Column("new_model", TEXT, "the released model", required=True),
        Column("volume", I64, "class of volume: whole part of log2 of the account's exchanges", required=True),
        Column("step", I64, "share of its exchanges to the new model, in twentieths, 0..20", required=True),
        Column("accounts", I64, "accounts", required=True),
    ),
)

RELEASE_DAYS = Table(
    "release_days",
    "Per cluster and whole day counted from a release: what was sent.",
    (
        Column("cluster_id", TEXT, "the cluster; empty for the unclustered", required=True),
        Column("new_model", TEXT, "the released model", required=True),
        Column("released_at", INSTANT, "its release", required=True),
        Column("window", I64, "days of 24 hours since the release; 0 is the day after it", required=True),
        Column(
            "exchanges",
            F64,
            "exchanges; of the unclustered none counts for more than the busiest tenth of account days begins with",
            required=True,
        ),
    ),
)

RELEASE_RESPONSE = Table(
    "release_response",
    "Per cluster and release: how far its mix of models and its volume changed, and how likely that is by chance.",
    (
        *CLUSTER_RELEASES.columns,
        Column("p_value", F64, "chance that as many accounts of the same classes of volume, moving half as much again as "
               "others do, move as much", required=True),
        Column("volume_ratio", F64, "exchanges in the day after the release, over those of a day of the week before"),
        Column("population_volume_ratio", F64, "the same of the unclustered"),
        Column("volume_p_value", F64, "share of other days on which it outgrew the unclustered as far; null for too few days"),
    ),
)  # fmt: skip
