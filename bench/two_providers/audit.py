"""What crossed, byte by byte, and whether either side can make anything of it that it should not.

Tried as somebody would who has a list of all values that the other side has, and everything that it sent: no such list should
be of use, since trying a value needs the other side's key.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from stillwatch.sharing.matching import each, group, messages
from stillwatch.sharing.matching.dleq import PROOF_BYTES
from stillwatch.sharing.matching.identifiers import Gathered
from stillwatch.sharing.matching.messages import MATCH
from stillwatch.sharing.matching.tags import MATCHING

HEADERS = 4_096 + 64  # bytes of a message that are no rows


@dataclass(frozen=True)
class Crossed:
    """One match: north holds and south asks, or the other way round."""

    set: bytes
    request: bytes
    reply: bytes
    told: bytes  # empty: not sent
    secret: bytes  # the asker's
    asked: Gathered  # the asker's values


def accounted(crossed: Crossed) -> dict[str, tuple[int, int, str]]:
    """Of each message: bytes, rows, and what they are; AssertionError where a byte is over."""
    head, entries = messages.read_set(crossed.set, "")
    asked, points = messages.read_request(crossed.request, "")
    reply, answered, proofs = messages.read_reply(crossed.reply, "")
    found = {
        "set": (
            len(crossed.set),
            head.entries,
            f"tag {head.tag_bytes} B + sealed label {messages.width(head) - head.tag_bytes} B",
        ),
        "request": (len(crossed.request), asked.points, "blinded point 32 B"),
        "reply": (len(crossed.reply), reply.points, f"point 32 B, and {len(proofs)} proof of {PROOF_BYTES} B"),
    }
    over = {
        "set": len(crossed.set) - head.entries * messages.width(head),
        "request": len(crossed.request) - asked.points * group.POINT_BYTES,
        "reply": len(crossed.reply) - len(answered) * group.POINT_BYTES - len(proofs) * PROOF_BYTES,
    }
    if crossed.told:
        told, rows = messages.read_told(crossed.told, "", head.tag_bytes)
        found["told"] = (len(crossed.told), told.matches, "tag, receipt and label of a value that both have")
        over["told"] = len(crossed.told) - sum(map(len, rows))
    assert len(entries) == head.entries * messages.width(head) and all(0 < one <= HEADERS for one in over.values())
    for point in messages.rows(points, group.POINT_BYTES) + answered:
        group.checked_point(point)
    return found


def derivable_by_asker(crossed: Crossed, values: Iterable[bytes]) -> set[bytes]:
    """Of a list of all the holder's values: those that the asker can show to be in the set, with all that it has.

    It tries digests under every string that it got or has, and points under its own blinds; and what it asked for, it knows.
    """
    head, entries = messages.read_set(crossed.set, "")
    tags = {one[: head.tag_bytes] for one in messages.rows(entries, messages.width(head))}
    got = _points(crossed)
    own = hmac.digest(crossed.secret, messages.digest(crossed.set).encode(), "sha256")
    strings = bytes.fromhex(head.public), bytes.fromhex(head.salt), messages.digest(crossed.set).encode()
    keys = (b"", crossed.secret, own, *strings)
    answers = dict(_answers(crossed, own))
    found = set()
    for text in values:
        tried = [*_digests(text, keys), MATCHING.value(crossed.secret, text), answers.get(text, b"")]
        seen = any(
            one[start : start + head.tag_bytes] in tags for one in tried for start in range(0, max(len(one), 1), 8)
        )
        point = MATCHING.point(text)
        if seen or point in got or (text not in crossed.asked.held and each.blinded(text, own, MATCH) in got):
            found.add(text)
    return found


def derivable_by_holder(crossed: Crossed, values: Iterable[bytes], scalars: Iterable[bytes]) -> set[bytes]:
    """Of a list of all the asker's values: those that the holder can show to be in the request, with its key and all it got."""
    got = _points(crossed)
    keys = [*scalars]
    keys += [group.inverse(one) for one in keys]
    found = set()
    for text in values:
        point = MATCHING.point(text)
        if point in got or any(group.times(one, point) in got for one in keys):
            found.add(text)
    return found


def _points(crossed: Crossed) -> set[bytes]:
    sent = messages.rows(messages.read_request(crossed.request, "")[1], group.POINT_BYTES)
    return {*sent, *messages.read_reply(crossed.reply, "")[1]}


def _answers(crossed: Crossed, own: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The function's values that the asker paid for."""
    points = messages.rows(messages.read_request(crossed.request, "")[1], group.POINT_BYTES)
    place = dict(zip(points, messages.read_reply(crossed.reply, "")[1], strict=True))
    value = partial(each.value, secret=own)
    for text in crossed.asked.held:
        sent = each.blinded(text, own, MATCH)
        if sent in place:
            yield text, value((text, place[sent]))


def _digests(text: bytes, keys: Iterable[bytes]) -> Iterator[bytes]:
    plain = text.partition(b"\0")[2]
    for one in (text, plain):
        for name in ("sha256", "sha512"):
            yield hashlib.new(name, one).digest()
            for key in keys:
                yield hmac.digest(key, one, name)
                yield hashlib.new(name, key + one).digest()
