"""Values that partners told of (LOG/indicators), for sign-ups to be held against: of the kinds that hardly two strangers share.

Addresses, TLS fingerprints and clients are none of them: at a sign-up they are crowds'. Nor is a mail domain that is a
school's or gives anyone a mailbox. A value counts from when it was told until it ends, and where it is at least as likely right
as wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from stillwatch.mailboxes import spelling
from stillwatch.pseudonyms import DEVICE, EMAIL, PAYMENT, PHONE, Pseudonyms
from stillwatch.registered import phone_digits
from stillwatch.verification.signup import Signup

LEAST = 50  # of 100: confidence from which an indicator is looked at, as in links/shared_indicator.py
_HASHED = {"payment": PAYMENT, "device": DEVICE, "phone": PHONE, "email-addr": EMAIL}
_OPEN = ("domain-name", "email_pattern")
_WORDS = {
    "payment": "card or bank account", "device": "device", "phone": "telephone number", "email-addr": "mailbox",
    "domain-name": "mail domain", "email_pattern": "form of mail address",
}  # fmt: skip


class Told(NamedTuple):
    """One partner's word."""

    kind: str
    source: str
    begins: float  # seconds since 1970
    ends: float

    @property
    def said(self) -> str:
        return f"its {_WORDS[self.kind]} was told of by {self.source}"


class Partners:
    """All of it. Without rows nothing is known, and nothing is looked for."""

    def __init__(self, rows: Iterable[Mapping[str, Any]] = (), keys: Pseudonyms | None = None) -> None:
        """`rows` of tables.LOG_INDICATORS; `keys` that sign-ups are read under."""
        self._told: dict[tuple[str, str], list[Told]] = {}
        for row in rows:
            kind, value = row["type"], row["value"]
            if kind in _WORDS and (row["confidence"] or 0) >= LEAST and keys is not None:
                begins, ends = (row[name].timestamp() if row[name] else None for name in ("valid_from", "valid_until"))
                told = Told(kind, row["source"] or "a partner", begins or 0.0, float("inf") if ends is None else ends)
                self._told.setdefault((kind, _spelled(kind, value, keys)), []).append(told)

    def __bool__(self) -> bool:
        return bool(self._told)

    def of(self, signup: Signup, everyones: bool) -> Told | None:
        """What was told by then of a value that a sign-up shows. `everyones`: its mail domain gives anyone a mailbox."""
        for kind, value in _shown(signup, everyones):
            for told in self._told.get((kind, value), ()):
                if told.begins <= signup.at < told.ends:
                    return told
        return None


def _spelled(kind: str, value: str, keys: Pseudonyms) -> str:
    """As sign-ups are read (reading.py)."""
    if kind == "domain-name":
        return spelling(value)
    if kind in _OPEN:
        return value
    if kind == "phone":
        value = phone_digits(value)
    elif kind == "email-addr":
        value = value.strip().lower()
    return keys.token(_HASHED[kind], value)


def _shown(signup: Signup, everyones: bool) -> Iterator[tuple[str, str]]:
    given = (("payment", signup.payment), ("device", signup.device), ("phone", signup.phone), ("email-addr", signup.email),
             ("email-addr", signup.mailbox))  # fmt: skip
    yield from ((kind, value) for kind, value in given if value)
    if signup.email_domain and not everyones:
        yield "domain-name", signup.email_domain
        if signup.email_shape:
            yield "email_pattern", f"{signup.email_shape}@{signup.email_domain}"
