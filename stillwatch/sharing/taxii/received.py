"""What partners post: checked, added, and told of in a status (4.3, 5.5).

A post of some hundred objects is added before it is answered. A larger one is written down whole and answered as pending; it is
added a chunk at a time, by whichever process has time, and what was acknowledged is there after any crash.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from stillwatch.sharing.markings import above
from stillwatch.sharing.stix.checked import BadObject, checked
from stillwatch.sharing.stix.limits import Limits
from stillwatch.sharing.taxii import instants
from stillwatch.sharing.taxii.exchange import Collection
from stillwatch.sharing.taxii.media import SPEC_VERSION
from stillwatch.sharing.taxii.objects import Kept, Objects, Outcome
from stillwatch.sharing.taxii.schema import RECEIVED, STATUSES
from stillwatch.stores import told

AT_ONCE = 500  # objects that are added in one transaction, and before an answer: a tenth of a second
MOST_OBJECT_BYTES = 1 << 20  # of one object: a page must hold some
KEPT_SECONDS = 7 * 86_400  # that a status can be asked for after its last object; 4.3 wants a day
_BOUNDS = Limits(characters=MOST_OBJECT_BYTES)  # what an artifact carries is one text
_MOST_TOLD = 300  # characters of an id that is none
_LISTS = {"success": "successes", "failure": "failures", "pending": "pendings"}

_TOO_LARGE = Outcome("", f"an object has at most {MOST_OBJECT_BYTES:,} bytes, and is not nested some hundred deep")


class Received:
    """Posts of one store. Everything here may be called by several threads and processes at a time."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    @property
    def _store(self) -> Engine:
        return self._objects.store

    def take(self, collection: Collection, partner: str, ones: Sequence[dict[str, Any]]) -> str:
        """The status of a post, under which each of its objects has its outcome, or waits for `work`."""
        status, now = str(uuid.uuid4()), time.time_ns() // 1_000
        with told(self._store), self._store.begin() as connection:
            outcomes: list[Outcome] | None = None
            if len(ones) <= AT_ONCE:
                outcomes = self._added(connection, collection, partner, ones)
            connection.execute(insert(STATUSES).values(
                status=status, partner=partner, collection=collection.id, at=now, done=now if outcomes is not None else None
            ))  # fmt: skip
            rows = [_row(status, number, one, now, waits=outcomes is None) for number, one in enumerate(ones)]
            for row, outcome in zip(rows, outcomes or (), strict=False):
                row.update(_outcome(outcome))
            connection.execute(insert(RECEIVED), rows)
        return status

    def work(self, collections: dict[str, Collection]) -> bool:
        """Add the next chunk of the oldest post that waits. False where none does."""
        waits = select(STATUSES.c.status).where(STATUSES.c.done.is_(None)).order_by(STATUSES.c.at).limit(1)
        with told(self._store), self._store.begin() as connection:
            status = connection.execute(waits).scalar()
        if status is None:
            return False
        with told(self._store), self._store.begin() as connection:
            # Held until the end, so that of two processes one adds this chunk and the other the next.
            this = STATUSES.c.status == status
            connection.execute(update(STATUSES).where(this).values(at=STATUSES.c.at))
            found = connection.execute(select(STATUSES).where(this)).one()
            if found.done is not None:
                return True
            here = RECEIVED.c.status == status, RECEIVED.c.outcome == "pending"
            chunk = connection.execute(select(RECEIVED).where(*here).order_by(RECEIVED.c.number).limit(AT_ONCE)).all()
            collection = collections.get(found.collection)
            ones = [orjson.loads(row.body) for row in chunk]
            if collection is None:
                outcomes = [Outcome(row.version, "the collection is here no longer") for row in chunk]
            else:
                outcomes = self._added(connection, collection, found.partner, ones)
            for row, outcome in zip(chunk, outcomes, strict=True):
                at = RECEIVED.c.status == status, RECEIVED.c.number == row.number
                connection.execute(update(RECEIVED).where(*at).values(body=None, **_outcome(outcome)))
            if len(chunk) < AT_ONCE:
                connection.execute(update(STATUSES).where(this).values(done=time.time_ns() // 1_000))
        return True

    def status(self, status: str, partner: str) -> dict[str, Any] | None:
        """The status resource; None where this partner has none of that name."""
        this = STATUSES.c.status == status, STATUSES.c.partner == partner
        with told(self._store), self._store.connect() as connection:
            found = connection.execute(select(STATUSES).where(*this)).first()
            if found is None:
                return None
            columns = select(RECEIVED.c.id, RECEIVED.c.version, RECEIVED.c.outcome, RECEIVED.c.message)
            rows = connection.execute(columns.where(RECEIVED.c.status == status).order_by(RECEIVED.c.number)).all()
        lists: dict[str, list[dict[str, str]]] = {name: [] for name in _LISTS}
        for row in rows:
            details = {"id": row.id, "version": row.version}
            lists[row.outcome].append({**details, "message": row.message} if row.message else details)
        said: dict[str, Any] = {
            "id": status, "status": "pending" if lists["pending"] else "complete",
            "request_timestamp": instants.written(found.at), "total_count": len(rows),
        }  # fmt: skip
        for outcome, name in _LISTS.items():
            said[f"{outcome}_count"] = len(lists[outcome])
            if lists[outcome]:
                said[name] = lists[outcome]
        return said

    def forget(self) -> int:
        """Leave out statuses that have been kept long enough, and say how many."""
        old = STATUSES.c.done < time.time_ns() // 1_000 - KEPT_SECONDS * 1_000_000
        with told(self._store), self._store.begin() as connection:
            connection.execute(delete(RECEIVED).where(RECEIVED.c.status.in_(select(STATUSES.c.status).where(old))))
            return connection.execute(delete(STATUSES).where(old)).rowcount

    def waiting(self) -> int:
        """Posts that are not done."""
        with told(self._store), self._store.connect() as connection:
            return connection.execute(select(func.count()).where(STATUSES.c.done.is_(None))).scalar_one()

    def _added(
        self, connection: Connection, collection: Collection, partner: str, ones: Sequence[dict[str, Any]]
    ) -> list[Outcome]:
        outcomes = [_refused(one, collection) for one in ones]
        good = [_kept(one) for one, refused in zip(ones, outcomes, strict=True) if refused is None]
        added = iter(self._objects.add(connection, collection.id, partner, good))
        return [next(added) if one is None else one for one in outcomes]


def _refused(one: dict[str, Any], collection: Collection) -> Outcome | None:
    """Why an object cannot be in a collection; None where it can."""
    if not _fits(one):
        return _TOO_LARGE
    try:
        checked(one, _BOUNDS)
    except BadObject as problem:
        return Outcome("", str(problem))
    # Only observables may leave it out (STIX 2.1, 3.2); anything else without it is an object of STIX 2.0.
    if one.get("spec_version", "2.0" if "created" in one else SPEC_VERSION) != SPEC_VERSION:
        return Outcome("", f"spec_version: only objects of STIX {SPEC_VERSION} are kept here")
    level = above(one, collection.marking)
    if level:
        return Outcome("", f"marked {level}, and this collection takes {collection.marking} at most")
    return None


def _row(status: str, number: int, one: dict[str, Any], now: int, waits: bool) -> dict[str, Any]:
    """How an object of a post is told of before it is added."""
    row = {
        "status": status, "number": number, "id": _told(one.get("id")), "version": _version(one) or instants.written(now),
        "outcome": "pending", "message": "", "body": None,
    }  # fmt: skip
    if not waits:
        return row
    return {**row, "body": orjson.dumps(one)} if _fits(one) else {**row, **_outcome(_TOO_LARGE)}


def _fits(one: dict[str, Any]) -> bool:
    try:
        return len(orjson.dumps(one)) <= MOST_OBJECT_BYTES
    except orjson.JSONEncodeError:  # nested deeper than can be written again
        return False


def _kept(one: dict[str, Any]) -> Kept:
    told = _version(one)
    digest = hashlib.sha256(orjson.dumps(one, option=orjson.OPT_SORT_KEYS)).digest()
    return Kept(one["id"], one["type"], instants.version(told) if told else None, told, digest, orjson.dumps(one))


def _version(one: dict[str, Any]) -> str:
    """As 4.3.1 says: `modified`, else `created`; empty where there is neither."""
    return _told(one.get("modified", one.get("created")))


def _told(value: object) -> str:
    """A text as a status tells it. PostgreSQL keeps no NUL."""
    return value[:_MOST_TOLD].replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else ""


def _outcome(one: Outcome) -> dict[str, str]:
    found = {"outcome": "failure" if one.message else "success", "message": one.message}
    return {**found, "version": one.version} if one.version else found
