"""What each account did, one row per account and hour, prompt or template, and one row per account."""

from __future__ import annotations

from stillwatch.tables.column import BOOL, F64, I16, I64, INSTANT, TEXT, Column, Table

ACCOUNT_HOURS = Table(
    "account_hours",
    "What each account did in each hour with each model.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("hour", INSTANT, "start of the hour, UTC", required=True),
        Column("model", TEXT, "requested model; empty when not logged", required=True),
        Column("exchanges", I64, "exchanges in the hour", required=True),
        Column("output_tokens", I64, "tokens out in the hour", required=True),
    ),
    of_exchanges=True,
)

ACCOUNT_PROMPTS = Table(
    "account_prompts",
    "Which distinct prompts each account sent, and of which template.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("template_id", TEXT, "template of the prompt; empty when none", required=True),
        Column("prompt_hash", I64, "hash of the prompt's words", required=True),
        Column("exchanges", I64, "how often the account sent it", required=True),
        Column("first_seen", INSTANT, "first time", required=True),
    ),
    of_exchanges=True,
)

TEMPLATE_SPREAD = Table(
    "template_spread",
    "Who uses each template, and whether they look like a product's customers: strangers who pay for themselves.",
    (
        Column("template_id", TEXT, "the template", required=True),
        Column("field", TEXT, "prompt or system", required=True),
        Column("users", I64, "accounts that use it", required=True),
        Column("exchanges", I64, "exchanges made from it", required=True),
        Column("payers", I64, "different payment instruments among them", required=True),
        Column("with_payer", I64, "users whose payment instrument is known", required=True),
        Column("networks", I64, "different networks at sign-up", required=True),
        Column("independent", BOOL, "a product's: enough users, nearly each with a payer of its own", required=True),
    ),
)

ACCOUNT_TEMPLATES = Table(
    "account_templates",
    "Which templates each account used, in its prompts and in its system prompts.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("field", TEXT, "prompt or system", required=True),
        Column("template_id", TEXT, "the template", required=True),
        Column("exchanges", I64, "exchanges made from it", required=True),
        Column("first_seen", INSTANT, "first use", required=True),
        Column("last_seen", INSTANT, "last use", required=True),
    ),
)

REPLAYS = Table(
    "replays",
    "Accounts that redeem reasoning tokens which were redeemed in another session or by another owner before.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("replays", I64, "exchanges with such a token", required=True),
    ),
)

_SHARE = "share of the account's exchanges, 0..1"

ACCOUNTS = Table(
    "accounts",
    "One row per account: what it did, and what it said of itself when it registered.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("organization_id", TEXT, "who stands above it"),
        Column("exchanges", I64, "exchanges; 0 for an account that never spoke", required=True),
        Column("output_tokens", I64, "tokens out", required=True),
        Column("first_seen", INSTANT, "first exchange"),
        Column("last_seen", INSTANT, "last exchange"),
        Column("days", I64, "days with traffic", required=True),
        Column("duty_cycle", F64, "hours with traffic per hour between first and last exchange, 0..1"),
        Column("quiet_hours", I64, "hours of the day (UTC) in which it never spoke, 0..24"),
        Column("burstiness", F64, "(s-m)/(s+m) of exchanges an active hour, -1 regular..1 bursty (Goh, Barabasi 2008)"),
        Column("day_one_share", F64, f"in the first 24 hours of traffic: {_SHARE}"),
        Column("peak_day", I64, "exchanges on the busiest day", required=True),
        Column("turns", F64, "mean turn of a conversation; 0 when every exchange is a first one"),
        Column("one_shot", F64, f"first turns of a conversation: {_SHARE}"),
        Column("novelty", F64, "distinct prompts per exchange, 0..1"),
        Column("template_share", F64, f"made from any prompt template: {_SHARE}"),
        Column("focus", F64, f"of its strongest capability: {_SHARE}"),
        Column("capability", I16, "position in evidence.CAPABILITIES of its strongest capability"),
        Column("chain_of_thought", F64, f"that elicit reasoning: {_SHARE}"),
        Column("rubric_grading", F64, f"that grade by a rubric: {_SHARE}"),
        Column("trace_reconstruction", F64, f"that reconstruct hidden reasoning: {_SHARE}"),
        Column("replayed", F64, f"that redeem a token first redeemed in another session or by another owner: {_SHARE}"),
        Column("hosting", F64, f"from hosting or VPN networks: {_SHARE}"),
        Column("addresses", I64, "distinct addresses", required=True),
        Column("countries", I64, "distinct countries of its addresses", required=True),
        Column("clients", I64, "distinct client products", required=True),
        Column("client_mismatch", F64, f"whose TLS fingerprint belongs to another product: {_SHARE}"),
        Column("away", F64, f"from another country than the declared one: {_SHARE}"),
        Column("refused", F64, f"answered 429 or 529: {_SHARE}"),
        Column("tools", F64, f"with tool definitions: {_SHARE}"),
        Column("created_at", INSTANT, "sign-up"),
        Column("age_days", F64, "days from sign-up to first exchange"),
        Column("status", TEXT, "active, suspended or banned"),
        Column("banned_at", INSTANT, "banned by the provider"),
        Column("pathway", TEXT, "how it came in"),
        Column("verification", TEXT, "none, email, phone, payment or identity"),
        Column("email_domain", TEXT, "domain of its e-mail address"),
        Column("declared_country", TEXT, "ISO 3166 alpha-2, as declared"),
        Column("payment_country", TEXT, "ISO 3166 alpha-2 of the payment instrument"),
        Column("banned", F64, "1 when banned or suspended, else 0"),
        Column("payment_abroad", F64, "1 when it pays from another country than the declared one, else 0"),
        Column("unverified", F64, "1 when nothing but a mail address was verified, else 0"),
        Column("programme", F64, "1 when it came in through education, research or start-up programmes, else 0"),
        Column("fresh", F64, "1 when in use within a week of sign-up, else 0"),
    ),
)
