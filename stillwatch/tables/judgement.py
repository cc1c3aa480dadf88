"""What is concluded of each candidate cluster, its exchanges and its members."""

from __future__ import annotations

from stillwatch.tables.column import BOOL, F64, I16, I32, I64, INSTANT, TEXT, Column, Table

REASONS = Table(
    "reasons",
    "Every reason for and against, per cluster: the evidence that scores are made of.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("code", TEXT, "name of the observation", required=True),
        Column("text", TEXT, "the sentence, with its numbers", required=True),
        Column("weight", F64, "bits; negative speaks for innocence", required=True),
        Column("innocent_explanation", TEXT, "who shows it too", required=True),
        Column("finding", TEXT, "which finding it bears on", required=True),
        Column(
            "query",
            TEXT,
            "SQL over the stored tables that recomputes the value; empty when there is none",
            required=True,
        ),
        Column("value", F64, "the number the query gives"),
        Column("p_value", F64, "chance in an ordinary group of the same size"),
    ),
)

JUDGED = Table(
    "judged",
    "Candidate clusters with their four findings and confidence.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("accounts", I64, "members", required=True),
        Column("coordination", F64, "finding, 0..1", required=True),
        Column("extraction", F64, "finding, 0..1", required=True),
        Column("fraud", F64, "finding, 0..1", required=True),
        Column("covertness", F64, "finding, 0..1", required=True),
        Column("confidence", F64, "coordination and extraction and one of the others, 0..1", required=True),
        Column("chance_p", F64, "family-wise chance of as heavy a cluster", required=True),
    ),
)

OWN_TEMPLATES = Table(
    "own_templates",
    "Templates whose users are mostly members of one cluster.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("field", TEXT, "prompt or system", required=True),
        Column("template_id", TEXT, "the template", required=True),
        Column("share", F64, "members' share of its exchanges, 0..1", required=True),
    ),
)

HARVEST = Table(
    "harvest",
    "Exchanges of candidate clusters that were harvested.",
    (
        Column("exchange_id", TEXT, "the exchange", required=True),
        Column("account_id", TEXT, "its account", required=True),
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("timestamp", INSTANT, "arrival", required=True),
        Column("prefix", TEXT, "network it came from"),
        Column("template_id", TEXT, "template of the prompt"),
        Column("output_tokens", I32, "tokens out"),
        Column("score", F64, "purity times the cluster's confidence, 0..1", required=True),
        Column("purity", F64, "members' share of the template, 0..1", required=True),
        Column("framed", BOOL, "made from one of the cluster's own templates", required=True),
        Column("capability", TEXT, "strongest capability", required=True),
        Column("elicitation", I16, "bit i set: ELICITATIONS[i] was seen", required=True),
    ),
    of_exchanges=True,
)

HARVEST_DAYS = Table(
    "harvest_days",
    "Per cluster, day and capability: what was harvested.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("capability", TEXT, "strongest capability of the exchanges", required=True),
        Column("day", INSTANT, "start of the day, UTC", required=True),
        Column("exchanges", I64, "harvested exchanges", required=True),
    ),
)

PIVOTS = Table(
    "pivots",
    "Days on which the harvest of a campaign turned from one capability to another.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("at", INSTANT, "start of the first day of the new mix, UTC", required=True),
        Column("from_capability", TEXT, "the capability whose share fell most", required=True),
        Column("to_capability", TEXT, "the capability whose share grew most", required=True),
        Column(
            "from_before", F64, "share of the first, from the pivot before (or the start) to this one", required=True
        ),
        Column("from_after", F64, "the same from this pivot to the next (or the end)", required=True),
        Column("to_before", F64, "share of the second before", required=True),
        Column("to_after", F64, "share of the second after", required=True),
        Column("p_value", F64, "chance that the same days in another order have as clear a split", required=True),
        Column("new_model", TEXT, "model released within a day of it"),
    ),
)

LIKENESS = Table(
    "likeness",
    "Forms of requests in the harvest of each watched cluster, and what they say of an exchange without a template.",
    (
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("form", I64, "parameters, first turn, tools, system prompt, capability, as one number", required=True),
        Column("bits", F64, "log2 odds that an exchange of this form is harvested", required=True),
    ),
)

FOLLOW_UPS = Table(
    "follow_ups",
    "Later turns of conversations that a member opened with a template of its cluster's.",
    (
        Column("exchange_id", TEXT, "the exchange", required=True),
        Column("purity", F64, "how far it is the harvest's, 0..1", required=True),
    ),
    of_exchanges=True,
)

INDICATOR_MATCHES = Table(
    "indicator_matches",
    "Accounts that show an indicator received from others.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("type", TEXT, "type of the indicator", required=True),
        Column("value", TEXT, "its value, or the pseudonym of it", required=True),
        Column("actor", TEXT, "who is said to be behind it"),
        Column("confidence", I32, "0..100, STIX scale"),
        Column("source", TEXT, "who told us"),
        Column("tlp", TEXT, "TLP 2.0 marking"),
        Column("campaign", TEXT, "finding of the source's that it belongs to"),
        Column("origin", TEXT, "who said it first"),
        Column("trust", F64, "how far the source is believed at most, 0..1"),
        Column("accounts", I64, "accounts that show the value", required=True),
        Column("inert", BOOL, "a crowd's, or a declared organisation's: it counts for nothing", required=True),
    ),
)

MEMBERS = Table(
    "members",
    "Accounts of candidate clusters: what they did there.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("cluster_id", TEXT, "the cluster", required=True),
        Column("cluster_accounts", I64, "members", required=True),
        Column("partners", I64, "members it is tied to", required=True),
        Column("kinds", TEXT, "kinds of tie to members", required=True),
        Column(
            "identity_ties",
            I64,
            "members it is tied to by payment, device, number, mail, sign-up or replay",
            required=True,
        ),
        Column("met_members", I64, "meetings with members on an address, each address and day", required=True),
        Column("met_others", I64, "meetings with others there", required=True),
        Column("timing_ties", I64, "members it is tied to by common starts", required=True),
        Column("told_ties", I64, "members it is tied to by values that a partner found together", required=True),
        Column("arrival_ties", I64, "members who signed up in the same half hour", required=True),
        Column("arrival_bits", F64, "what that says of an account of this cluster, bits", required=True),
        Column("exchanges", I64, "exchanges", required=True),
        Column("harvested", I64, "of those, harvested", required=True),
        Column("framed", I64, "of those, made from the cluster's own templates", required=True),
        Column("own_kinds", I64, "own templates it uses", required=True),
        Column(
            "expected_kinds", F64, "own templates that as many exchanges of the cluster's mixture use", required=True
        ),
        Column("own_before", I64, "exchanges that were not harvested, before the first that was", required=True),
        Column("common_prefixes", I64, "networks used both for harvested and other exchanges", required=True),
        Column("age_days", F64, "days from sign-up to the first harvested exchange"),
    ),
)

ITEMS = Table(
    "items",
    "Members who use their cluster's own prompt templates: whether what they fill in came once or again.",
    (
        Column("account_id", TEXT, "the account; all whom nothing else ties, and some others", required=True),
        Column("sent", I64, "its exchanges with the templates", required=True),
        Column("repeated", I64, "of those, with a prompt that was sent more than once, by anybody", required=True),
    ),
)
