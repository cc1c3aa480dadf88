"""Which values may be matched, which never, and why: a value is matched only if it names one party and cannot be listed.

Whoever holds a key can try every value that there can be (45 µs each). Of telephone numbers a country has some hundred
million, of IPv4 addresses there are four thousand million: a day on one machine. So addresses are refused, and numbers are
matched only where both sides ask for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from stillwatch.errors import BadConfiguration
from stillwatch.mailboxes import mail

TEMPLATE = "template"
_LEAST_CHARACTERS = (
    8  # of a payment's or a device's fingerprint: shorter ones are words such as `unknown`, and can be listed
)
_MOST_CHARACTERS = 1_000  # of a value, as at sign-up
_WRITTEN = re.compile(r"[\d\s()./+-]+")  # a telephone number as people write one; anything else is a pseudonym
_SHORTEST, _LONGEST = 7, 15  # digits of a number, country included (ITU-T E.164)
_PSEUDONYM = "is a pseudonym already: it is under a key of one provider's, and equals nothing elsewhere"


class Unmatchable(ValueError):
    """A value that cannot be matched; its text says why, and never the value."""


@dataclass(frozen=True)
class Kind:
    """What two providers can have in common. `spelled` gives the one form that both must have, or raises Unmatchable."""

    name: str
    column: str  # of LOG_ACCOUNTS
    crowd: int  # accounts of one provider that may hold a value before it names nobody, as for the ties (docs/links.md)
    spelled: Callable[[str], str]
    leak: str  # what a match tells of


def _mailbox(written: str) -> str:
    found = mail(written.strip())
    if not found.domain:
        raise Unmatchable(_PSEUDONYM)
    if not found.local or any(one.isspace() for one in found.mailbox):
        raise Unmatchable("is no mail address")
    return found.mailbox


def _number(written: str) -> str:
    text = written.strip()
    if not _WRITTEN.fullmatch(text):
        raise Unmatchable(_PSEUDONYM)
    digits = "".join(one for one in text if "0" <= one <= "9")
    if text.startswith("00"):
        digits = digits[2:]
    elif not text.startswith("+"):
        raise Unmatchable("names no country: +49… or 0049… can be compared, 0171… cannot")
    if not _SHORTEST <= len(digits) <= _LONGEST:
        raise Unmatchable("is no telephone number")
    return f"+{digits}"


def _fingerprint(written: str) -> str:
    text = written.strip()
    if len(text) < _LEAST_CHARACTERS:
        raise Unmatchable(f"has fewer than {_LEAST_CHARACTERS} characters: that is no fingerprint")
    try:
        ip_network(text, strict=False)
    except ValueError:
        return text
    raise Unmatchable("is an address of a network: those are never matched")


ALL = (
    Kind("email", "email", 50, _mailbox, "that a mailbox is the partner's customer's too"),
    Kind("payment", "payment_fingerprint", 200, _fingerprint, "that a card or bank account pays there"),
    Kind("device", "device_fingerprint", 100, _fingerprint, "that a device signed up there"),
    Kind("phone", "phone", 50, _number, "that a telephone number is registered there"),
)  # fmt: skip
BY_NAME = {one.name: one for one in ALL}
USUAL = ("email", "payment", "device", TEMPLATE)  # without being asked for
NAMES = (*BY_NAME, TEMPLATE)

REFUSED = {
    "ipv4": "there are 4.3 thousand million: whoever gets hold of a key tries them all in two days of one core",
    "ipv6": "providers hand out networks in a row, and people change their addresses daily",
    "prefix": "there are 16.8 million /24 networks: all are tried in minutes",
    "country": "there are 250",
    "asn": "there are some 85,000",
    "user_agent": "there are few thousand in use, and no party has one of its own",
    "tls": "there are few thousand in use, and no party has one of its own",
    "email_domain": "domains are listed in public, and most are of thousands of people",
    "name": "people share names",
    "api_key": "it is a secret that one provider made: no other has it",
    "end_user": "it names somebody below an account whom nobody found anything of",
    "prompt": "a text is its author's; of templates that several accounts share, only buckets are matched",
}  # why each is never matched
_SAME = {
    "ip": "ipv4", "ipv4-addr": "ipv4", "ipv6-addr": "ipv6", "address": "ipv4", "client_ip": "ipv4", "signup_ip": "ipv4",
    "domain": "email_domain", "domain-name": "email_domain", "mail_domain": "email_domain", "tls_fingerprint": "tls",
    "ja4": "tls", "declared_country": "country", "payment_country": "country", "api_key_id": "api_key",
    "end_user_id": "end_user",
}  # fmt: skip


def chosen(names: Iterable[str]) -> tuple[str, ...]:
    """The kinds asked for, each once; BadConfiguration for one that is never matched, with the reason, or not known."""
    found = dict.fromkeys(names)
    for name in found:
        if name in NAMES:
            continue
        why = REFUSED.get(_SAME.get(name, name))
        raise BadConfiguration(
            f"{name} is never matched: {why}" if why else f"no kind called {name!r}", "--kind", ", ".join(NAMES)
        )
    return tuple(found) or USUAL


def spelled(kind: Kind, written: str) -> str:
    """The form in which a value is matched. Unmatchable."""
    if len(written) > _MOST_CHARACTERS:
        raise Unmatchable(f"has more than {_MOST_CHARACTERS:,} characters")
    return kind.spelled(written)


def written(kind: str, value: bytes) -> bytes:
    """The input of the function: the kind stands before the value, so that no two kinds ever meet."""
    return kind.encode() + b"\0" + value


def kind_of(text: bytes) -> str:
    return text.partition(b"\0")[0].decode()
