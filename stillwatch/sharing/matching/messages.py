"""The four things that cross between two providers, and how they are written. Nothing else does.

    set      holder → asker    tags of the holder's values, each with a sealed label, in order of tags, filled up at random
    request  asker → holder    blinded points, filled up at random, in an order that tells nothing
    reply    holder → asker    the points evaluated, and proofs
    told     asker → holder    tags that matched, each with what only somebody knows who has the value; never sent by itself

Each is a line that says what it is, the length of a header, the header (JSON), and rows of one width. Readers take nothing on
trust: every length is checked before it is used, and what is wrong is Refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

import orjson

from stillwatch.sharing.matching.dleq import PROOF_BYTES
from stillwatch.sharing.matching.group import POINT_BYTES
from stillwatch.sharing.matching.refused import malformed
from stillwatch.sharing.matching.sizes import LONGEST_TAG

MATCH, COUNT = "match", "count"  # what an asker learns: which, or how many
LABEL_BYTES = 9  # eight that name a campaign to its holder alone, one of confidence in hundredths
RECEIPT_BYTES = 16
BATCH = 16_384  # points of a proof
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")  # of a provider or an epoch: also the name of a folder

_FIRST = b"stillwatch match 1 "
_MOST_HEADER = 4_096
_LENGTH_BYTES = 4
_DIGEST = re.compile(r"[0-9a-f]{64}")
_T = TypeVar("_T")


@dataclass(frozen=True)
class SetHead:
    """What both must agree on for an epoch."""

    holder: str
    partner: str  # the one asker that the set is for
    epoch: str
    until: int  # seconds since 1970: from then on nothing is evaluated, and the key is destroyed
    mode: str
    kinds: list[str]
    whom: str  # campaign: values of campaigns' accounts; all: of every account
    public: str  # the holder's public key, hexadecimal
    salt: str  # of labels, hexadecimal
    tag_bytes: int
    entries: int


@dataclass(frozen=True)
class RequestHead:
    holder: str
    partner: str
    epoch: str
    set: str  # SHA-256 of the set as it was read: one that was changed on the way is noticed here
    points: int


@dataclass(frozen=True)
class ReplyHead:
    request: str  # SHA-256
    points: int
    proofs: int


@dataclass(frozen=True)
class ToldHead:
    set: str
    matches: int


def digest(message: bytes) -> str:
    return hashlib.sha256(message).hexdigest()


def proofs(points: int) -> int:
    """As many as a reply to so many points has in the mode `match`."""
    return -(-points // BATCH)


def batches(points: list[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(points), BATCH):
        yield points[start : start + BATCH]


def rows(body: bytes, width: int) -> list[bytes]:
    return [body[start : start + width] for start in range(0, len(body), width)]


def write(head: Any, body: bytes) -> bytes:
    """One message."""
    coded = orjson.dumps(asdict(head))
    return _FIRST + _WORDS[type(head)] + b"\n" + len(coded).to_bytes(_LENGTH_BYTES, "big") + coded + body


def read_set(message: bytes, where: str) -> tuple[SetHead, bytes]:
    """Header and entries of tag and label. Refused."""
    head, body = _read(SetHead, message, where)
    if not (_names(head.holder, head.partner, head.epoch) and head.mode in (MATCH, COUNT) and head.kinds):
        raise malformed("the set's header is not one", where)
    if not (_DIGEST.fullmatch(head.public) and len(head.salt) == 32 and _hexadecimal(head.salt)):
        raise malformed("the set's key or salt is not one", where)
    if not 8 <= head.tag_bytes <= LONGEST_TAG:
        raise malformed(f"the set's tags have {head.tag_bytes} bytes", where, f"8 to {LONGEST_TAG}")
    _whole(body, head.entries * width(head), where)
    return head, body


def read_request(message: bytes, where: str) -> tuple[RequestHead, bytes]:
    """Header and points, which are not yet looked at. Refused."""
    head, body = _read(RequestHead, message, where)
    if not (_names(head.holder, head.partner, head.epoch) and _DIGEST.fullmatch(head.set)):
        raise malformed("the request's header is not one", where)
    _whole(body, head.points * POINT_BYTES, where)
    return head, body


def read_reply(message: bytes, where: str) -> tuple[ReplyHead, list[bytes], list[bytes]]:
    """Header, points and proofs. Refused."""
    head, body = _read(ReplyHead, message, where)
    if not _DIGEST.fullmatch(head.request):
        raise malformed("the reply's header is not one", where)
    _whole(body, head.points * POINT_BYTES + head.proofs * PROOF_BYTES, where)
    end = head.points * POINT_BYTES
    return head, rows(body[:end], POINT_BYTES), rows(body[end:], PROOF_BYTES)


def read_told(message: bytes, where: str, tag_bytes: int) -> tuple[ToldHead, list[bytes]]:
    """Header and rows of tag, receipt and label. Refused."""
    head, body = _read(ToldHead, message, where)
    if not _DIGEST.fullmatch(head.set):
        raise malformed("the header of what is told is not one", where)
    each = tag_bytes + RECEIPT_BYTES + LABEL_BYTES
    _whole(body, head.matches * each, where)
    return head, rows(body, each)


def width(head: SetHead) -> int:
    """Bytes of an entry of a set."""
    return head.tag_bytes + (LABEL_BYTES if head.mode == MATCH else 0)


_WORDS: dict[type, bytes] = {SetHead: b"set", RequestHead: b"request", ReplyHead: b"reply", ToldHead: b"told"}
_TYPES = {"str": str, "int": int, "list[str]": list}


def _read(kind: type[_T], message: bytes, where: str) -> tuple[_T, bytes]:
    word = _WORDS[kind].decode()
    first = _FIRST + _WORDS[kind] + b"\n"
    if not message.startswith(first):
        raise malformed(f"this is no {word} of a private match", where)
    start = len(first) + _LENGTH_BYTES
    length = int.from_bytes(message[len(first) : start], "big")
    if len(message) < start or not 0 < length <= _MOST_HEADER or len(message) < start + length:
        raise malformed(f"the {word} ends within its header, or has none", where)
    try:
        given = orjson.loads(message[start : start + length])
    except orjson.JSONDecodeError:
        given = None
    return _typed(kind, given, word, where), message[start + length :]


def _typed(kind: type[_T], given: Any, word: str, where: str) -> _T:
    """The header with each field of its type, none missing and none more; numbers are not negative."""
    wanted = {one.name: _TYPES[str(one.type)] for one in fields(kind)}  # type: ignore[arg-type]
    if not isinstance(given, dict) or given.keys() != wanted.keys():
        raise malformed(f"the {word}'s header is not one", where)
    for name, value in given.items():
        texts = isinstance(value, list) and all(isinstance(one, str) for one in value)
        if type(value) is not wanted[name] or (isinstance(value, list) and not texts):
            raise malformed(f"the {word}'s `{name}` is not one", where)
        if isinstance(value, int) and value < 0:
            raise malformed(f"the {word}'s `{name}` is negative", where)
    return kind(**given)


def _names(*given: str) -> bool:
    return all(NAME.fullmatch(one) for one in given)


def _hexadecimal(text: str) -> bool:
    return set(text) <= set("0123456789abcdef")


def _whole(body: bytes, expected: int, where: str) -> None:
    if len(body) != expected:
        raise malformed(f"{len(body):,} bytes stand where {expected:,} were announced: it was cut or changed", where)
