"""The asker's side: blind what is asked for, and read the answer.

Between the two nothing is kept but a secret of 32 bytes: blinds follow from it and from the values, which are read from the log
again. So no file has a value in it, and a log that changed meanwhile is noticed.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import partial

import numpy as np

from stillwatch.sharing.matching import each, group, messages, tags
from stillwatch.sharing.matching.group import BadElement
from stillwatch.sharing.matching.identifiers import Gathered
from stillwatch.sharing.matching.kinds import kind_of
from stillwatch.sharing.matching.many import mapped
from stillwatch.sharing.matching.matched import Match
from stillwatch.sharing.matching.messages import COUNT, MATCH, RequestHead, SetHead, ToldHead
from stillwatch.sharing.matching.refused import Refused, malformed
from stillwatch.sharing.matching.sizes import padded
from stillwatch.sharing.matching.tags import Label


@dataclass(frozen=True)
class Answer:
    """What the asker knows in the end."""

    asked: int
    found: int  # values that the partner has too
    matches: list[Match]  # empty where only the number is told
    told: bytes  # a message with which the partner learns of the same values, if it is sent


def request(published: bytes, found: Gathered, secret: bytes, now: float, workers: int | None = None) -> bytes:
    """What is sent to the holder. Refused where the set is none that can be asked now."""
    head, _ = _opened(published, now)
    return _asked(head, published, found, secret, workers).message


def finished(
    published: bytes, found: Gathered, secret: bytes, reply: bytes, now: float, workers: int | None = None
) -> Answer:
    """What the reply says. Refused where it is not the holder's to this request, or is not proved."""
    head, body = _opened(published, now)
    asked = _asked(head, published, found, secret, workers)
    answered, points, proofs = messages.read_reply(reply, "the reply")
    if answered.request != messages.digest(asked.message):
        raise Refused(
            "the reply is to another request", "the reply", "the reply to this request",
            "use the secret, log and result that the request was made with; if the log has changed, ask again", "other_request",
        )  # fmt: skip
    due = len(asked.points), messages.proofs(len(asked.points)) if head.mode == MATCH else 0
    if (answered.points, answered.proofs) != due:
        raise malformed("the reply has another number of points or proofs", "the reply")
    try:
        if head.mode == COUNT:
            return _counted(head, body, asked, points, workers)
        _proved(head, asked.points, points, proofs, workers)
        place = dict(zip(asked.points, points, strict=True))
        pairs = [(text, place[one]) for text, one in zip(asked.texts, asked.blinded, strict=True)]
        values = list(mapped(partial(each.value, secret=asked.secret), pairs, workers))
    except BadElement as problem:
        raise malformed(str(problem), "the reply", "points of ristretto255, 32 bytes each") from None
    return _matched(head, messages.digest(published), body, found, label_names(found, secret), asked.texts, values)


def label_names(found: Gathered, secret: bytes) -> dict[str, str]:
    """What our campaigns are called in what is told: campaign → name. Known for as long as the secret is."""
    names = {one.campaign for one in found.held.values() if one.campaign}
    return {one: tags.label_name(secret, one) for one in sorted(names)}


def _opened(published: bytes, now: float) -> tuple[SetHead, bytes]:
    head, body = messages.read_set(published, "the set")
    if now >= head.until:
        raise Refused(
            f"epoch {head.epoch} is over", "the set", "an epoch that runs", f"ask {head.holder} for its set", "over"
        )
    try:
        group.checked_point(bytes.fromhex(head.public))
    except BadElement as problem:
        raise malformed(f"the set's key is {problem}", "the set") from None
    return head, body


@dataclass(frozen=True)
class _Asked:
    texts: list[bytes]
    blinded: list[bytes]  # of each text
    points: list[bytes]  # as sent: these and what fills them up
    message: bytes
    secret: bytes  # of this set alone, so that nobody can compare what two holders were asked


def _asked(head: SetHead, published: bytes, found: Gathered, secret: bytes, workers: int | None) -> _Asked:
    """The values that the set can have, blinded, in an order that tells nothing."""
    digest = messages.digest(published)
    own = hmac.digest(secret, digest.encode(), "sha256")
    texts = [one for one in found.held if kind_of(one) in set(head.kinds)]
    blinded = list(mapped(partial(each.blinded, secret=own, mode=head.mode), texts, workers))
    filling = [each.filling(own, number) for number in range(padded(len(texts)) - len(texts))]
    points = sorted(blinded + filling)  # blinds are as good as random, and so is this order
    told = RequestHead(head.holder, head.partner, head.epoch, digest, len(points))
    return _Asked(texts, blinded, points, messages.write(told, b"".join(points)), own)


def _proved(head: SetHead, blinded: list[bytes], points: list[bytes], proofs: list[bytes], workers: int | None) -> None:
    parts = list(zip(messages.batches(blinded), messages.batches(points), proofs, strict=True))
    held = mapped(partial(each.holds, public=bytes.fromhex(head.public)), parts, workers, batch=messages.BATCH)
    if not all(held):
        raise Refused(
            f"the answer was not made with the key of epoch {head.epoch}", "the reply", "one key for all of a set",
            f"{head.holder} used another key, or the reply was changed on the way: use none of it", "not_proved",
        )  # fmt: skip


def _counted(head: SetHead, body: bytes, asked: _Asked, points: list[bytes], workers: int | None) -> Answer:
    inverse = group.inverse(each.blind(b"", asked.secret, COUNT))
    found = list(mapped(partial(each.unblinded_tag, inverse=inverse, tag_bytes=head.tag_bytes), points, workers))
    return Answer(len(asked.texts), len(_places(head, body, found)), [], b"")


def _matched(
    head: SetHead, of: str, body: bytes, found: Gathered, names: dict[str, str], texts: list[bytes], values: list[bytes]
) -> Answer:
    width, salt = messages.width(head), bytes.fromhex(head.salt)
    places = _places(head, body, [tags.tag(one, head.tag_bytes) for one in values])
    matches: list[Match] = []
    told: list[bytes] = []
    for number, place in sorted(places.items()):
        held, value = found.held[texts[number]], values[number]
        start = place * width + head.tag_bytes
        label = Label.read(tags.sealed(body[start : start + messages.LABEL_BYTES], value, salt))
        kind = kind_of(texts[number])
        matches += [Match(kind, one, held.campaign or None, head.holder, head.epoch, label) for one in held.accounts]
        ours = Label(names.get(held.campaign, ""), held.score)
        told.append(tags.tag(value, head.tag_bytes) + tags.receipt(value) + bytes(ours))
    message = messages.write(ToldHead(of, len(told)), b"".join(sorted(told)))
    return Answer(len(texts), len(places), matches, message)


def _places(head: SetHead, body: bytes, wanted: list[bytes]) -> dict[int, int]:
    """Number of each tag that the set has → its place there."""
    entries = np.frombuffer(body, np.uint8).reshape(head.entries, messages.width(head))
    first = np.ascontiguousarray(entries[:, :8]).view(">u8").ravel()  # the set is in order of its tags
    if (first[1:] < first[:-1]).any():
        raise malformed("the set is not in order of its tags", "the set")
    asked = np.frombuffer(b"".join(one[:8] for one in wanted), ">u8")
    begins, ends = np.searchsorted(first, asked, "left"), np.searchsorted(first, asked, "right")
    found = {}
    for number in np.flatnonzero(ends > begins).tolist():
        for place in range(begins[number], ends[number]):
            if entries[place, : head.tag_bytes].tobytes() == wanted[number]:
                found[number] = place
    return found
