"""Secrets of partners: made here, told once, kept as their digests.

32 random bytes cannot be guessed, so a plain SHA-256 of them tells nobody who reads the store what they are; a slow hash is for
what people choose. The same secret is the password of HTTP Basic, with the partner's name, and a bearer token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

from sqlalchemy import Engine, delete, insert, select, update

from stillwatch.sharing.taxii.instants import MOST
from stillwatch.sharing.taxii.schema import TOKENS
from stillwatch.stores import told

_BYTES = 32


class Tokens:
    """Those of one store."""

    def __init__(self, store: Engine) -> None:
        self._store = store

    def make(self, partner: str, overlap: float) -> str:
        """A new one, from now. Those before it count for `overlap` seconds more, if they would not end before."""
        made, now = secrets.token_urlsafe(_BYTES), time.time_ns() // 1_000
        ends = now + int(overlap * 1_000_000)
        with told(self._store), self._store.begin() as connection:
            earlier = TOKENS.c.partner == partner, TOKENS.c.until > ends
            connection.execute(update(TOKENS).where(*earlier).values(until=ends))
            connection.execute(insert(TOKENS).values(digest=_digest(made), partner=partner, since=now, until=MOST))
        return made

    def revoke(self, partner: str) -> int:
        """None of the partner's counts any more; how many did."""
        now = time.time_ns() // 1_000
        with told(self._store), self._store.begin() as connection:
            these = TOKENS.c.partner == partner
            counted = connection.execute(update(TOKENS).where(these, TOKENS.c.until > now).values(until=now)).rowcount
            connection.execute(delete(TOKENS).where(these, TOKENS.c.until <= now))
        return counted

    def of(self, partner: str) -> list[tuple[int, int]]:
        """From when until when each of a partner's counts, in microseconds since 1970."""
        with told(self._store), self._store.connect() as connection:
            found = select(TOKENS.c.since, TOKENS.c.until).where(TOKENS.c.partner == partner).order_by(TOKENS.c.since)
            return [(since, until) for since, until in connection.execute(found)]

    def partner(self, authorization: str) -> str | None:
        """Whose secret an Authorization header shows; None where it shows none that counts."""
        name, secret = shown(authorization)
        if not secret:
            return None
        digest, now, whose = _digest(secret), time.time_ns() // 1_000, None
        with told(self._store), self._store.connect() as connection:
            # All are compared, in a time that does not depend on which is right: partners are some dozen.
            for row in connection.execute(select(TOKENS)):
                right = hmac.compare_digest(bytes(row.digest), digest)
                if right and now < row.until and name in (None, row.partner):  # `since` is another host's clock
                    whose = row.partner
        return whose


def shown(authorization: str) -> tuple[str | None, str]:
    """The name, where one is stated, and the secret of a header of Basic (RFC 7617) or Bearer (RFC 6750)."""
    scheme, _, value = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return None, value.strip()
    if scheme.lower() != "basic":
        return None, ""
    try:
        name, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except ValueError:  # no base64, or no UTF-8 in it
        return None, ""
    return name, secret


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
