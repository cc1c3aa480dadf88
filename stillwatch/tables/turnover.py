"""How a candidate cluster replaces the accounts it loses."""

from __future__ import annotations

from stillwatch.tables.column import BOOL, F64, I64, INSTANT, TEXT, Column, Table

LIVES = Table(
    "lives",
    "When each member was made, put to use and banned.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("account_id", TEXT, "the member", required=True),
        Column("created_at", INSTANT, "sign-up"),
        Column("began", INSTANT, "first harvested exchange, or first exchange where none is; null when it never spoke"),
        Column("ended", INSTANT, "last of these exchanges"),
        Column("days", I64, "days on which there are any", required=True),
        Column("banned_at", INSTANT, "banned by the provider"),
        Column("tied_at_signup", BOOL, "tied to another member by what it registered with", required=True),
    ),
)

HELD = Table(
    "held",
    "What few members of a cluster with a ban hold.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("account_id", TEXT, "the member", required=True),
        Column("kind", TEXT, "kind of tie, address or template", required=True),
        Column("value", TEXT, "pseudonym of the value", required=True),
        Column("bits", F64, "log2 of members over holders", required=True),
    ),
)

INHERITED = Table(
    "inherited",
    "What members that began after a ban share with the banned one, and how rare that is among the members.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("banned_account", TEXT, "the banned member", required=True),
        Column("account", TEXT, "the one that began later", required=True),
        Column("kind", TEXT, "kind of tie, address or template", required=True),
        Column("bits", F64, "log2 of members over holders of the rarest value they share", required=True),
    ),
)

SUCCESSORS = Table(
    "successors",
    "Members that more likely than not took the place of a banned one.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("banned_account", TEXT, "the one it replaces most likely", required=True),
        Column("account", TEXT, "the successor", required=True),
        Column("hours", F64, "from the ban to its begin", required=True),
        Column("likelihood", F64, "that it replaces a banned member at all, 0..1", required=True),
        Column("of_this", F64, "that it replaces this one, 0..1", required=True),
        Column("shared", TEXT, "kinds of what both share, after commas; empty for none", required=True),
        Column("waited_hours", F64, "from sign-up to its begin"),
    ),
)

TURNOVER = Table(
    "turnover",
    "Per cluster with a ban: how many were replaced, how soon, and how many stand by.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("bans", I64, "banned members that had spoken", required=True),
        Column(
            "starts", I64, "members that began later than the cluster, and not because they are slow", required=True
        ),
        Column("replaced", F64, "starts expected to answer a ban", required=True),
        Column("share", F64, "bans that are answered, 0..1", required=True),
        Column("delay_hours", F64, "median from ban to answer", required=True),
        Column("p_value", F64, "chance of as many answers had the bans been on other days; null in a short history"),
        Column("silent", I64, "members that never spoke", required=True),
        Column("stood_by", I64, "starts of accounts made hours before", required=True),
        Column("stood_by_tied", I64, "of those, tied to another member by what they registered with", required=True),
        Column("pool", F64, "accounts that stand by, with those that nothing ties yet; null when none ever began"),
        Column("pool_low", F64, "lower end of its 95% interval"),
        Column("pool_high", F64, "upper end; null for none"),
    ),
)
