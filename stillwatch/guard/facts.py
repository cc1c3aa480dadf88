"""What a rule may ask about a request: every fact, its type, its meaning, and what it is when nobody knows.

What is unknown is never read against a customer, nor for one: unknown numbers are NaN, of which every comparison is false.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "whole", "flag", "texts"]
UNKNOWN = math.nan


@dataclass(frozen=True)
class Fact:
    """One name that conditions may use."""

    name: str
    kind: Kind
    unknown: Any  # its value when nothing is known
    meaning: str


FACTS = (
    Fact("request.endpoint", "text", "", "chat, responses, messages, completions, embeddings or other"),
    Fact("request.model", "text", "", "model asked for"),
    Fact("request.stream", "flag", False, "the answer is to be streamed"),
    Fact("request.max_tokens", "whole", 0, "most tokens to be answered; 0 when not said"),
    Fact("request.n", "whole", 1, "answers asked for"),
    Fact("request.logprobs", "flag", False, "probabilities of tokens are asked for"),
    Fact("request.reasoning", "flag", False, "reasoning is asked to be shown"),
    Fact("request.tools", "whole", 0, "tools offered to the model"),
    Fact("request.bytes", "whole", 0, "length of the body"),
    Fact("request.templates", "texts", (), "campaigns whose own template the newest message fits; never enough alone"),
    Fact("account.id", "text", "", "account"),
    Fact("account.verdict", "text", "clear", "clear, watch or campaign, as of the last look"),
    Fact("account.score", "number", 0.0, "probability of taking part in coordinated extraction, 0..1"),
    Fact("account.role", "text", "", "harvester, carrier, spare, victim or unknown, in a campaign"),
    Fact("account.pathway", "text", "", "how it came: self_serve, education, security_research, startup, enterprise, …"),
    Fact("account.verification", "text", "", "none, email, phone, payment or identity"),
    Fact("account.step_up", "text", "", "asked, failed, passed, waived, overdue, lapsed or helped, by `verify due`"),
    Fact("account.age_days", "number", UNKNOWN, "days since it was made"),
    Fact("organization.id", "text", "", "organisation above the account"),
    Fact("organization.declared", "flag", False, "the organisation declared what it does"),
    Fact("campaign.id", "text", "", "campaign the account is counted to"),
    Fact("campaign.accounts", "whole", 0, "accounts of that campaign"),
    Fact("campaign.confidence", "number", 0.0, "probability that it is one, 0..1"),
    Fact("campaign.alarmed", "flag", False, "evidence is enough for the promised rate of false alarms"),
    Fact("campaign.coordination", "number", 0.0, "score of that finding, 0..1"),
    Fact("campaign.extraction", "number", 0.0, "score of that finding, 0..1"),
    Fact("campaign.fraud", "number", 0.0, "score of that finding, 0..1"),
    Fact("campaign.covertness", "number", 0.0, "score of that finding, 0..1"),
    Fact("client.address", "text", "", "network address of the client"),
    Fact("client.tls", "text", "", "TLS fingerprint (JA4) that the header x-ja4 names"),
    Fact("client.indicators", "texts", (), "actors of indicators of others that fit this client; never enough alone"),
)  # fmt: skip

BY_NAME = {one.name: one for one in FACTS}
NOTHING_KNOWN: Mapping[str, Any] = {
    one.name: list(one.unknown) if one.kind == "texts" else one.unknown for one in FACTS
}
