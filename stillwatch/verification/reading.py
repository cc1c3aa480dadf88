"""Reads a sign-up: a row of LOG_SIGNUPS, or the JSON body of an online request with the same names, as `Signup`.

Direct identifiers become pseudonyms of the same kinds as a scan's tables have (registered.py), so that a new account can be
held against old ones. Identifiers that are pseudonyms already are hashed again: equal stays equal, and there is no domain or
plan to read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from stillwatch.addresses import address_and_network
from stillwatch.mailboxes import mail, spelling
from stillwatch.pseudonyms import ADDRESS, DEVICE, EMAIL, PAYMENT, PHONE, PREFIX, Pseudonyms
from stillwatch.registered import email_shape, phone_digits
from stillwatch.verification.agents import described
from stillwatch.verification.likeness import random_bits
from stillwatch.verification.lists import Lists
from stillwatch.verification.phones import phone
from stillwatch.verification.signup import Signup

PHONE_BLOCK = "phone_block"  # kind of pseudonym: never compared with whole numbers

_DAY_S = 86_400
_EARLIEST, _LATEST = 0.0, 7_258_118_400.0  # 1970 to 2200: seconds; a time in milliseconds is later than that
_LONGEST = 1_000  # characters of a value: no field needs more, and what comes from outside is bounded
_CACHED = 1 << 14
_COUNTRY = re.compile(r"[A-Z]{2}")
_NO_COUNTRY = {"XX", "ZZ"}  # what content delivery networks and CLDR write for unknown
_TOR = "T1"  # what Cloudflare writes in place of the country of a Tor exit

PATHWAYS = ("self_serve", "education", "security_research", "startup", "enterprise", "reseller", "cloud")
VERIFICATIONS = ("none", "email", "phone", "payment", "identity")
FUNDINGS = ("credit", "debit", "prepaid", "virtual", "bank")
# Kinds of line, with the names of Twilio's Lookup beside our own. A fixed VoIP line is a household's telephone by cable.
_LINES = {"mobile": "mobile", "landline": "landline", "voip": "voip", "fixedvoip": "landline", "nonfixedvoip": "voip"}
_UNTOLD = {"", "unknown", "undetermined"}


class BadSignup(ValueError):
    """A row that is no sign-up: says which field, what is wrong with it, and what is allowed."""

    def __init__(self, field: str, what: str, allowed: str) -> None:
        super().__init__(f"{field}: {what}; allowed: {allowed}")
        self.field, self.what, self.allowed = field, what, allowed


class SignupReader:
    """Reads rows under one key and one set of lists. A row takes about 0.1 ms."""

    def __init__(self, keys: Pseudonyms, lists: Lists) -> None:
        self._token = keys.token
        self._lists = lists

    def read(self, row: Mapping[str, Any], now: float | None = None) -> Signup:
        """One sign-up. `now` (seconds since 1970) stands in for a missing created_at; without it, created_at is required.

        Raises BadSignup. Names that LOG_SIGNUPS does not have are ignored.
        """
        text = _Texts(row)
        account = text("account_id")
        if not account:
            raise BadSignup("account_id", "is missing", "any text that is the account's own")
        at = now if now is not None and row.get("created_at") is None else _seconds(row, "created_at")
        if at is None:
            raise BadSignup("created_at", "is missing", "a time: ISO 8601, or seconds since 1970")

        email, local, domain, mailbox = mail(text("email"))
        domain = spelling(text("email_domain")) or domain
        address, prefix = address_and_network(text("signup_ip")) if row.get("signup_ip") else ("", None)
        told = text("signup_country").upper()
        place = self._lists.place(
            address if prefix else "", "" if told == _TOR else _country(told, "signup_country"), _asn(row)
        )
        declared = text.country("declared_country")
        number = text("phone")
        plan = phone(number, declared or place.country)
        client, agent = described(text("signup_user_agent"))
        return Signup(
            account_id=account,
            at=at,
            organization_id=text("organization_id"),
            pathway=text.one_of("pathway", PATHWAYS) or "self_serve",
            plan=text("plan"),
            declared_country=declared,
            email=self._hashed(EMAIL, email),
            mailbox=self._hashed(EMAIL, mailbox),
            email_domain=domain,
            email_shape=(email_shape(email) or "") if local else "",
            email_random=random_bits(local) if local else None,
            email_age_days=_age(row, "email_since", at),
            email_domain_age_days=_age(row, "email_domain_since", at),
            phone=self._hashed(PHONE, phone_digits(number)),
            phone_block=self._hashed(PHONE_BLOCK, plan.block),
            phone_country=plan.country,
            phone_type=_line(text("phone_type")) or plan.kind,
            payment=self._hashed(PAYMENT, text("payment_fingerprint")),
            payment_issuer=text("payment_issuer"),
            payment_funding=text.one_of("payment_funding", FUNDINGS),
            payment_country=text.country("payment_country"),
            address=self._hashed(ADDRESS, address),
            prefix=self._hashed(PREFIX, prefix or ""),
            asn=place.asn,
            network="tor" if told == _TOR else place.network,
            country=place.country,
            client=client,
            user_agent=agent,
            tls=text("signup_tls_fingerprint"),
            language=_language(text("signup_language")),
            timezone=text("signup_timezone"),
            device=self._hashed(DEVICE, text("device_fingerprint")),
            verification=text.one_of("verification", VERIFICATIONS),
        )

    def _hashed(self, kind: str, value: str) -> str:
        return self._token(kind, value) if value else ""


class _Texts:
    """Texts of a row: empty where nothing is told; BadSignup where something else than text is."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row

    def __call__(self, name: str) -> str:
        value = self._row.get(name)
        if value is None:
            return ""
        if type(value) is str and len(value) <= _LONGEST:
            return value.strip()
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise BadSignup(name, f"is {type(value).__name__}", "text")
        text = str(value).strip()
        if len(text) > _LONGEST:
            raise BadSignup(name, f"has {len(text):,} characters", f"text of at most {_LONGEST:,} characters")
        return text

    def country(self, name: str) -> str:
        return _country(self(name).upper(), name)

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        text = self(name).lower()
        if text in _UNTOLD:
            return ""
        if text not in allowed:
            raise BadSignup(name, f"is {text!r}", ", ".join(allowed))
        return text


def _country(code: str, name: str) -> str:
    if not code or code in _NO_COUNTRY:
        return ""
    if not _COUNTRY.fullmatch(code):
        raise BadSignup(name, f"is {code!r}", "two letters, ISO 3166 alpha-2")
    return code


def _asn(row: Mapping[str, Any]) -> int | None:
    value = row.get("signup_asn")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadSignup("signup_asn", f"is {value!r}", "the number of an autonomous system")
    return value


def _seconds(row: Mapping[str, Any], name: str) -> float | None:
    """A time as seconds since 1970: of a datetime (UTC, where it names no zone), of ISO 8601 text, or of seconds."""
    value: Any = row.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError as problem:
            raise BadSignup(name, f"is {str(value)[:40]!r}", "a time: ISO 8601, or seconds since 1970") from problem
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadSignup(name, f"is {type(value).__name__}", "a time: ISO 8601, or seconds since 1970")
    if not _EARLIEST <= value <= _LATEST:
        raise BadSignup(name, f"is {value!r}", "a time from 1970 to 2200, in seconds")
    return float(value)


def _age(row: Mapping[str, Any], name: str, at: float) -> float | None:
    """Days at sign-up; 0 for what began later, as two clocks may have it."""
    since = _seconds(row, name)
    return None if since is None else max(0.0, (at - since) / _DAY_S)


def _line(told: str) -> str:
    kind = told.lower().replace("-", "").replace("_", "")
    return "" if kind in _UNTOLD else _LINES.get(kind, "other")


@lru_cache(maxsize=_CACHED)
def _language(told: str) -> str:
    return re.split(r"[,;]", told, maxsplit=1)[0].strip().lower()
