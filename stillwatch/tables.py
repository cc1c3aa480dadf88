"""Every table and column: meaning, unit, nullability. The contract, in code; docs/tables.md is generated from here.

Log tables (`LOG_*`) are what a provider hands in; the rest is what stages make of them.
Hashes are signed 64- or 32-bit integers, because Spark has no unsigned ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Column:
    name: str
    type: pa.DataType
    meaning: str
    required: bool = False  # a null here makes the row unusable
    direct_identifier: bool = False  # replaced by a keyed pseudonym before anything else sees it


@dataclass(frozen=True)
class Table:
    name: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, c.type, nullable=not c.required) for c in self.columns])

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def _c(
    name: str, type: pa.DataType, meaning: str, required: bool = False, direct_identifier: bool = False
) -> Column:
    return Column(name, type, meaning, required, direct_identifier)


_TEXT, _I16, _I32, _I64 = pa.string(), pa.int16(), pa.int32(), pa.int64()
_F32, _F64, _BOOL = pa.float32(), pa.float64(), pa.bool_()

# ------------------------------------------------------------------------------------------------ what is handed in

LOG_EXCHANGES = Table(
    "log_exchanges",
    "One row per request and its response, as the provider logged it.",
    (
        _c("exchange_id", _TEXT, "unique id of the exchange", required=True),
        _c("account_id", _TEXT, "the paying or API-key-owning account", required=True),
        _c("organization_id", _TEXT, "who stands above the account"),
        _c("channel", _TEXT, "api, console, subscription, cloud or aggregator"),
        _c("end_user_id", _TEXT, "user below the account, as intermediaries pass it", direct_identifier=True),
        _c("api_key_id", _TEXT, "which key of the account was used", direct_identifier=True),
        _c("session_id", _TEXT, "conversation or session"),
        _c("timestamp", INSTANT, "arrival of the request, UTC", required=True),
        _c("model", _TEXT, "requested model"),
        _c("system", _TEXT, "system prompt"),
        _c("prompt", _TEXT, "the newest user or tool content; required unless `messages` is given"),
        _c("messages", _TEXT, "JSON list: the whole conversation, instead of system and prompt"),
        _c("turn", _I32, "0 for the first user turn of a conversation"),
        _c("tools", _TEXT, "JSON tool definitions sent"),
        _c("response", _TEXT, "the answer; often absent, for privacy"),
        _c("input_tokens", _I32, "tokens"),
        _c("output_tokens", _I32, "tokens"),
        _c("max_tokens", _I32, "tokens, the limit asked for"),
        _c("temperature", _F32, "sampling temperature"),
        _c("stream", _BOOL, "answer was streamed"),
        _c("logprobs", _BOOL, "log-probabilities were asked for"),
        _c("latency_ms", _F32, "milliseconds"),
        _c("status", _I16, "HTTP status"),
        _c("finish_reason", _TEXT, "why the answer ended"),
        _c("client_ip", _TEXT, "address of the caller", direct_identifier=True),
        _c("country", _TEXT, "ISO 3166 alpha-2 of the address"),
        _c("asn", _I32, "autonomous system of the address"),
        _c("user_agent", _TEXT, "client software, as it names itself"),
        _c("tls_fingerprint", _TEXT, "JA4", direct_identifier=False),
        _c("header_fingerprint", _TEXT, "order and casing of headers, hashed"),
        _c("reasoning_signature", _TEXT, "hash of a preserved-reasoning token redeemed in this request"),
    ),
)

LOG_ACCOUNTS = Table(
    "log_accounts",
    "One row per account, as the provider registered it.",
    (
        _c("account_id", _TEXT, "unique id of the account", required=True),
        _c("organization_id", _TEXT, "who stands above the account"),
        _c("created_at", INSTANT, "sign-up"),
        _c("closed_at", INSTANT, "closed by its owner"),
        _c("status", _TEXT, "active, suspended or banned"),
        _c("banned_at", INSTANT, "banned by the provider"),
        _c(
            "pathway",
            _TEXT,
            "self_serve, education, security_research, startup, enterprise, reseller or cloud",
        ),
        _c("plan", _TEXT, "what is paid for"),
        _c("declared_country", _TEXT, "ISO 3166 alpha-2, as declared"),
        _c("email", _TEXT, "address of the owner", direct_identifier=True),
        _c("email_domain", _TEXT, "its domain, when the address itself is withheld"),
        _c("phone", _TEXT, "number of the owner", direct_identifier=True),
        _c("payment_fingerprint", _TEXT, "one value per card or bank account", direct_identifier=True),
        _c("payment_country", _TEXT, "ISO 3166 alpha-2 of the payment instrument"),
        _c("signup_ip", _TEXT, "address at sign-up", direct_identifier=True),
        _c("signup_user_agent", _TEXT, "client at sign-up"),
        _c("device_fingerprint", _TEXT, "one value per device", direct_identifier=True),
        _c("verification", _TEXT, "none, email, phone, payment or identity"),
    ),
)

LOG_RELEASES = Table(
    "log_releases",
    "When models were released.",
    (
        _c("model", _TEXT, "model name, as exchanges name it", required=True),
        _c("released_at", INSTANT, "first public use", required=True),
    ),
)

LOG_INDICATORS = Table(
    "log_indicators",
    "Indicators received from others: evidence, never enough on their own.",
    (
        _c("type", _TEXT, "what kind of value: ipv4-addr, domain-name, payment, device, tls, template", required=True),
        _c("value", _TEXT, "the value, or its keyed hash", required=True),
        _c("actor", _TEXT, "who is said to be behind it"),
        _c("confidence", _I32, "0..100, STIX scale"),
        _c("valid_from", INSTANT, "from when"),
        _c("valid_until", INSTANT, "until when"),
        _c("source", _TEXT, "who told us"),
        _c("tlp", _TEXT, "TLP 2.0 marking"),
    ),
)

LOG_DECLARED = Table(
    "log_declared",
    "Organisations, resellers, agent clients and evaluation programmes that declared themselves.",
    (
        _c("kind", _TEXT, "organization, reseller, agent_client or evaluation", required=True),
        _c("id", _TEXT, "organization_id, or a system-prompt prefix for an agent_client", required=True),
        _c("owner", _TEXT, "who answers for it"),
        _c("expires_at", INSTANT, "when the declaration lapses"),
    ),
)

LOG_EVIDENCE = Table(
    "log_evidence",
    "Any other value that accounts may share.",
    (
        _c("account_id", _TEXT, "the account", required=True),
        _c("kind", _TEXT, "what the value is", required=True),
        _c("value", _TEXT, "the value", required=True, direct_identifier=True),
        _c("timestamp", INSTANT, "when it was used"),
    ),
)

# -------------------------------------------------------------------------------------- what stages make, in order

REGISTERED = Table(
    "registered",
    "Accounts as registered, direct identifiers replaced by pseudonyms.",
    (
        *(column for column in LOG_ACCOUNTS.columns if column.name not in {"email", "phone", "signup_ip"}),
        _c("email", _TEXT, "pseudonym of the address of the owner"),
        _c("email_shape", _TEXT, "shape of the part before the @: runs of letters and digits as w and d with their lengths"),
        _c("phone", _TEXT, "pseudonym of the number's digits"),
        _c("signup_address", _TEXT, "pseudonym of signup_ip, comparable with exchanges.address"),
        _c("signup_prefix", _TEXT, "pseudonym of its /24 or /48 network, comparable with exchanges.prefix"),
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
        _c("address", _TEXT, "pseudonym of client_ip"),
        _c("prefix", _TEXT, "pseudonym of its /24 (IPv4) or /48 (IPv6) network"),
        _c("network", _TEXT, "hosting, education, vpn or access; null when the ASN is unknown"),
        _c("client", _TEXT, "product name at the start of the user agent"),
        _c("client_version", _TEXT, "its version"),
        _c("file", _I32, "number of the log file, in reading order", required=True),
        _c("chunk", _I32, "number of the chunk of rows inside the file", required=True),
        _c("row", _I32, "row inside the chunk", required=True),
    ),
)

SPAN = pa.struct([pa.field("phrase", pa.int16()), pa.field("start", pa.int32()), pa.field("length", pa.int16())])

_CARRIED = (
    "exchange_id account_id organization_id channel end_user_id api_key_id session_id timestamp model turn "
    "input_tokens output_tokens max_tokens temperature stream logprobs status country asn tls_fingerprint "
    "header_fingerprint reasoning_signature address prefix network client client_version"
).split()

SIGNALS = Table(
    "signals",
    "One row per exchange: what was observed of it. No text from here on.",
    (
        *(EXCHANGES.column(name) for name in _CARRIED),
        _c("has_tools", _BOOL, "tool definitions were sent", required=True),
        _c("prompt_bytes", _I32, "bytes of UTF-8", required=True),
        _c("prompt_hash", _I64, "hash of the prompt's words: equal for equal prompts", required=True),
        _c("system_hash", _I64, "hash of the system prompt's words; null when there is none"),
        _c("sketch", pa.list_(_I32), "winnowed word shingles of the prompt, in order of place", required=True),
        _c("system_sketch", pa.list_(_I32), "the same of the system prompt", required=True),
        _c("capability", _I16, "position in evidence.CAPABILITIES of the strongest capability", required=True),
        _c("capabilities", _I32, "bit i set: CAPABILITIES[i] was seen", required=True),
        _c("elicitation", _I16, "bit i set: ELICITATIONS[i] was seen", required=True),
        _c("spans", pa.list_(SPAN), "which lexicon phrases fired, and where in the text (bytes)", required=True),
        _c("file", _I32, "number of the log file", required=True),
        _c("chunk", _I32, "number of the chunk inside the file", required=True),
        _c("row", _I32, "row inside the chunk", required=True),
    ),
)

# From here on the tables are relational: DuckDB or Spark makes them, Parquet keeps them.

DOCUMENTS = Table(
    "documents",
    "A bounded sample of distinct texts for template mining.",
    (
        _c("field", _TEXT, "prompt or system", required=True),
        _c("account_id", _TEXT, "who sent it", required=True),
        _c("sketch", pa.list_(_I32), "its fingerprints, in order of place", required=True),
    ),
)

TEMPLATES = Table(
    "templates",
    "Sets of fingerprints that travel together: the fixed parts of prompts with slots.",
    (
        _c("template_id", _TEXT, "T- and a hash of the fingerprints", required=True),
        _c("field", _TEXT, "prompt or system", required=True),
        _c("shingles", pa.list_(_I32), "fingerprints of the fixed part", required=True),
        _c("sampled_documents", _I64, "distinct sampled texts with any of them", required=True),
        _c("sampled_accounts", _I64, "accounts among those", required=True),
    ),
)

USES = Table(
    "uses",
    "Signals, with the fingerprints exchanged for the name of the template they make up.",
    (
        *(column for column in SIGNALS.columns if column.name not in {"sketch", "system_sketch"}),
        _c("template_id", _TEXT, "template of the prompt; null when it is nobody else's"),
        _c("system_template_id", _TEXT, "template of the system prompt"),
    ),
)

ACCOUNT_HOURS = Table(
    "account_hours",
    "What each account did in each hour with each model.",
    (
        _c("account_id", _TEXT, "the account", required=True),
        _c("hour", INSTANT, "start of the hour, UTC", required=True),
        _c("model", _TEXT, "requested model; empty when not logged", required=True),
        _c("exchanges", _I64, "exchanges in the hour", required=True),
        _c("output_tokens", _I64, "tokens out in the hour", required=True),
    ),
)

ACCOUNT_PROMPTS = Table(
    "account_prompts",
    "Which distinct prompts each account sent, and of which template.",
    (
        _c("account_id", _TEXT, "the account", required=True),
        _c("template_id", _TEXT, "template of the prompt; empty when none", required=True),
        _c("prompt_hash", _I64, "hash of the prompt's words", required=True),
        _c("exchanges", _I64, "how often the account sent it", required=True),
        _c("first_seen", INSTANT, "first time", required=True),
    ),
)

ACCOUNT_TEMPLATES = Table(
    "account_templates",
    "Which templates each account used, in its prompts and in its system prompts.",
    (
        _c("account_id", _TEXT, "the account", required=True),
        _c("field", _TEXT, "prompt or system", required=True),
        _c("template_id", _TEXT, "the template", required=True),
        _c("exchanges", _I64, "exchanges made from it", required=True),
        _c("first_seen", INSTANT, "first use", required=True),
        _c("last_seen", INSTANT, "last use", required=True),
    ),
)

_SHARE = "share of the account's exchanges, 0..1"
ACCOUNTS = Table(
    "accounts",
    "One row per account: what it did, and what it said of itself when it registered.",
    (
        _c("account_id", _TEXT, "the account", required=True),
        _c("organization_id", _TEXT, "who stands above it"),
        _c("exchanges", _I64, "exchanges; 0 for an account that never spoke", required=True),
        _c("output_tokens", _I64, "tokens out", required=True),
        _c("first_seen", INSTANT, "first exchange"),
        _c("last_seen", INSTANT, "last exchange"),
        _c("days", _I64, "days with traffic", required=True),
        _c("duty_cycle", _F64, "hours with traffic per hour between first and last exchange, 0..1"),
        _c("quiet_hours", _I64, "hours of the day (UTC) in which it never spoke, 0..24"),
        _c("burstiness", _F64, "(s-m)/(s+m) of exchanges an active hour, -1 regular..1 bursty (Goh, Barabasi 2008)"),
        _c("day_one_share", _F64, f"in the first 24 hours of traffic: {_SHARE}"),
        _c("peak_day", _I64, "exchanges on the busiest day", required=True),
        _c("turns", _F64, "mean turn of a conversation; 0 when every exchange is a first one"),
        _c("one_shot", _F64, f"first turns of a conversation: {_SHARE}"),
        _c("novelty", _F64, "distinct prompts per exchange, 0..1"),
        _c("template_share", _F64, f"made from any prompt template: {_SHARE}"),
        _c("focus", _F64, f"of its strongest capability: {_SHARE}"),
        _c("capability", _I16, "position in evidence.CAPABILITIES of its strongest capability"),
        _c("chain_of_thought", _F64, f"that elicit reasoning: {_SHARE}"),
        _c("rubric_grading", _F64, f"that grade by a rubric: {_SHARE}"),
        _c("trace_reconstruction", _F64, f"that reconstruct hidden reasoning: {_SHARE}"),
        _c("hosting", _F64, f"from hosting or VPN networks: {_SHARE}"),
        _c("addresses", _I64, "distinct addresses", required=True),
        _c("countries", _I64, "distinct countries of its addresses", required=True),
        _c("clients", _I64, "distinct client products", required=True),
        _c("client_mismatch", _F64, f"whose TLS fingerprint belongs to another product: {_SHARE}"),
        _c("away", _F64, f"from another country than the declared one: {_SHARE}"),
        _c("refused", _F64, f"answered 429 or 529: {_SHARE}"),
        _c("tools", _F64, f"with tool definitions: {_SHARE}"),
        _c("created_at", INSTANT, "sign-up"),
        _c("age_days", _F64, "days from sign-up to first exchange"),
        _c("status", _TEXT, "active, suspended or banned"),
        _c("banned_at", INSTANT, "banned by the provider"),
        _c("pathway", _TEXT, "how it came in"),
        _c("verification", _TEXT, "none, email, phone, payment or identity"),
        _c("email_domain", _TEXT, "domain of its e-mail address"),
        _c("declared_country", _TEXT, "ISO 3166 alpha-2, as declared"),
        _c("payment_country", _TEXT, "ISO 3166 alpha-2 of the payment instrument"),
        _c("banned", _F64, "1 when banned or suspended, else 0"),
        _c("payment_abroad", _F64, "1 when it pays from another country than the declared one, else 0"),
        _c("unverified", _F64, "1 when nothing but a mail address was verified, else 0"),
        _c("programme", _F64, "1 when it came in through education, research or start-up programmes, else 0"),
        _c("fresh", _F64, "1 when in use within a week of sign-up, else 0"),
    ),
)

ACCOUNT_VALUES = Table(
    "account_values",
    "Which shareable value each account holds: what links are made of.",
    (
        _c("account_id", _TEXT, "the account", required=True),
        _c("kind", _TEXT, "kind of tie", required=True),
        _c("value", _TEXT, "pseudonym of the value", required=True),
    ),
)

SHARED_VALUES = Table(
    "shared_values",
    "Values that at least two accounts hold, with their crowd and weight.",
    (
        _c("kind", _TEXT, "kind of tie", required=True),
        _c("value", _TEXT, "pseudonym of the value", required=True),
        _c("family", _TEXT, "family of the kind", required=True),
        _c("accounts", _I64, "accounts that hold it", required=True),
        _c("population", _I64, "accounts that hold any value of the kind", required=True),
        _c("crowded", _BOOL, "more accounts hold it than the kind's crowding limit", required=True),
        _c("bits", _F64, "weight of sharing it, bits", required=True),
    ),
)

COHESIVE_TEMPLATES = Table(
    "cohesive_templates",
    "Templates with ties among their users, and what sharing them says.",
    (
        _c("template_id", _TEXT, "the template", required=True),
        _c("users", _I64, "accounts that use it", required=True),
        _c("tied", _I64, "of those, tied to another user of it", required=True),
        _c("families", _I64, "families of ties that hold a tenth of its users", required=True),
        _c("rate", _F64, "share of all accounts with a template that are tied to anybody, 0..1", required=True),
        _c("bits", _F64, "weight of sharing it, bits", required=True),
    ),
)

LINKS = Table(
    "links",
    "Pairs of accounts and what ties them.",
    (
        _c("account_a", _TEXT, "the smaller account_id", required=True),
        _c("account_b", _TEXT, "the larger account_id", required=True),
        _c("kind", _TEXT, "kind of tie", required=True),
        _c("family", _TEXT, "family of the kind: kinds of one family count as one witness", required=True),
        _c("weight", _F64, "bits", required=True),
        _c("value_pseudonym", _TEXT, "the heaviest shared value", required=True),
        _c("values", _I64, "how many values of the kind they share", required=True),
    ),
)

TIES = Table("ties", "Links before crowded templates are counted.", LINKS.columns)

HOLDERS = Table(
    "holders",
    "Who holds which uncrowded shared value: what is drawn again to see what chance gives.",
    (
        *ACCOUNT_VALUES.columns,
        _c("family", _TEXT, "family of the kind", required=True),
        _c("bits", _F64, "weight of sharing the value, bits", required=True),
        _c("population", _I64, "accounts that hold any value of the kind", required=True),
    ),
)

CLUSTERS = Table(
    "clusters",
    "Accounts in clusters of at least two.",
    (
        _c("account_id", _TEXT, "the account", required=True),
        _c("cluster_id", _TEXT, "G- and a number, largest cluster first", required=True),
        _c("cluster_accounts", _I64, "accounts in the cluster", required=True),
        _c("cluster_bits", _F64, "bits of all ties inside the cluster", required=True),
        _c("chance_p", _F64, "share of shuffles with a heavier cluster, plus one: family-wise p-value", required=True),
        _c("partners", _I64, "members the account is tied to", required=True),
        _c("tie_bits", _F64, "bits of its ties inside the cluster", required=True),
    ),
)

CANDIDATES = Table("candidates", "Accounts of clusters large enough to be judged.", CLUSTERS.columns)

CLUSTER_FEATURES = Table(
    "cluster_features",
    "Per cluster and rate: how its members differ from the unclustered.",
    (
        _c("cluster_id", _TEXT, "the cluster; empty for the unclustered", required=True),
        _c("rate", _TEXT, "column of accounts, or made of one", required=True),
        _c("mean", _F64, "mean over accounts", required=True),
        _c("spread", _F64, "standard deviation over accounts", required=True),
        _c("accounts", _I64, "accounts that have a value", required=True),
    ),
)

CLUSTER_HOURS = Table(
    "cluster_hours",
    "Hours in which sampled members were active; cluster_id '' sums up the unclustered.",
    (
        _c("cluster_id", _TEXT, "the cluster; empty for the unclustered", required=True),
        _c("account_id", _TEXT, "the member; empty for the unclustered", required=True),
        _c("hour", INSTANT, "start of the hour, UTC", required=True),
        _c("accounts", _I64, "accounts active", required=True),
    ),
)

CLUSTER_TIES = Table(
    "cluster_ties",
    "Per cluster and kind: what its members share with each other.",
    (
        _c("cluster_id", _TEXT, "the cluster", required=True),
        _c("kind", _TEXT, "kind of tie", required=True),
        _c("family", _TEXT, "family of the kind", required=True),
        _c("values", _I64, "values that at least two members hold", required=True),
        _c("most", _I64, "members that hold the most shared one", required=True),
        _c("pairs", _I64, "pairs of members with a common value, each value counted", required=True),
        _c("tied", _I64, "members that share a value with another", required=True),
    ),
)

TIED_ELSEWHERE = Table(
    "tied_elsewhere",
    "Per kind, among accounts in no candidate cluster: how many share a value of it.",
    (
        _c("kind", _TEXT, "kind of tie", required=True),
        _c("accounts", _I64, "accounts that hold a value", required=True),
        _c("tied", _I64, "of those, sharing an uncrowded one with any other account", required=True),
    ),
)

CLUSTER_TEMPLATES = Table(
    "cluster_templates",
    "Per cluster and template: how far it is the cluster's own, and whether its prompts repeat.",
    (
        _c("cluster_id", _TEXT, "the cluster", required=True),
        _c("field", _TEXT, "prompt or system", required=True),
        _c("template_id", _TEXT, "the template", required=True),
        _c("users", _I64, "members that use it", required=True),
        _c("exchanges", _I64, "members' exchanges made from it", required=True),
        _c("first_seen", INSTANT, "members' first use", required=True),
        _c("last_seen", INSTANT, "members' last use", required=True),
        _c("all_users", _I64, "accounts that use it", required=True),
        _c("all_exchanges", _I64, "exchanges made from it", required=True),
        _c("prompts", _I64, "different prompts of members", required=True),
        _c("repeated", _I64, "of those, sent by two or more members", required=True),
        _c("senders", _F64, "members that sent one of those prompts, on average", required=True),
    ),
)

CLUSTER_OWNERS = Table(
    "cluster_owners",
    "Per cluster: who its members say they are.",
    (
        _c("cluster_id", _TEXT, "the cluster", required=True),
        _c("members", _I64, "accounts", required=True),
        _c("organizations", _I64, "different organisations", required=True),
        _c("largest_organization", _I64, "members in the largest", required=True),
        _c("payers", _I64, "different payment instruments", required=True),
        _c("with_payer", _I64, "members whose instrument is known", required=True),
        _c("domains", _I64, "different mail domains", required=True),
        _c("pathways", _I64, "different pathways", required=True),
        _c("identified", _F64, "share of members that proved their identity, 0..1"),
        _c("declared_members", _I64, "members of a declared organisation, reseller or evaluation", required=True),
        _c("age_days", _F64, "median days from sign-up to first exchange"),
    ),
)

CLUSTER_DAYS = Table(
    "cluster_days",
    "Per cluster and day: what its members did.",
    (
        _c("cluster_id", _TEXT, "the cluster", required=True),
        _c("day", INSTANT, "start of the day, UTC", required=True),
        _c("exchanges", _I64, "exchanges", required=True),
        _c("output_tokens", _I64, "tokens out", required=True),
        _c("accounts", _I64, "members active", required=True),
    ),
)

CLUSTER_TOTALS = Table(
    "cluster_totals",
    "Per cluster: what its members did over the whole window.",
    (
        _c("cluster_id", _TEXT, "the cluster", required=True),
        _c("exchanges", _I64, "exchanges", required=True),
        _c("output_tokens", _I64, "tokens out", required=True),
        _c("first_seen", INSTANT, "first exchange"),
        _c("last_seen", INSTANT, "last exchange"),
    ),
)

CLUSTER_RELEASES = Table(
    "cluster_releases",
    "Per cluster and release: how much moved to the new model at once, against everybody else.",
    (
        _c("cluster_id", _TEXT, "the cluster", required=True),
        _c("new_model", _TEXT, "the released model", required=True),
        _c("released_at", INSTANT, "its release", required=True),
        _c("hours", _F64, "hours counted from the release", required=True),
        _c("accounts", _I64, "members active in them", required=True),
        _c("exchanges", _I64, "their exchanges", required=True),
        _c("moved", _I64, "of those, to the new model", required=True),
        _c("mean", _F64, "mean share of a member, 0..1", required=True),
        _c("population_share", _F64, "share of the unclustered accounts' exchanges, 0..1"),
        _c("population_mean", _F64, "mean share of an unclustered account, 0..1"),
        _c("population_spread", _F64, "its standard deviation"),
    ),
)

REASONS = Table(
    "reasons",
    "Every reason for and against, per cluster: the evidence that scores are made of.",
    (
        _c("cluster_id", _TEXT, "the cluster", required=True),
        _c("code", _TEXT, "name of the observation", required=True),
        _c("text", _TEXT, "the sentence, with its numbers", required=True),
        _c("weight", _F64, "bits; negative speaks for innocence", required=True),
        _c("innocent_explanation", _TEXT, "who shows it too", required=True),
        _c("finding", _TEXT, "which finding it bears on", required=True),
        _c("query", _TEXT, "SQL over the stored tables that recomputes the value; empty when there is none", required=True),
        _c("value", _F64, "the number the query gives"),
        _c("p_value", _F64, "chance in an ordinary group of the same size"),
    ),
)

JUDGED = Table(
    "judged",
    "Candidate clusters with their four findings and confidence.",
    (
        _c("cluster_id", _TEXT, "the cluster", required=True),
        _c("accounts", _I64, "members", required=True),
        _c("coordination", _F64, "finding, 0..1", required=True),
        _c("extraction", _F64, "finding, 0..1", required=True),
        _c("fraud", _F64, "finding, 0..1", required=True),
        _c("covertness", _F64, "finding, 0..1", required=True),
        _c("confidence", _F64, "coordination and extraction and one of the others, 0..1", required=True),
        _c("chance_p", _F64, "family-wise chance of as heavy a cluster", required=True),
    ),
)

OWN_TEMPLATES = Table(
    "own_templates",
    "Templates whose users are mostly members of one cluster.",
    (
        _c("cluster_id", _TEXT, "the cluster", required=True),
        _c("field", _TEXT, "prompt or system", required=True),
        _c("template_id", _TEXT, "the template", required=True),
        _c("share", _F64, "members' share of its exchanges, 0..1", required=True),
    ),
)

HARVEST = Table(
    "harvest",
    "Exchanges of candidate clusters that were harvested.",
    (
        _c("exchange_id", _TEXT, "the exchange", required=True),
        _c("account_id", _TEXT, "its account", required=True),
        _c("cluster_id", _TEXT, "the cluster", required=True),
        _c("timestamp", INSTANT, "arrival", required=True),
        _c("prefix", _TEXT, "network it came from"),
        _c("template_id", _TEXT, "template of the prompt"),
        _c("output_tokens", _I32, "tokens out"),
        _c("score", _F64, "purity times the cluster's confidence, 0..1", required=True),
        _c("purity", _F64, "members' share of the template, 0..1", required=True),
        _c("capability", _TEXT, "strongest capability", required=True),
        _c("elicitation", _I16, "bit i set: ELICITATIONS[i] was seen", required=True),
    ),
)

MEMBERS = Table(
    "members",
    "Accounts of candidate clusters: what they did there.",
    (
        _c("account_id", _TEXT, "the account", required=True),
        _c("cluster_id", _TEXT, "the cluster", required=True),
        _c("cluster_accounts", _I64, "members", required=True),
        _c("partners", _I64, "members it is tied to", required=True),
        _c("kinds", _TEXT, "kinds of tie to members", required=True),
        _c("identity_ties", _I64, "members it is tied to by payment, device, number, mail, sign-up or replay", required=True),
        _c("network_ties", _I64, "members it is tied to by addresses", required=True),
        _c("timing_ties", _I64, "members it is tied to by common starts", required=True),
        _c("exchanges", _I64, "exchanges", required=True),
        _c("harvested", _I64, "of those, harvested", required=True),
        _c("own_before", _I64, "exchanges that were not harvested, before the first that was", required=True),
        _c("common_prefixes", _I64, "networks used both for harvested and other exchanges", required=True),
        _c("age_days", _F64, "days from sign-up to the first harvested exchange"),
    ),
)

# --------------------------------------------------------------------------------------------------- what is handed out

REASON = pa.struct(
    [
        pa.field("code", _TEXT),
        pa.field("text", _TEXT),
        pa.field("weight", _F64),
        pa.field("innocent_explanation", _TEXT),
    ]
)

RESULT_ACCOUNTS = Table(
    "result_accounts",
    "OUT/accounts.parquet: one row per account seen.",
    (
        _c("account_id", _TEXT, "the account", required=True),
        _c("campaign_id", _TEXT, "the campaign it belongs to"),
        _c("score", _F64, "calibrated probability of taking part in coordinated extraction, 0..1", required=True),
        _c("verdict", _TEXT, "clear, watch or campaign", required=True),
        _c("role", _TEXT, "harvester, carrier, spare, victim or unknown"),
        _c("reasons", pa.list_(REASON), "what was observed, with the ordinary explanation that was weighed", required=True),
    ),
)

RESULT_EXCHANGES = Table(
    "result_exchanges",
    "OUT/exchanges.parquet: one row per exchange attributed to a campaign.",
    (
        _c("exchange_id", _TEXT, "the exchange", required=True),
        _c("account_id", _TEXT, "its account", required=True),
        _c("campaign_id", _TEXT, "the campaign", required=True),
        _c("score", _F64, "harvested for training rather than unrelated traffic, 0..1", required=True),
        _c("capability", _TEXT, "strongest capability", required=True),
        _c("template_id", _TEXT, "template of the prompt"),
    ),
)
