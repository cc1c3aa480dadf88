"""What is handed out: the tables of the result folder."""

from __future__ import annotations

import pyarrow as pa

from stillwatch.tables.column import BOOL, F64, I64, INSTANT, TEXT, Column, Table
from stillwatch.tables.text import TEMPLATES

_FINDINGS = ("coordination", "extraction", "fraud", "covertness")
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
        Column("role", TEXT, "harvester, carrier, spare, victim or unknown, at that look"),
        *(Column(name, F64, "score of that finding of its campaign, 0..1") for name in _FINDINGS),
        Column("since", INSTANT, "the first look that counted it to a campaign"),
    ),
)

RESULT_WATCHED = Table(
    "result_watched",
    "OUT/watched.parquet: who was watched at each look of a replay, and counted to no campaign.",
    (
        Column("at", INSTANT, "the look: nothing later was read for it", required=True),
        Column("account_id", TEXT, "the account", required=True),
        Column("score", F64, "its score at that look, 0..1", required=True),
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

RESULT_TEMPLATES = Table(
    "result_templates",
    "OUT/templates.parquet: templates of prompts, campaigns' own and those that others use; of a replay, at each look. "
    "The settings of their fingerprints stand in the file's metadata, under `stillwatch`.",
    (
        Column("at", INSTANT, "the look; of a scan, the last exchange", required=True),
        Column("campaign_id", TEXT, "the campaign whose own it is; null: nobody's"),
        *(TEMPLATES.column(name) for name in ("template_id", "field", "shingles", "usual_shingles")),
    ),
)

RESULT_RETURNING = Table(
    "result_returning",
    "returning.parquet of `verify returning`: one row for each newcomer and moment at which it was judged.",
    (
        Column("account_id", TEXT, "the newcomer", required=True),
        Column("exchanges", I64, "its first exchanges that were looked at; 0 at sign-up", required=True),
        Column("at", INSTANT, "the moment: nothing later was used", required=True),
        Column("likelihood", F64, "that it continues a closed account, 0..1", required=True),
        Column("bits", F64, "evidence for it, before what is likely beforehand", required=True),
        Column("linked", BOOL, "likely enough to be said", required=True),
        Column("campaign_id", TEXT, "whose accounts it would continue; null for an account banned alone"),
        Column("banned_account", TEXT, "the closed account whose place it takes most likely"),
        Column("reasons", pa.list_(REASON), "what was observed, with its ordinary explanation", required=True),
    ),
)

RESULT_MATCHES = Table(
    "result_matches",
    "matches.parquet of `share match`: which of our accounts have a value that a partner has too; one row for each kind and "
    "campaign of the partner's.",
    (
        Column("kind", TEXT, "email, payment, device, phone or template", required=True),
        Column("account_id", TEXT, "our account", required=True),
        Column("campaign_id", TEXT, "our campaign, whose value it is; null: in none"),
        Column("partner", TEXT, "who has the value too", required=True),
        Column("epoch", TEXT, "the epoch of the match", required=True),
        Column(
            "partner_campaign", TEXT, "the partner's name for its campaign, in this epoch; null: a customer's there"
        ),
        Column("partner_confidence", F64, "how sure the partner is of that, 0..1"),
        Column("values", I64, "values that matched: of a template its buckets", required=True),
    ),
)

RESULT_BACKTEST = Table(
    "result_backtest",
    "backtest.parquet: one row for each rule of a policy and account that it would have applied to.",
    (
        Column("rule", TEXT, "the rule's id", required=True),
        Column("account_id", TEXT, "the account", required=True),
        Column("campaign_id", TEXT, "its campaign by the last look; null: in none, and taken to be honest"),
        Column("role", TEXT, "harvester, carrier, spare, victim or unknown, by the last look"),
        Column("first_at", INSTANT, "when the rule first applied", required=True),
        Column("asked", I64, "exchanges it applied to", required=True),
        Column("let_through", I64, "of those, exchanges that its limit let it act on", required=True),
        Column("stopped", I64, "of those, exchanges that it would have left without an answer", required=True),
        Column("stopped_tokens", I64, "tokens of the answers to these", required=True),
    ),
)
