"""Kinds of value that may leave as indicators: where the result keeps who shows them, and what pattern each becomes.

What is in no row here never leaves, in any form. Network addresses are not: four thousand million IPv4 addresses are hashed in
two hours, with any key that a partner holds. Nor are telephone numbers (as few), mail addresses (one customer each), keys, end
users, sessions and reasoning tokens (of no use elsewhere), and sign-up times. A cloud, a VPN or a carrier is no indicator:
that hardly anybody else of one provider came by it says nothing of the next one's customers. It is told as infrastructure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from stillwatch.sharing.stix import patterns


@dataclass(frozen=True)
class Kind:
    """One kind of value."""

    name: str  # as `stillwatch.readers.stix` names it
    says: str  # what one value is, for people
    rows: str  # SQL over OUT/tables: account_id, value
    reads: str  # the table of OUT/tables that it needs
    pattern: Callable[[str], str]
    registered: bool = False  # shown by having signed up with it: a bystander who does is as honest as a stranger
    hashed: bool = False  # leaves under the partner's key alone
    types: str = "anomalous-activity"  # STIX's open vocabulary of indicators


def _own(name: str) -> Callable[[str], str]:
    return partial(patterns.own, name)


def _asn(value: str) -> str:
    return patterns.number("autonomous-system:number", int(value))


SHOWN = (
    Kind(
        "template", "a prompt template", "SELECT account_id, template_id AS value FROM account_templates",
        "account_templates", _own("template"),
    ),
    Kind(
        "client_build", "a TLS fingerprint, header order and client version together",
        "SELECT account_id, value FROM account_values WHERE kind = 'client_build'", "account_values", _own("client_build"),
    ),
    Kind(
        "tls", "a TLS fingerprint (JA4)", "SELECT DISTINCT account_id, tls_fingerprint AS value FROM uses", "uses",
        _own("tls"),
    ),
    Kind(
        "header", "an order of headers", "SELECT DISTINCT account_id, header_fingerprint AS value FROM uses", "uses",
        _own("header"),
    ),
    Kind(
        "client", "a client and its version",
        "SELECT DISTINCT account_id, client || coalesce('/' || client_version, '') AS value FROM uses", "uses",
        _own("client"),
    ),
    Kind(
        "autonomous-system", "a network that no list of networks knows",
        "SELECT DISTINCT account_id, asn::VARCHAR AS value FROM uses WHERE network IS NULL", "uses", _asn,
    ),
    Kind(
        "domain-name", "a mail domain", "SELECT account_id, email_domain AS value FROM registered", "registered",
        partial(patterns.text, "domain-name:value"), registered=True,
    ),
    Kind(
        "email_pattern", "a form of mail address at a domain",
        "SELECT account_id, value FROM account_values WHERE kind = 'email_pattern'", "account_values",
        _own("email_pattern"), registered=True,
    ),
    Kind(
        "payment", "a card or bank account", "SELECT account_id, value FROM given WHERE kind = 'payment'", "registered",
        _own("payment"), registered=True, hashed=True, types="attribution",
    ),
    Kind(
        "device", "a device", "SELECT account_id, value FROM given WHERE kind = 'device'", "registered",
        _own("device"), registered=True, hashed=True, types="attribution",
    ),
)  # fmt: skip
# Of what never leaves: how many a campaign's own accounts have, in SQL, and why.
NEVER = (
    (
        "network addresses", "uses", "SELECT account_id, address AS value FROM uses",
        "all IPv4 addresses are hashed in two hours, and a network's prefix sooner: no form of one leaves",
    ),
    (
        "addresses at sign-up", "registered", "SELECT account_id, signup_address AS value FROM registered",
        "as for network addresses",
    ),
    (
        "mail addresses", "registered", "SELECT account_id, email AS value FROM registered", "each is one customer",
    ),
    (
        "telephone numbers", "registered", "SELECT account_id, phone AS value FROM registered",
        "there are few enough to hash them all",
    ),
    (
        "API keys", "uses", "SELECT account_id, api_key_id AS value FROM uses", "a secret, and of no use elsewhere",
    ),
    (
        "end users", "uses", "SELECT account_id, end_user_id AS value FROM uses", "people below an account, maybe bystanders",
    ),
    (
        "reasoning tokens", "uses", "SELECT account_id, reasoning_signature AS value FROM uses",
        "of no use elsewhere",
    ),
)  # fmt: skip
