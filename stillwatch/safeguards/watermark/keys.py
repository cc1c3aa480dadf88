"""Keys of watermarks: one for all or one for a campaign, each for an epoch, all from one secret.

No key is of an account: a text must not lead to whom it was written for. Epochs are windows of one length counted from
1970, so that everybody with the secret makes the same keys, and a key ends without anybody doing anything.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

import orjson

ALL = "all"  # the scope of the key that everybody shares
KEY_BYTES = 8  # what SGLang takes with a request: 16 hexadecimal digits
_KEY, _NONCE, _COMMITMENT = "stillwatch watermark key", "stillwatch watermark nonce", "stillwatch watermark commitment"


@dataclass(frozen=True, slots=True)
class Epoch:
    """A window in which a key is used, in seconds since 1970; its end is outside."""

    begins: int
    ends: int

    def next(self) -> Epoch:
        """The window after it."""
        return Epoch(self.ends, 2 * self.ends - self.begins)


def epoch(at: float, seconds: int) -> Epoch:
    """The window of this length around a moment."""
    begins = int(at // seconds) * seconds
    return Epoch(begins, begins + seconds)


@dataclass(frozen=True, slots=True)
class MarkKey:
    """A key and what is needed to show later that it was committed to. Neither key nor nonce is in its text."""

    scope: str  # `all` or a campaign's id
    epoch: Epoch
    key: str = field(repr=False)  # 16 hexadecimal digits
    nonce: str = field(repr=False)  # keeps the 64 bits of the key from being searched for by its commitment
    commitment: str = ""


class Secret:
    """Makes keys. It is not the key of pseudonyms: whoever reads logs must not be able to forge a mark."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def key(self, scope: str, epoch: Epoch) -> MarkKey:
        """The key of a scope in an epoch, always the same."""
        key = self._made(_KEY, scope, epoch)[:KEY_BYTES].hex()
        nonce = self._made(_NONCE, scope, epoch).hex()
        return MarkKey(scope, epoch, key, nonce, commitment(scope, epoch, key, nonce))

    def _made(self, what: str, scope: str, epoch: Epoch) -> bytes:
        return hmac.digest(self._secret, orjson.dumps([what, scope, epoch.begins, epoch.ends]), "sha256")

    def __repr__(self) -> str:
        return "Secret(<key>)"  # never in a log or a traceback


def commitment(scope: str, epoch: Epoch, key: str, nonce: str) -> str:
    """SHA-256 over a JSON list without spaces, so that anybody can work it out once key and nonce are shown."""
    return hashlib.sha256(orjson.dumps([_COMMITMENT, scope, epoch.begins, epoch.ends, key, nonce])).hexdigest()
