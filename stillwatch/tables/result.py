"""What is handed out: the tables of the result folder."""

from __future__ import annotations

import pyarrow as pa

from stillwatch.tables.column import F64, I64, INSTANT, TEXT, Column, Table

REASON = pa.struct(
    [
        pa.field("code", TEXT),
        pa.field("text", TEXT),
        pa.field("weight", F64),
        pa.field("innocent_explanation", TEXT),
    ]
)

RESULT_ACCOUNTS = Table(
    "result_accounts",
    "OUT/accounts.parquet: one row per account seen.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("campaign_id", TEXT, "the campaign it belongs to"),
        Column("score", F64, "calibrated probability of taking part in coordinated extraction, 0..1", required=True),
        Column("verdict", TEXT, "clear, watch or campaign", required=True),
        Column("role", TEXT, "harvester, carrier, spare, victim or unknown"),
        Column(
            "reasons",
            pa.list_(REASON),
            "what was observed, with the ordinary explanation that was weighed",
            required=True,
        ),
    ),
)

RESULT_EXCHANGES = Table(
    "result_exchanges",
    "OUT/exchanges.parquet: one row per exchange attributed to a campaign.",
    (
        Column("exchange_id", TEXT, "the exchange", required=True),
        Column("account_id", TEXT, "its account", required=True),
        Column("campaign_id", TEXT, "the campaign", required=True),
        Column("score", F64, "harvested for training rather than unrelated traffic, 0..1", required=True),
        Column("capability", TEXT, "strongest capability", required=True),
        Column("template_id", TEXT, "template of the prompt"),
    ),
    of_exchanges=True,
)

RESULT_REPLAY = Table(
    "result_replay",
    "OUT/replay.parquet: who was found at each look of a replay; one row per look and account of a campaign.",
    (
        Column("at", INSTANT, "the look: nothing later was read for it", required=True),
        Column("campaign_id", TEXT, "the campaign, by the name that it keeps over all looks", required=True),
        Column("account_id", TEXT, "the account", required=True),
        Column("score", F64, "its score at that look, 0..1", required=True),
        Column("confidence", F64, "of its campaign, 0..1", required=True),
        Column("alarm_bits", F64, "evidence against its campaign, as alarms weigh it", required=True),
        Column("harvested", I64, "its exchanges attributed to the harvest by then", required=True),
    ),
)

RESULT_GROUPS = Table(
    "result_groups",
    "OUT/groups.parquet: every group that was judged at each look of a replay, honest or not.",
    (
        Column("at", INSTANT, "the look", required=True),
        Column("group_id", TEXT, "the group, named after its first account: not the same at every look", required=True),
        Column("accounts", I64, "accounts", required=True),
        Column("confidence", F64, "that it is a campaign, 0..1", required=True),
        Column("alarm_bits", F64, "evidence that it is not honest in any way, bits", required=True),
    ),
)
