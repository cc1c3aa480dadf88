"""What was received, kept: objects by source and version, where each came from, and what people decided of values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import RowMapping, delete, func, insert, or_, select

from stillwatch.sharing.incoming.schema import DECISIONS, DOCUMENTS, FORGOTTEN, OBJECTS, opened
from stillwatch.sharing.stix.exported import Object
from stillwatch.stores import told

SAID = ("malicious", "benign", "open")  # of a value, by a person; open takes back what was said before
_TOGETHER = 500  # ids asked for in one query: SQLite takes some thousand


@dataclass(frozen=True)
class Held:
    """The newest version of an object that one source told of."""

    source: str
    id: str
    version: float  # seconds since 1970; 0 for objects without versions
    at: float  # when this version was received
    content: Object
    document: int


@dataclass(frozen=True)
class Document:
    """One that was taken in."""

    source: str
    digest: str
    name: str
    at: float
    by: str
    taken: int = 0
    rejected: int = 0
    number: int = 0
    signed_by: str = ""  # ids of its signers' keys, blanks between them


@dataclass(frozen=True)
class Decision:
    """What a person said of a value."""

    kind: str
    value: str
    said: str  # one of SAID
    why: str
    by: str
    at: float


class Store:
    """To be closed."""

    def __init__(self, where: str | Path) -> None:
        self._engine = opened(where)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    def versions(self, source: str, ids: Sequence[str]) -> dict[tuple[str, float], str]:
        """Content of each version of these objects of a source that is held."""
        found: dict[tuple[str, float], str] = {}
        asked = select(OBJECTS.c.id, OBJECTS.c.version, OBJECTS.c.content).where(OBJECTS.c.source == source)
        with told(self._engine), self._engine.connect() as connection:
            for start in range(0, len(ids), _TOGETHER):
                some = asked.where(OBJECTS.c.id.in_(ids[start : start + _TOGETHER]))
                found |= {(row.id, row.version): row.content for row in connection.execute(some)}
        return found

    def since(self, source: str, at: float, kind: str = "") -> int:
        """How many objects of a source, or those of one type, were received since an instant."""
        asked = select(func.count()).select_from(OBJECTS).where(OBJECTS.c.source == source, OBJECTS.c.at >= at)
        with told(self._engine), self._engine.connect() as connection:
            return int(connection.execute(asked.where(OBJECTS.c.type == kind) if kind else asked).scalar_one())

    def take(self, document: Document, given: Iterable[tuple[float, Object]]) -> int:
        """Keep versioned objects of a document, all or none; those that are held stay as they are. How many were new."""
        taken = 0
        with told(self._engine), self._engine.begin() as connection:
            row = {
                "source": document.source, "digest": document.digest, "name": document.name, "at": document.at,
                "by": document.by, "taken": document.taken, "rejected": document.rejected,
                "signed_by": document.signed_by,
            }  # fmt: skip
            number = connection.execute(insert(DOCUMENTS).values(row).returning(DOCUMENTS.c.number)).scalar_one()
            known: set[tuple[str, float]] = set()
            rows = list(given)
            for start in range(0, len(rows), _TOGETHER):
                some = [one["id"] for _, one in rows[start : start + _TOGETHER]]
                asked = select(OBJECTS.c.id, OBJECTS.c.version).where(
                    OBJECTS.c.source == document.source, OBJECTS.c.id.in_(some)
                )
                known |= {(found.id, found.version) for found in connection.execute(asked)}
            made = [
                {
                    "source": document.source, "id": one["id"], "version": version, "type": one["type"],
                    "content": written(one), "document": number, "at": document.at,
                }
                for version, one in rows if (one["id"], version) not in known
            ]  # fmt: skip
            if made:
                connection.execute(insert(OBJECTS), made)
            taken = len(made)
        return taken

    def newest(self) -> Iterator[Held]:
        """The newest version of every object of every source, in a fixed order."""
        newest = (
            select(OBJECTS.c.source, OBJECTS.c.id, func.max(OBJECTS.c.version).label("version"))
            .group_by(OBJECTS.c.source, OBJECTS.c.id)
            .subquery()
        )
        asked = (
            select(OBJECTS)
            .join(
                newest,
                (OBJECTS.c.source == newest.c.source)
                & (OBJECTS.c.id == newest.c.id)
                & (OBJECTS.c.version == newest.c.version),
            )
            .order_by(OBJECTS.c.source, OBJECTS.c.id)
        )
        with told(self._engine), self._engine.connect() as connection:
            for row in connection.execute(asked):
                yield Held(row.source, row.id, row.version, row.at, orjson.loads(row.content), row.document)

    def documents(self) -> list[Document]:
        """Every one that was taken in, in order."""
        with told(self._engine), self._engine.connect() as connection:
            rows = connection.execute(select(DOCUMENTS).order_by(DOCUMENTS.c.number)).mappings()
            return [Document(**_plain(row)) for row in rows]

    def forget(self, what: str, by: str, at: float) -> int:
        """Take away all objects of a source, or of an id. That it was done is noted. How many versions there were."""
        meant = or_(OBJECTS.c.source == what, OBJECTS.c.id == what)
        with told(self._engine), self._engine.begin() as connection:
            gone = connection.execute(delete(OBJECTS).where(meant)).rowcount
            connection.execute(insert(FORGOTTEN).values(what=what, objects=gone, by=by, at=at))
        return int(gone)

    def count(self, what: str) -> int:
        """Versions of objects of a source, or of an id."""
        meant = or_(OBJECTS.c.source == what, OBJECTS.c.id == what)
        with told(self._engine), self._engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(OBJECTS).where(meant)).scalar_one())

    def decide(self, decision: Decision) -> None:
        """Note what a person said of a value; what was said before stays on record."""
        with told(self._engine), self._engine.begin() as connection:
            connection.execute(insert(DECISIONS).values(vars(decision)))

    def decisions(self) -> dict[tuple[str, str], Decision]:
        """The last word on each value, other than `open`."""
        with told(self._engine), self._engine.connect() as connection:
            rows = connection.execute(select(DECISIONS).order_by(DECISIONS.c.number)).mappings()
            last = {(row["kind"], row["value"]): Decision(**_plain(row, "number")) for row in rows}
        return {key: one for key, one in last.items() if one.said != "open"}


def written(one: Object) -> str:
    """An object as text: equal ones are equal texts."""
    return orjson.dumps(one, option=orjson.OPT_SORT_KEYS).decode()


def _plain(row: RowMapping, without: str = "") -> dict[str, Any]:
    return {str(name): value for name, value in row.items() if name != without}
