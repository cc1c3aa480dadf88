"""What a value becomes in a set: a tag to find it by, a receipt that only who knows the value has, and a sealed label.

All three are parts of the function's 64 bytes, so nobody has any of them who has not evaluated the function on the value: its
holder, or an asker who asked for it. The set shows the tag; the label is sealed with a part that is never sent.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from stillwatch.sharing.matching.messages import LABEL_BYTES, RECEIPT_BYTES
from stillwatch.sharing.matching.oprf import OPRF, VOPRF, Mode

_RECEIPT = slice(16, 16 + RECEIPT_BYTES)  # tags have 16 bytes at most
_SEAL = slice(32, 64)
_COUNTED = b"stillwatch match count\0"
MATCHING, COUNTING = (
    Mode(VOPRF),
    Mode(OPRF),
)  # counting has keys of its own: the modes derive different ones of one seed
NO_LABEL = bytes(LABEL_BYTES)


@dataclass(frozen=True)
class Label:
    """The campaign that a value speaks for, by a name that only whoever gave it can resolve; empty: none."""

    name: str = ""  # sixteen hexadecimal digits
    confidence: float = 0.0  # 0..1

    def __bytes__(self) -> bytes:
        return bytes.fromhex(self.name or "00" * (LABEL_BYTES - 1)) + bytes([round(100 * self.confidence)])

    @classmethod
    def read(cls, given: bytes) -> Label:
        name, confidence = given[:-1].hex(), min(given[-1], 100) / 100
        return cls(name, confidence) if int(name, 16) else cls()


def label_name(secret: bytes, campaign: str) -> str:
    """The name of a campaign under one secret: another partner and another epoch see another name."""
    return hmac.digest(secret, b"label\0" + campaign.encode(), "sha256")[: LABEL_BYTES - 1].hex() if campaign else ""


def sealed(label: bytes, value: bytes, salt: bytes) -> bytes:
    """A label that only who has the function's value reads; the same again opens it."""
    pad = hmac.digest(value[_SEAL], salt, "sha256")[:LABEL_BYTES]
    return (int.from_bytes(label) ^ int.from_bytes(pad)).to_bytes(LABEL_BYTES)


def tag(value: bytes, tag_bytes: int) -> bytes:
    return value[:tag_bytes]


def receipt(value: bytes) -> bytes:
    return value[_RECEIPT]


def counted_tag(point: bytes, tag_bytes: int) -> bytes:
    """Of an evaluated point alone: who counts must not know which value it is of."""
    return hashlib.sha512(_COUNTED + point).digest()[:tag_bytes]
