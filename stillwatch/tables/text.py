"""From clean exchanges to the templates their texts are made from. No text is stored in any of them."""

from __future__ import annotations

import pyarrow as pa

from stillwatch.tables.column import BOOL, F64, I16, I32, I64, TEXT, Column, Table
from stillwatch.tables.ints import INTS
from stillwatch.tables.log import LOG_ACCOUNTS, LOG_EXCHANGES

REGISTERED = Table(
    "registered",
    "Accounts as registered, direct identifiers replaced by pseudonyms.",
    (
        *(column for column in LOG_ACCOUNTS.columns if column.name not in {"email", "phone", "signup_ip"}),
        Column("email", TEXT, "pseudonym of the address of the owner"),
        Column(
            "email_shape",
            TEXT,
            "shape of the part before the @: runs of letters and digits as w and d with their lengths",
        ),
        Column("phone", TEXT, "pseudonym of the number's digits"),
        Column("signup_address", TEXT, "pseudonym of signup_ip, comparable with exchanges.address"),
        Column("signup_prefix", TEXT, "pseudonym of its /24 or /48 network, comparable with exchanges.prefix"),
    ),
)

EXCHANGES = Table(
    "exchanges",
    "Clean exchanges: valid, pseudonymised, still with their text. Lives only inside a batch, never stored.",
    (
        *(
            column
            for column in LOG_EXCHANGES.columns
            if column.name not in {"messages", "client_ip", "response", "user_agent"}
        ),
        Column("address", TEXT, "pseudonym of client_ip"),
        Column("prefix", TEXT, "pseudonym of its /24 (IPv4) or /48 (IPv6) network"),
        Column("network", TEXT, "hosting, education, vpn or access; null when the ASN is unknown"),
        Column("client", TEXT, "product name at the start of the user agent"),
        Column("client_version", TEXT, "its version"),
        Column("file", I32, "number of the log file, in reading order", required=True),
        Column("chunk", I32, "number of the chunk of rows inside the file", required=True),
        Column("row", I32, "row inside the chunk", required=True),
    ),
    of_exchanges=True,
)

_CARRIED = (  # columns of exchanges that stay in signals
    "exchange_id",
    "account_id",
    "organization_id",
    "channel",
    "end_user_id",
    "api_key_id",
    "session_id",
    "timestamp",
    "model",
    "turn",
    "input_tokens",
    "output_tokens",
    "max_tokens",
    "temperature",
    "stream",
    "logprobs",
    "status",
    "country",
    "asn",
    "tls_fingerprint",
    "header_fingerprint",
    "reasoning_signature",
    "address",
    "prefix",
    "network",
    "client",
    "client_version",
)

SIGNALS = Table(
    "signals",
    "One row per exchange: what was observed of it. No text from here on.",
    (
        *(EXCHANGES.column(name) for name in _CARRIED),
        Column("has_tools", BOOL, "tool definitions were sent", required=True),
        Column("prompt_bytes", I32, "bytes of UTF-8", required=True),
        Column("prompt_hash", I64, "hash of the prompt's words: equal for equal prompts", required=True),
        Column("known_client", TEXT, "declared agent client whose prefix the system prompt begins with"),
        Column("system_hash", I64, "hash of the system prompt's words; null when there is none"),
        Column("sketch", INTS, "winnowed word shingles of the prompt, in order of place (int32 values)", required=True),
        Column("system_sketch", INTS, "the same of the system prompt", required=True),
        Column("capability", I16, "position in evidence.CAPABILITIES of the strongest capability", required=True),
        Column("capabilities", I32, "bit i set: CAPABILITIES[i] was seen", required=True),
        Column("elicitation", I16, "bit i set: ELICITATIONS[i] was seen", required=True),
        Column("outcome", TEXT, "answered, refused, limited (429) or overloaded (5xx); null when not logged"),
        Column("file", I32, "number of the log file", required=True),
        Column("chunk", I32, "number of the chunk inside the file", required=True),
        Column("row", I32, "row inside the chunk", required=True),
    ),
    of_exchanges=True,
)

# From here on the tables are relational: DuckDB or Spark makes them, Parquet keeps them.

DOCUMENTS = Table(
    "documents",
    "A bounded sample of distinct texts for template mining.",
    (
        Column("field", TEXT, "prompt or system", required=True),
        Column("account_id", TEXT, "who sent it", required=True),
        Column("sketch", INTS, "its fingerprints, in order of place (int32 values)", required=True),
    ),
)

TEMPLATES = Table(
    "templates",
    "Sets of fingerprints that travel together: the fixed parts of prompts with slots.",
    (
        Column("template_id", TEXT, "T- and a hash of the fingerprints", required=True),
        Column("field", TEXT, "prompt or system", required=True),
        Column("shingles", pa.list_(I32), "fingerprints of the fixed part", required=True),
        Column("usual_shingles", F64, "of those, how many a sampled text with any of them has: mean", required=True),
        Column("sampled_documents", I64, "distinct sampled texts with any of them", required=True),
        Column("sampled_accounts", I64, "accounts among those", required=True),
    ),
)

USES = Table(
    "uses",
    "Signals, with the fingerprints exchanged for the name of the template they make up.",
    (
        *(column for column in SIGNALS.columns if column.name not in {"sketch", "system_sketch"}),
        Column("template_id", TEXT, "template of the prompt; null when it is nobody else's"),
        Column("system_template_id", TEXT, "template of the system prompt"),
    ),
    of_exchanges=True,
)
