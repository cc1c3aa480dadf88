"""What each endpoint answers, to a partner who is known (4, 5)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from stillwatch.request import Answer, Incoming, Stopped
from stillwatch.sharing.stix.bounded import too_many_values
from stillwatch.sharing.stix.checked import is_id
from stillwatch.sharing.taxii import answers, instants, query
from stillwatch.sharing.taxii.answers import error
from stillwatch.sharing.taxii.counted import Counted
from stillwatch.sharing.taxii.exchange import Collection, Exchange, Partner
from stillwatch.sharing.taxii.media import TAXII, sent_as_taxii
from stillwatch.sharing.taxii.objects import NotTheirs, Objects, Page
from stillwatch.sharing.taxii.query import BadQuery, Query
from stillwatch.sharing.taxii.received import Received

_OF_OBJECT = ("version", "spec_version")  # fields of match that 5.6 and 5.7 know


@dataclass(frozen=True)
class Asked:
    """A request of a partner, its body read."""

    came: Incoming
    partner: Partner
    address: str
    body: bytes = b""


@dataclass
class Endpoints:
    """Called in threads: they wait for the store and the disk."""

    exchange: Exchange
    objects: Objects
    received: Received
    notes: Callable[[dict[str, Any]], None]  # of who got what; OSError, and then nothing is told
    counted: Counted
    wake: Callable[[], None] = lambda: None  # when a post waits to be added

    def discovery(self, asked: Asked) -> Answer:
        return answers.resource(answers.discovery(self.exchange))

    def api_root(self, asked: Asked) -> Answer:
        return answers.resource(answers.api_root(self.exchange))

    def status(self, asked: Asked) -> Answer:
        found = self.received.status(asked.came.path[2], asked.partner.name)
        if found is None:  # one of another partner, too
            raise Stopped(error(404, "no_status", "there is no status of that id, or no longer"))
        return answers.resource(found)

    def collections(self, asked: Asked) -> Answer:
        """Those that a partner may use, by id, as tests of interoperability want them; others are answered 404."""
        seen = asked.partner.reads | asked.partner.writes
        found = [answers.collection(self.exchange.collections[one], asked.partner) for one in sorted(seen)]
        return answers.resource({"collections": found} if found else {})

    def collection(self, asked: Asked) -> Answer:
        return answers.resource(answers.collection(self._collection(asked), asked.partner))

    def get_manifest(self, asked: Asked) -> Answer:
        collection, asking = self._read(asked, ("id", "type", "version", "spec_version"))
        page = self.objects.page(collection.id, asking, bodies=False)
        self._told(asked, "manifest", collection, page)
        return answers.manifest(page, asking.after)

    def get_objects(self, asked: Asked) -> Answer:
        collection, asking = self._read(asked, ("id", "type", "version", "spec_version"))
        page = self.objects.page(collection.id, asking)
        self._told(asked, "objects", collection, page)
        return answers.envelope(page, asking.after)

    def get_object(self, asked: Asked) -> Answer:
        collection, page, after = self._of_one(asked, _OF_OBJECT, bodies=True)
        self._told(asked, "objects", collection, page)
        return answers.envelope(page, after)

    def get_versions(self, asked: Asked) -> Answer:
        collection, page, after = self._of_one(asked, ("spec_version",), bodies=False, all=True)
        self._told(asked, "versions", collection, page)
        return answers.versions(page, after)

    def may_add(self, asked: Asked) -> None:
        """Before a body is read, which may be long."""
        self._may(asked, "write", asked.partner.writes)
        if not sent_as_taxii(asked.came.headers.get("content-type", "")):
            raise Stopped(error(415, "content_type", f"objects are taken as {TAXII}"))
        if asked.came.headers.get("content-encoding", "identity").lower() != "identity":
            raise Stopped(error(415, "content_encoding", "objects are taken as they are, not compressed"))

    def add_objects(self, asked: Asked) -> Answer:
        collection, ones = self._collection(asked), _envelope(asked.body)
        status = self.received.status(self.received.take(collection, asked.partner.name, ones), asked.partner.name)
        assert status is not None, "it was just written"
        if status["pending_count"]:
            self.wake()
        for outcome in ("success", "failure", "pending"):
            self.counted.received[asked.partner.name, outcome] += status[f"{outcome}_count"]
        kept = [one["id"] for one in (*status.get("successes", ()), *status.get("pendings", ()))]
        self._note(asked, "posted", collection, ids=kept, status=status["id"], failures=status["failure_count"])
        return answers.resource(status, 202)

    def delete_object(self, asked: Asked) -> Answer:
        collection, may = self._collection(asked), asked.partner
        if not (collection.id in may.reads and collection.id in may.writes):
            raise Stopped(error(403, "may_not", "deleting takes the right to read and to write"))
        identifier, asking = asked.came.path[4], self._query(lambda: query.only(asked.came.pairs, _OF_OBJECT))
        self._note(asked, "delete", collection, ids=[identifier])
        try:
            gone = self.objects.delete(collection.id, identifier, may.name, asking)
        except NotTheirs:
            raise Stopped(
                error(403, "not_yours", "another partner published this object, and alone deletes it")
            ) from None
        if not gone:
            raise Stopped(_no_object())
        return Answer(200, b"", (), TAXII)

    def _of_one(
        self, asked: Asked, fields: tuple[str, ...], bodies: bool, all: bool = False
    ) -> tuple[Collection, Page, int]:
        collection, asking = self._read(asked, fields)
        identifier = asked.came.path[4]
        if not is_id(identifier) or not self.objects.has(collection.id, identifier):
            raise Stopped(_no_object())
        changed = {**vars(asking), "ids": (identifier,), **({"all": True} if all else {})}
        return collection, self.objects.page(collection.id, Query(**changed), bodies), asking.after

    def _read(self, asked: Asked, fields: tuple[str, ...]) -> tuple[Collection, Query]:
        collection = self._may(asked, "read", asked.partner.reads)
        return collection, self._query(lambda: query.read(asked.came.pairs, fields))

    def _query(self, read: Callable[[], Query]) -> Query:
        try:
            return read()
        except BadQuery as problem:
            raise Stopped(error(400, "query", str(problem), parameter=problem.parameter[:100])) from None

    def _collection(self, asked: Asked) -> Collection:
        """404 for one that a partner may not use, as for one that is not there."""
        found = self.exchange.find(asked.came.path[2])
        if found is None or found.id not in asked.partner.reads | asked.partner.writes:
            raise Stopped(error(404, "no_collection", "there is no collection of that id"))
        return found

    def _may(self, asked: Asked, what: str, where: frozenset[str]) -> Collection:
        found = self._collection(asked)
        if found.id not in where:
            raise Stopped(error(403, "may_not", f"you may not {what} this collection"))
        return found

    def _told(self, asked: Asked, what: str, collection: Collection, page: Page) -> None:
        """Written down before it leaves."""
        if page.rows:
            ends = instants.written(page.rows[0].added), instants.written(page.rows[-1].added)
            ids = list(dict.fromkeys(row.id for row in page.rows))
            self._note(asked, what, collection, ids=ids, first=ends[0], last=ends[1])
            self.counted.told[asked.partner.name] += len(page.rows) if what == "objects" else 0

    def _note(self, asked: Asked, what: str, collection: Collection, **more: Any) -> None:
        at = instants.written(time.time_ns() // 1_000)
        told = {
            "at": at,
            "partner": asked.partner.name,
            "address": asked.address,
            "did": what,
            "collection": collection.id,
        }
        self.notes({**told, **more})


def _no_object() -> Answer:
    return error(404, "no_object", "there is no object of that id, or no such version of it")


def _envelope(body: bytes) -> list[dict[str, Any]]:
    """Its objects. Properties that are not known are not looked at, as 7.1.1 allows."""
    if too_many_values(body):
        raise Stopped(error(413, "too_many_values", "more values than are taken at once: send it in parts"))
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Stopped(error(422, "no_json", "the body is not JSON")) from None
    ones = found.get("objects") if isinstance(found, dict) else None
    if not isinstance(ones, list) or not ones or not all(isinstance(one, dict) for one in ones):
        raise Stopped(
            error(422, "no_envelope", "an envelope was expected: a list `objects` with at least one object in it")
        )
    return ones
