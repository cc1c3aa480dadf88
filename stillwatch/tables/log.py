"""What a provider hands in: the log folder, as the contract lists it."""

from __future__ import annotations

from stillwatch.tables.column import BOOL, F32, F64, I16, I32, INSTANT, TEXT, Column, Table

LOG_EXCHANGES = Table(
    "log_exchanges",
    "One row per request and its response, as the provider logged it.",
    (
        Column("exchange_id", TEXT, "unique id of the exchange", required=True),
        Column("account_id", TEXT, "the paying or API-key-owning account", required=True),
        Column("organization_id", TEXT, "who stands above the account"),
        Column("channel", TEXT, "api, console, subscription, cloud or aggregator"),
        Column("end_user_id", TEXT, "user below the account, as intermediaries pass it", direct_identifier=True),
        Column("api_key_id", TEXT, "which key of the account was used", direct_identifier=True),
        Column("session_id", TEXT, "conversation or session"),
        Column("timestamp", INSTANT, "arrival of the request, UTC", required=True),
        Column("model", TEXT, "requested model"),
        Column("system", TEXT, "system prompt", repeats=True),
        Column("prompt", TEXT, "the newest user or tool content; required unless `messages` is given"),
        Column("messages", TEXT, "JSON list: the whole conversation, instead of system and prompt"),
        Column("turn", I32, "0 for the first user turn of a conversation"),
        Column("tools", TEXT, "JSON tool definitions sent", repeats=True),
        Column("response", TEXT, "the answer; often absent, for privacy"),
        Column("input_tokens", I32, "tokens"),
        Column("output_tokens", I32, "tokens"),
        Column("max_tokens", I32, "tokens, the limit asked for"),
        Column("temperature", F32, "sampling temperature"),
        Column("stream", BOOL, "answer was streamed"),
        Column("logprobs", BOOL, "log-probabilities were asked for"),
        Column("latency_ms", F32, "milliseconds"),
        Column("status", I16, "HTTP status"),
        Column("finish_reason", TEXT, "why the answer ended"),
        Column("client_ip", TEXT, "address of the caller", direct_identifier=True),
        Column("country", TEXT, "ISO 3166 alpha-2 of the address"),
        Column("asn", I32, "autonomous system of the address"),
        Column("user_agent", TEXT, "client software, as it names itself"),
        Column("tls_fingerprint", TEXT, "JA4", direct_identifier=False),
        Column("header_fingerprint", TEXT, "order and casing of headers, hashed"),
        Column("reasoning_signature", TEXT, "hash of a preserved-reasoning token redeemed in this request"),
    ),
    of_exchanges=True,
)

LOG_ACCOUNTS = Table(
    "log_accounts",
    "One row per account, as the provider registered it.",
    (
        Column("account_id", TEXT, "unique id of the account", required=True),
        Column("organization_id", TEXT, "who stands above the account"),
        Column("created_at", INSTANT, "sign-up"),
        Column("closed_at", INSTANT, "closed by its owner"),
        Column("status", TEXT, "active, suspended or banned"),
        Column("banned_at", INSTANT, "banned by the provider"),
        Column(
            "pathway",
            TEXT,
            "self_serve, education, security_research, startup, enterprise, reseller or cloud",
        ),
        Column("plan", TEXT, "what is paid for"),
        Column("declared_country", TEXT, "ISO 3166 alpha-2, as declared"),
        Column("email", TEXT, "address of the owner", direct_identifier=True),
        Column("email_domain", TEXT, "its domain, when the address itself is withheld"),
        Column("phone", TEXT, "number of the owner", direct_identifier=True),
        Column("payment_fingerprint", TEXT, "one value per card or bank account", direct_identifier=True),
        Column("payment_country", TEXT, "ISO 3166 alpha-2 of the payment instrument"),
        Column("signup_ip", TEXT, "address at sign-up", direct_identifier=True),
        Column("signup_user_agent", TEXT, "client at sign-up"),
        Column("device_fingerprint", TEXT, "one value per device", direct_identifier=True),
        Column("verification", TEXT, "none, email, phone, payment or identity"),
    ),
)

LOG_SIGNUPS = Table(
    "log_signups",
    "What else a provider may tell of a sign-up, for `verify`: further columns of the accounts table, which no scan reads.",
    (
        *LOG_ACCOUNTS.columns,
        Column("email_since", INSTANT, "when the mailbox was first seen anywhere, as a provider of such facts tells"),
        Column("email_domain_since", INSTANT, "when the mail domain was registered (RDAP)"),
        Column("phone_type", TEXT, "mobile, landline or voip, as looked up; else by its number plan"),
        Column("payment_funding", TEXT, "credit, debit, prepaid, virtual or bank, as the processor tells"),
        Column("payment_issuer", TEXT, "who issued it: the first six to eight digits of a card, or the bank's name"),
        Column("signup_country", TEXT, "ISO 3166 alpha-2 of signup_ip; else by the address database"),
        Column("signup_asn", I32, "autonomous system of signup_ip; else by the address database"),
        Column("signup_tls_fingerprint", TEXT, "JA4 of the client at sign-up"),
        Column("signup_language", TEXT, "first language that the client asks for, as in Accept-Language"),
        Column("signup_timezone", TEXT, "IANA time zone that the client tells"),
    ),
)

LOG_RELEASES = Table(
    "log_releases",
    "When models were released.",
    (
        Column("model", TEXT, "model name, as exchanges name it", required=True),
        Column("released_at", INSTANT, "first public use", required=True),
    ),
)

LOG_INDICATORS = Table(
    "log_indicators",
    "Indicators received from others: evidence, never enough on their own.",
    (
        Column(
            "type", TEXT, "what kind of value: ipv4-addr, domain-name, payment, device, tls, template", required=True
        ),
        Column("value", TEXT, "the value, or its keyed hash", required=True),
        Column("actor", TEXT, "who is said to be behind it"),
        Column("confidence", I32, "0..100, STIX scale"),
        Column("valid_from", INSTANT, "from when"),
        Column("valid_until", INSTANT, "until when"),
        Column("source", TEXT, "who told us"),
        Column("tlp", TEXT, "TLP 2.0 marking"),
        Column(
            "campaign", TEXT, "finding of the source's that it belongs to: values of one are said to be one operator's"
        ),
        Column("origin", TEXT, "who said it first: rows of one origin are one witness, whoever passed them on"),
        Column("trust", F64, "how far the source is believed at most, 0..1; what all its rows together may say"),
        Column("first_seen", INSTANT, "since when, as the source says; valid_from is when we knew"),
    ),
)

LOG_DECLARED = Table(
    "log_declared",
    "Organisations, resellers, agent clients and evaluation programmes that declared themselves.",
    (
        Column("kind", TEXT, "organization, reseller, agent_client or evaluation", required=True),
        Column("id", TEXT, "organization_id, or a system-prompt prefix for an agent_client", required=True),
        Column("owner", TEXT, "who answers for it"),
        Column("expires_at", INSTANT, "when the declaration lapses"),
    ),
)

LOG_VERIFICATIONS = Table(
    "log_verifications",
    "Where accounts stand that were asked to prove something, for the guard: `verify due` writes it, no scan reads it.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("step_up", TEXT, "asked, failed, passed, waived, overdue, lapsed or helped", required=True),
        Column("since", INSTANT, "from when"),
        Column("expires_at", INSTANT, "until when; from then on nothing is known"),
    ),
)

LOG_EVIDENCE = Table(
    "log_evidence",
    "Any other value that accounts may share.",
    (
        Column("account_id", TEXT, "the account", required=True),
        Column("kind", TEXT, "what the value is", required=True),
        Column("value", TEXT, "the value", required=True, direct_identifier=True),
        Column("timestamp", INSTANT, "when it was used"),
        Column("amount", F64, "how much, in a unit of the kind's own: money moved, bytes sent"),
    ),
)
