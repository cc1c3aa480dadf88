"""What accounts share, and what ties them; then the clusters those ties make."""

from __future__ import annotations

from stillwatch.tables.column import BOOL, F64, I64, TEXT, Column, Table

ACCOUNT_VALUES = Table(
    "account_values",
    "Which shareable value each account holds: what links are made of.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("kind", TEXT, "kind of tie", required=True),
        Column("value", TEXT, "pseudonym of the value", required=True),
    ),
)

_SHARED = (
    Column("kind", TEXT, "kind of tie", required=True),
    Column("value", TEXT, "pseudonym of the value", required=True),
    Column("family", TEXT, "family of the kind", required=True),
    Column("accounts", I64, "accounts that hold it", required=True),
    Column("population", I64, "accounts that hold any value of the kind", required=True),
    Column("crowded", BOOL, "more accounts hold it than the kind's crowding limit", required=True),
    Column("bits", F64, "weight of sharing it, bits", required=True),
)

OWN_SHARED_VALUES = Table(
    "own_shared_values", "Shared values of our own kinds of tie, weighed by their rarity.", _SHARED
)

GIVEN_SHARED_VALUES = Table(
    "given_shared_values", "Shared values that only the provider knows, weighed by their crowds.", _SHARED
)

SHARED_VALUES = Table("shared_values", "Values that at least two accounts hold, with their crowd and weight.", _SHARED)

TEMPLATE_USERS = Table(
    "template_users",
    "Who uses a template, beyond meeting it by chance.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("template_id", TEXT, "the template", required=True),
        Column("share", F64, "of the account's exchanges, those made from it, 0..1", required=True),
        Column("everything", I64, "exchanges of the account", required=True),
        Column("own_items", BOOL, "most of its exchanges fill it with what nobody sends twice", required=True),
    ),
)

COHESIVE_TEMPLATES = Table(
    "cohesive_templates",
    "Templates with ties among their users, and what sharing them says.",
    (
        Column("template_id", TEXT, "the template", required=True),
        Column("users", I64, "accounts that use it", required=True),
        Column("tied", I64, "of those, tied to another user of it by a value that is no crowd's", required=True),
        Column("families", I64, "families of ties that hold more of its users than chance does", required=True),
        Column("excess", F64, "tied users of those that chance would not tie, 0 as by chance, 1 all", required=True),
        Column("bits", F64, "weight of sharing it, bits", required=True),
        Column("own_users", I64, "users who bring items of their own", required=True),
        Column(
            "hand_excess", F64, "of those, excess by identities, secrets and sign-ups in one half hour", required=True
        ),
        Column("alike", BOOL, "of those, the ones who show no common hand use it as those who do", required=True),
        Column("hand_bits", F64, "of those, weight of sharing it by one hand alone, bits", required=True),
        Column("firm", BOOL, "it ties its users, by several families", required=True),
        Column("hand", BOOL, "it ties the users who bring items of their own, by one hand", required=True),
    ),
)

LINKS = Table(
    "links",
    "Pairs of accounts and what ties them.",
    (
        Column("account_a", TEXT, "the smaller account_id", required=True),
        Column("account_b", TEXT, "the larger account_id", required=True),
        Column("kind", TEXT, "kind of tie", required=True),
        Column("family", TEXT, "family of the kind: kinds of one family count as one witness", required=True),
        Column("weight", F64, "bits", required=True),
        Column("value_pseudonym", TEXT, "the heaviest shared value", required=True),
        Column("values", I64, "how many values of the kind they share", required=True),
    ),
)

MEETINGS = Table(
    "meetings",
    "Pairs of accounts that use given values at about the same time or for about the same amount.",
    LINKS.columns,
)

OWN_PAIRS = Table("own_pairs", "Pairs by our own kinds of tie, before families are limited.", LINKS.columns)

PAIRS = Table("pairs", "Pairs of accounts that meet in shared values and may weigh enough.", LINKS.columns)

TIES = Table("ties", "Links before crowded templates are counted.", LINKS.columns)

HOLDINGS = Table(
    "holdings",
    "How many uncrowded shared values are alike: what is drawn again to see what chance gives.",
    (
        Column("kind", TEXT, "kind of tie", required=True),
        Column("family", TEXT, "family of the kind", required=True),
        Column("bits", F64, "weight of sharing such a value, bits", required=True),
        Column("accounts", I64, "accounts that hold each", required=True),
        Column("population", I64, "accounts that hold any value of the kind", required=True),
        Column("values", I64, "how many values are such", required=True),
    ),
)

CLUSTERS = Table(
    "clusters",
    "Accounts in clusters of at least two.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("cluster_id", TEXT, "G- and a number, largest cluster first", required=True),
        Column("cluster_accounts", I64, "accounts in the cluster", required=True),
        Column("cluster_bits", F64, "bits of all ties inside the cluster", required=True),
        Column(
            "chance_p", F64, "share of shuffles with a heavier cluster, plus one: family-wise p-value", required=True
        ),
        Column("partners", I64, "members the account is tied to", required=True),
        Column("tie_bits", F64, "bits of its ties inside the cluster", required=True),
    ),
)

CANDIDATES = Table("candidates", "Accounts of clusters large enough to be judged.", CLUSTERS.columns)
