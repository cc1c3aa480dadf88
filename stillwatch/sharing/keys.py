"""Keys that values are hashed under before they leave, all from one secret that never does.

Three kinds, each of one partner, so that two partners cannot lay what they were given side by side:

- `compared`: of partner and epoch, a quarter of a year. The partner is given it, to hash values of his own and compare them. A
  holder can hash any value that he can guess, so nothing that can be guessed is hashed under it: addresses, telephone numbers
  and mail addresses are not sent at all, cards and devices are, by the long random names that processors give them.
- `accounts`: tokens of accounts, for a partner to speak of one to us. He never gets it, and cannot try ids of accounts out.
- `names`: ids of STIX objects. Neither; the same finding told twice has one id.

A hashed value is written EPOCH:TOKEN, such as `2026q4:kq3_XbU0R1Zw`, so that whoever meets it later knows by which key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime
from pathlib import Path

from stillwatch import keyfiles
from stillwatch.pseudonyms import Pseudonyms

_HASHED = re.compile(r"(?P<epoch>\d{4}q[1-4]):(?P<token>[A-Za-z0-9_-]{12})")


class PartnerKeys:
    """The keys towards one partner. Deterministic: nothing but the secret has to be kept."""

    def __init__(self, secret: bytes, partner: str) -> None:
        self.partner = partner
        self._secret = secret
        self.accounts = Pseudonyms(self._derived("accounts"))
        self.names = Pseudonyms(self._derived("names"))

    def compared(self, epoch: str) -> Pseudonyms:
        """Makes the tokens that the partner can make as well."""
        return Pseudonyms(self.shared(epoch))

    def shared(self, epoch: str) -> bytes:
        """The key that the partner is given, 32 bytes."""
        return self._derived(f"compared\0{epoch}")

    def _derived(self, purpose: str) -> bytes:
        return hmac.digest(self._secret, f"stillwatch sharing\0{self.partner}\0{purpose}".encode(), hashlib.sha256)

    def __repr__(self) -> str:
        return f"PartnerKeys({self.partner!r})"  # never a key in a log or a traceback


def partner_keys(secret: Path, partner: str) -> PartnerKeys:
    """From the file of the secret, which is made on first use."""
    if not secret.exists():
        keyfiles.create(secret)  # another command may be first; its secret is the secret
    return PartnerKeys(keyfiles.read(secret), partner)


def epoch_of(now: datetime) -> str:
    """The quarter of a UTC instant, such as `2026q4`."""
    return f"{now.year}q{(now.month + 2) // 3}"


def written(epoch: str, token: str) -> str:
    """A hashed value as it stands in a pattern."""
    return f"{epoch}:{token}"


def hashed(value: str) -> tuple[str, str] | None:
    """Epoch and token of a value that was hashed before it left; None for any other."""
    found = _HASHED.fullmatch(value)
    return (found["epoch"], found["token"]) if found else None
