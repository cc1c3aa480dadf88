"""One sign-up as it is judged: direct identifiers replaced by pseudonyms, what was not told empty."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signup:
    """A sign-up. Text is empty, and a number None, where nothing was told: which is never read as innocence.

    Pseudonyms (`email`, `mailbox`, `phone`, `phone_block`, `payment`, `device`, `address`, `prefix`) are only compared.
    """

    account_id: str
    at: float  # seconds since 1970
    organization_id: str = ""
    pathway: str = "self_serve"
    plan: str = ""
    declared_country: str = ""  # ISO 3166 alpha-2, as all countries here
    email: str = ""  # pseudonym of the address as written
    mailbox: str = ""  # pseudonym of where its mail arrives: without what follows a +, and dots the host ignores
    email_domain: str = ""
    email_shape: str = ""  # runs of letters and digits with their lengths, as in tables.REGISTERED
    email_random: float | None = None  # bits for the part before the @ drawn at random, against chosen (likeness.py)
    email_age_days: float | None = None  # of the mailbox, at sign-up
    email_domain_age_days: float | None = None
    phone: str = ""
    phone_block: str = ""  # pseudonym of the number without its last three digits: a thousand numbers side by side
    phone_country: str = ""
    phone_type: str = ""  # mobile, landline, voip, other
    payment: str = ""
    payment_issuer: str = ""
    payment_funding: str = ""  # credit, debit, prepaid, virtual, bank
    payment_country: str = ""
    address: str = ""
    prefix: str = ""  # its /24 or /48
    asn: int | None = None
    network: str = ""  # hosting, education, vpn, tor, proxy, residential (proxy), relay (Apple's), access
    country: str = ""  # of the address
    client: str = ""  # product/major version and the system that the user agent says it runs on (agents.py)
    user_agent: str = ""  # digest of the whole
    tls: str = ""  # JA4
    language: str = ""  # first one asked for, lower case
    timezone: str = ""  # IANA name
    device: str = ""
    verification: str = ""  # what was shown already: none, email, phone, payment, identity
