"""Objects of collections with all their versions: added, paged through, deleted.

Whoever adds to a collection holds its row until what was added is committed. So instants at which objects are added are in the
order in which they can be read, whoever writes how many at a time, and a reader who asks for what came after the last it saw
misses nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from stillwatch.sharing.taxii import instants
from stillwatch.sharing.taxii.query import Query
from stillwatch.sharing.taxii.schema import COLLECTIONS, OBJECTS
from stillwatch.stores import told
from stillwatch.tlp import MARKS

MOST_PAGE_BYTES = 16 << 20  # of bodies in one answer, which is held whole
_O = OBJECTS.c


@dataclass(frozen=True)
class Kept:
    """An object as it is kept."""

    id: str
    type: str
    version: str | None  # as instants.version writes it; None for one that has neither `modified` nor `created`
    version_told: str
    digest: bytes
    body: bytes


@dataclass(frozen=True)
class Row:
    added: int
    id: str
    version: str
    body: bytes = b""


@dataclass(frozen=True)
class Page:
    rows: tuple[Row, ...]
    more: bool


@dataclass(frozen=True)
class Outcome:
    """What came of one object: `version` is that under which it is kept, `message` why it is not."""

    version: str
    message: str = ""


class NotTheirs(Exception):
    """An object that another partner published."""


@dataclass
class _Known:
    """What is there of one id, by version: digest and the version as it was told; and who published it."""

    partner: str
    versions: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    ends: tuple[str, str] = ("", "")  # oldest and newest in the store


class Objects:
    """Those of one store. Everything here may be called by several threads and processes at a time."""

    def __init__(self, store: Engine) -> None:
        self.store = store

    def begin(self, collections: Iterable[str]) -> None:
        """Make sure of a row for each collection."""
        with told(self.store):
            for one in collections:
                try:
                    with self.store.begin() as connection:
                        there = select(COLLECTIONS.c.collection).where(COLLECTIONS.c.collection == one)
                        if connection.execute(there).first() is None:
                            connection.execute(insert(COLLECTIONS).values(collection=one, last_added=0))
                except IntegrityError:  # another process was first
                    continue

    def page(self, collection: str, query: Query, bodies: bool = True) -> Page:
        """The first that match, in the order in which they were added, within the bounds of a page."""
        if not query.spec_version:
            return Page((), False)
        matching = _matching(collection, query)
        listed = select(_O.added, _O.id, _O.version_told, _O.bytes).where(*matching).order_by(_O.added)
        with told(self.store), self.store.connect() as connection:
            found = connection.execute(listed.limit(query.limit + 1)).all()
            taken, size = found[: query.limit], 0
            for number, row in enumerate(taken if bodies else ()):
                size += row.bytes
                if size > MOST_PAGE_BYTES and number:
                    taken = taken[:number]
                    break
            more = len(taken) < len(found)
            if not bodies or not taken:
                return Page(tuple(Row(one.added, one.id, one.version_told) for one in taken), more)
            whole = select(_O.added, _O.id, _O.version_told, _O.body).where(*matching, _O.added <= taken[-1].added)
            rows = connection.execute(whole.order_by(_O.added)).all()
        return Page(tuple(Row(*one) for one in rows), more)

    def has(self, collection: str, identifier: str) -> bool:
        there = select(_O.added).where(_O.collection == collection, _O.id == identifier).limit(1)
        with told(self.store), self.store.connect() as connection:
            return connection.execute(there).first() is not None

    def add(self, connection: Connection, collection: str, partner: str, ones: Sequence[Kept]) -> list[Outcome]:
        """Within a transaction whose first statement this is. What is there already, as it is, is no failure (5.5)."""
        added = self._held(connection, collection)
        known = self._known(connection, collection, {one.id for one in ones})
        rows: list[dict[str, Any]] = []
        outcomes: list[Outcome] = []
        for one in ones:
            there = known.setdefault(one.id, _Known(partner))
            outcome, new = _weighed(one, there, partner, added + 1)
            outcomes.append(outcome)
            if new:
                added += 1
                there.versions[new] = one.digest, outcome.version
                rows.append({
                    "collection": collection, "added": added, "id": one.id, "type": one.type, "version": new,
                    "version_told": outcome.version, "partner": partner, "digest": one.digest, "bytes": len(one.body),
                    "body": one.body,
                })  # fmt: skip
        if rows:
            self._ends_moved(connection, collection, known)
            for row in rows:
                versions = known[row["id"]].versions
                row["oldest"] = int(row["version"] == min(versions))
                row["newest"] = int(row["version"] == max(versions))
            connection.execute(insert(OBJECTS), rows)
            connection.execute(
                update(COLLECTIONS).where(COLLECTIONS.c.collection == collection).values(last_added=added)
            )
        return outcomes

    def delete(self, collection: str, identifier: str, partner: str, query: Query) -> bool:
        """False where there is no such version. Without one, all of them go. NotTheirs where another published it."""
        with told(self.store), self.store.begin() as connection:
            self._held(connection, collection)
            known = self._known(connection, collection, {identifier})
            if identifier not in known or not query.spec_version:
                return False
            if known[identifier].partner != partner:
                raise NotTheirs(identifier)
            versions = known[identifier].versions
            gone = {one for one in versions if query.all or query.of_any_version or one in query.versions}
            gone |= {min(versions)} if query.first else set()
            gone |= {max(versions)} if query.last else set()
            if not gone:
                return False
            here = _O.collection == collection, _O.id == identifier
            connection.execute(delete(OBJECTS).where(*here, _O.version.in_(gone)))
            for one in gone:
                del versions[one]
            if versions:
                connection.execute(update(OBJECTS).where(*here, _O.version == min(versions)).values(oldest=1))
                connection.execute(update(OBJECTS).where(*here, _O.version == max(versions)).values(newest=1))
        return True

    def _held(self, connection: Connection, collection: str) -> int:
        """The collection's row held until the transaction ends, and the latest instant given out, no earlier than now."""
        here = COLLECTIONS.c.collection == collection
        connection.execute(update(COLLECTIONS).where(here).values(last_added=COLLECTIONS.c.last_added))
        last = connection.execute(select(COLLECTIONS.c.last_added).where(here)).scalar_one()
        return max(int(last), time.time_ns() // 1_000)

    def _known(self, connection: Connection, collection: str, ids: set[str]) -> dict[str, _Known]:
        columns = (_O.id, _O.version, _O.version_told, _O.digest, _O.partner)
        there = select(*columns).where(_O.collection == collection, _O.id.in_(ids)).order_by(_O.added)
        found: dict[str, _Known] = {}
        for row in connection.execute(there):
            one = found.setdefault(row.id, _Known(row.partner))
            one.versions[row.version] = bytes(row.digest), row.version_told
        for one in found.values():
            one.ends = min(one.versions), max(one.versions)
        return found

    def _ends_moved(self, connection: Connection, collection: str, known: dict[str, _Known]) -> None:
        """What was the first or last version of its id, and is no longer, is marked so."""
        there = {name: one for name, one in known.items() if one.ends[0]}
        later = [name for name, one in there.items() if max(one.versions) != one.ends[1]]
        earlier = [name for name, one in there.items() if min(one.versions) != one.ends[0]]
        here = update(OBJECTS).where(_O.collection == collection)
        if later:
            connection.execute(here.where(_O.id.in_(later), _O.newest == 1).values(newest=0))
        if earlier:
            connection.execute(here.where(_O.id.in_(earlier), _O.oldest == 1).values(oldest=0))


def _weighed(one: Kept, there: _Known, partner: str, added: int) -> tuple[Outcome, str]:
    """What comes of an object, and the version that it is new under, else empty."""
    if one.version is None:
        for digest, version in there.versions.values():
            if digest == one.digest:
                return Outcome(version), ""
        version = instants.written(added)  # when it came: nothing else of it says which is later
        key = instants.version(version)
    else:
        version, key = one.version_told, one.version
        if key in there.versions:
            # Definitions of TLP are written slightly differently by everybody, and mean the same.
            same = there.versions[key][0] == one.digest or one.id in MARKS
            why = (
                ""
                if same
                else "another content is here under the same id and version; a change needs a later `modified`"
            )
            return Outcome(version, why), ""
    if there.partner != partner:
        return Outcome(version, "another partner published this id here, and alone gives it new versions"), ""
    return Outcome(version), key


def _matching(collection: str, query: Query) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_O.collection == collection, _O.added > query.after]
    if query.ids:
        found.append(_O.id.in_(query.ids))
    if query.types:
        found.append(_O.type.in_(query.types))
    if not query.all:
        any_of: list[Any] = [_O.version.in_(query.versions)] if query.versions else []
        any_of += [_O.oldest == 1] if query.first else []
        any_of += [_O.newest == 1] if query.last or query.of_any_version else []
        found.append(or_(*any_of))
    return found
