"""What is done with one value, or one batch, by itself: functions that other processes are handed (many.py).

Nothing heavy is imported here: each process begins with it.
"""

from __future__ import annotations

import hmac

from stillwatch.sharing.matching import group
from stillwatch.sharing.matching.dleq import Proof
from stillwatch.sharing.matching.messages import COUNT, MATCH
from stillwatch.sharing.matching.oprf import Keys, NotProved
from stillwatch.sharing.matching.tags import COUNTING, MATCHING, counted_tag, receipt, sealed, tag


def entry(item: tuple[bytes, bytes], keys: Keys, salt: bytes, tag_bytes: int) -> bytes:
    """Of an input and its label: tag, sealed label and receipt, one after the other."""
    text, label = item
    value = MATCHING.value(keys.secret, text)
    return tag(value, tag_bytes) + sealed(label, value, salt) + receipt(value)


def counted_entry(item: tuple[bytes, bytes], keys: Keys, tag_bytes: int) -> bytes:
    """Of an input: the tag alone."""
    return counted_tag(group.times(keys.secret, COUNTING.point(item[0])), tag_bytes)


def blind(text: bytes, secret: bytes, mode: str) -> bytes:
    """Of each value its own; of a count one for all, since nobody may know then which answer is whose."""
    of = b"blind\0" + (b"" if mode == COUNT else text)
    for tried in range(256):
        drawn = hmac.digest(secret, bytes([tried]) + of, "sha512")
        if any(made := group.reduced(drawn)):
            return made
    raise ValueError("no blind follows from this secret")


def blinded(text: bytes, secret: bytes, mode: str) -> bytes:
    return (COUNTING if mode == COUNT else MATCHING).blinded(text, blind(text, secret, mode))


def filling(secret: bytes, number: int) -> bytes:
    """A point that stands for no value."""
    return group.from_bytes(hmac.digest(secret, b"filling\0" + number.to_bytes(4, "big"), "sha512"))


def value(pair: tuple[bytes, bytes], secret: bytes) -> bytes:
    text, evaluated = pair
    return MATCHING.finished(text, blind(text, secret, MATCH), evaluated)


def unblinded_tag(point: bytes, inverse: bytes, tag_bytes: int) -> bytes:
    return counted_tag(group.times(inverse, point), tag_bytes)


def proved(pair: tuple[list[bytes], list[bytes]], keys: Keys) -> bytes:
    return bytes(MATCHING.proof(keys, *pair, group.random_scalar()))


def holds(part: tuple[list[bytes], list[bytes], bytes], public: bytes) -> bool:
    blinded, points, proof = part
    try:
        MATCHING.verify(public, blinded, points, Proof.read(proof))
    except NotProved:
        return False
    return True
