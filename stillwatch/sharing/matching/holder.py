"""The holder's side: publish a set for one partner and epoch, evaluate what the partner asks, read what the partner tells."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.sharing.matching import each, epochs, group, messages, tags
from stillwatch.sharing.matching.epochs import DEFAULT, Epoch, Limits
from stillwatch.sharing.matching.group import BadElement
from stillwatch.sharing.matching.identifiers import Gathered, Held
from stillwatch.sharing.matching.kinds import kind_of
from stillwatch.sharing.matching.many import mapped
from stillwatch.sharing.matching.matched import Match
from stillwatch.sharing.matching.messages import COUNT, MATCH, RECEIPT_BYTES, ReplyHead, SetHead
from stillwatch.sharing.matching.refused import Refused, malformed
from stillwatch.sharing.matching.sizes import padded, tag_bytes
from stillwatch.sharing.matching.spent import Spent
from stillwatch.sharing.matching.tags import Label

_SALT_BYTES = 16


@dataclass(frozen=True)
class Terms:
    """What a set is made under."""

    holder: str
    partner: str
    epoch: str
    until: int  # seconds since 1970
    kinds: tuple[str, ...]
    whom: str
    mode: str = MATCH
    limits: Limits = DEFAULT


def set_up(
    state: Path, terms: Terms, found: Gathered, workers: int | None = None, says: Callable[[int], None] | None = None
) -> bytes:
    """Make keys and the set, and leave both in the state's folder; the set is returned. 45 µs of a core a value."""
    folder, seed = epochs.begin(state, terms.partner, terms.epoch)
    keys = epochs.keys_of(seed, terms.holder, terms.partner, terms.epoch, terms.mode)
    entries = padded(len(found.held))
    tag_size, salt = tag_bytes(entries, terms.limits.per_epoch), secrets.token_bytes(_SALT_BYTES)
    head = SetHead(
        terms.holder, terms.partner, terms.epoch, terms.until, terms.mode, list(terms.kinds), terms.whom,
        keys.public.hex(), salt.hex(), tag_size, entries,
    )  # fmt: skip
    made: Callable[[tuple[bytes, bytes]], bytes] = partial(each.entry, keys=keys, salt=salt, tag_bytes=tag_size)
    if terms.mode == COUNT:
        made = partial(each.counted_entry, keys=keys, tag_bytes=tag_size)
    names: dict[str, str] = {}
    items = [(text, bytes(_label(one, seed, names))) for text, one in found.held.items()]
    shown, told, width = [], [], messages.width(head)
    for row in mapped(made, items, workers, says):
        shown.append(row[:width])
        told.append(row[:tag_size] + row[width:])
    shown += [secrets.token_bytes(width) for _ in range(entries - len(shown))]
    message = messages.write(head, b"".join(sorted(shown)))
    if terms.mode == MATCH:
        _index(folder, found, told, tag_size)
    epochs.publish(folder, message, terms.limits)
    return message


def evaluated(state: Path, partner: str, message: bytes, now: float, spent: Spent, workers: int | None = None) -> bytes:
    """The reply to a request. Refused; each is a line of the log, with numbers alone."""
    epoch, points = "", 0
    try:
        head, body = messages.read_request(message, "the request")
        epoch, points = head.epoch, head.points
        if head.partner != partner:
            raise Refused(f"the request is of {head.partner}", "the request", f"requests of {partner}", "", "partner")
        opened = epochs.opened(state, partner, head.epoch)
        _answerable(opened, head.holder, head.set, now)
        blinded = messages.rows(body, group.POINT_BYTES)
        _distinct(blinded)
        spent.spend(partner, epoch, messages.digest(message), points, opened.limits, now)
        reply = _reply(opened, blinded, messages.digest(message), workers)
    except Refused as problem:
        spent.note(now, partner, epoch, "refused", points=points, why=problem.code)
        raise
    spent.note(now, partner, epoch, "evaluated", points=points)
    return reply


def _answerable(opened: Epoch, holder: str, digest: str, now: float) -> None:
    if now >= opened.head.until:
        raise Refused(f"epoch {opened.head.epoch} is over", str(opened.folder), "an epoch that runs", "", "over")
    if holder != opened.head.holder or not secrets.compare_digest(digest, opened.set):
        raise Refused(
            "the request was made on another set than ours", "the request", opened.set, "get the set anew", "other_set"
        )


def _distinct(points: list[bytes]) -> None:
    """Of honest askers no two are equal; and what is no point costs nobody a quota."""
    if len(set(points)) != len(points):
        raise malformed("a point stands twice", "the request", "each once")
    for one in points:
        try:
            group.checked_point(one)
        except BadElement as problem:
            raise malformed(str(problem), "the request", "points of ristretto255, 32 bytes each") from None


def _reply(opened: Epoch, blinded: list[bytes], request: str, workers: int | None) -> bytes:
    keys = opened.keys()
    found = list(mapped(partial(group.times, keys.secret), blinded, workers))
    if opened.head.mode == COUNT:  # in order of the results, which tells nothing of the order that they came in
        return messages.write(ReplyHead(request, len(found), 0), b"".join(sorted(found)))
    pairs = list(zip(messages.batches(blinded), messages.batches(found), strict=True))
    proofs = list(mapped(partial(each.proved, keys=keys), pairs, workers, batch=messages.BATCH))
    return messages.write(ReplyHead(request, len(found), len(proofs)), b"".join(found) + b"".join(proofs))


def told(state: Path, partner: str, epoch: str, message: bytes, now: float, spent: Spent) -> list[Match]:
    """Which of our accounts have the values that the partner tells of, and the partner's names for its campaigns.

    A row counts only with its receipt, which nobody has who did not ask for the value itself. Refused where one has none.
    """
    opened = epochs.opened(state, partner, epoch)
    if opened.head.mode == COUNT:
        raise Refused(
            "this epoch counts, and nothing is told of single values", str(opened.folder), MATCH, "", "counts"
        )
    width = opened.head.tag_bytes
    head, found = messages.read_told(message, "what was told", width)
    if not secrets.compare_digest(head.set, opened.set):
        raise Refused("it is told of another set than ours", "what was told", opened.set, "", "other_set")
    index = pq.read_table(opened.folder / "index.parquet")
    place = {tag: row for row, tag in enumerate(index["tag"].to_pylist())}
    matches: list[Match] = []
    for row in found:
        where = place.get(row[:width])
        proof = row[width : width + RECEIPT_BYTES]
        if where is None or not secrets.compare_digest(index["receipt"][where].as_py(), proof):
            spent.note(now, partner, epoch, "refused", matches=len(found), why="no_receipt")
            raise Refused(
                "a row has no receipt that is one",
                "what was told",
                "rows of values that were asked for",
                "",
                "no_receipt",
            )
        label = Label.read(row[width + RECEIPT_BYTES :])
        of = index.slice(where, 1).to_pylist()[0]
        matches += [Match(of["kind"], one, of["campaign_id"], partner, epoch, label) for one in of["accounts"]]
    spent.note(now, partner, epoch, "told", matches=len(found))
    return matches


def campaign_names(state: Path, partner: str, epoch: str) -> dict[str, str]:
    """What our campaigns are called towards this partner in this epoch: campaign → name."""
    opened = epochs.opened(state, partner, epoch)
    index = pq.read_table(opened.folder / "index.parquet", columns=["campaign_id"])
    names = index["campaign_id"].drop_null().unique().to_pylist()
    return {one: tags.label_name(opened.seed, one) for one in names}


def totals(found: Gathered) -> Counter[str]:
    """Values by kind, for people."""
    return Counter(kind_of(one) for one in found.held)


def _label(held: Held, seed: bytes, names: dict[str, str]) -> Label:
    if not held.campaign:
        return Label()
    if held.campaign not in names:
        names[held.campaign] = tags.label_name(seed, held.campaign)
    return Label(names[held.campaign], held.score)


def _index(folder: Path, found: Gathered, told: list[bytes], tag_size: int) -> None:
    table = pa.table(
        {
            "tag": pa.array([one[:tag_size] for one in told], pa.binary()),
            "receipt": pa.array([one[tag_size:] for one in told], pa.binary()),
            "kind": pa.array([kind_of(one) for one in found.held], pa.string()),
            "campaign_id": pa.array([one.campaign or None for one in found.held.values()], pa.string()),
            "accounts": pa.array([one.accounts for one in found.held.values()], pa.list_(pa.string())),
        }
    )
    path = folder / "index.parquet"
    path.touch(mode=0o600)
    pq.write_table(table, path, compression="zstd")
