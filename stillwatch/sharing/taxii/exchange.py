"""What a server offers and to whom: collections, and the partners who read and write them, from a TOML file.

title = "Example's exchange"
contact = "threat-sharing@example.com"

[collections.campaigns]
id = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"     # any UUID of version 4, the same for ever
title = "Campaigns of illicit distillation"
most_restrictive = "TLP:AMBER+STRICT"           # what is marked stricter is not taken

[partners.other-lab]
reads = ["campaigns"]
writes = ["campaigns"]
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stillwatch.errors import BadConfiguration
from stillwatch.tlp import NAMES
from stillwatch.toml_file import read_toml

MOST_BYTES = 32 << 20  # of a post: some sixty thousand objects
_MAKE_ID = "a UUID of version 4 for each: python3 -c 'import uuid; print(uuid.uuid4())'"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)
_TOP = ("title", "description", "contact", "root", "most_bytes", "collections", "partners")
_OF_COLLECTION = ("id", "title", "description", "most_restrictive")
_OF_PARTNER = ("reads", "writes")


@dataclass(frozen=True)
class Collection:
    alias: str  # its name in the file, and in a path instead of its id (5.2.1)
    id: str
    title: str
    description: str
    marking: str  # the strictest that it takes


@dataclass(frozen=True)
class Partner:
    name: str
    reads: frozenset[str] = frozenset()  # ids of collections
    writes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Exchange:
    title: str
    description: str
    contact: str
    root: str  # the part of the path that the API root has, without slashes
    most_bytes: int
    collections: dict[str, Collection] = field(default_factory=dict)  # by id, in the order of the file
    partners: dict[str, Partner] = field(default_factory=dict)

    def find(self, name: str) -> Collection | None:
        """A collection by id or alias."""
        return self.collections.get(name) or next((one for one in self.collections.values() if one.alias == name), None)


def load(path: Path) -> Exchange:
    """BadConfiguration where a name, a type or a reference is wrong."""
    told = read_toml(path, "the exchange cannot be read", "TOML (docs/sharing-taxii.md)")
    return _Reader(str(path)).exchange(told)


class _Reader:
    def __init__(self, path: str) -> None:
        self._path = path

    def exchange(self, told: dict[str, Any]) -> Exchange:
        self._known(told, _TOP, "")
        collections = [self._collection(name, one) for name, one in self._table(told, "collections").items()]
        ids = {one.alias: one.id for one in collections}
        if len(set(ids.values())) < len(ids):
            raise self._wrong("two collections have the same id", "collections", _MAKE_ID)
        partners = [self._partner(name, one, ids) for name, one in self._table(told, "partners").items()]
        most_bytes = told.get("most_bytes", MOST_BYTES)
        if isinstance(most_bytes, bool) or not isinstance(most_bytes, int) or not 0 < most_bytes <= 1 << 30:
            raise self._wrong("not a number of bytes", "most_bytes", f"1 to {1 << 30}")
        return Exchange(
            self._text(told, "title", "", "stillwatch"), self._text(told, "description", "", ""),
            self._text(told, "contact", "", ""), self._name(told.get("root", "exchange"), "root"), most_bytes,
            {one.id: one for one in collections}, {one.name: one for one in partners},
        )  # fmt: skip

    def _collection(self, alias: str, told: Any) -> Collection:
        where = f"collections.{alias}"
        self._known(told, _OF_COLLECTION, where)
        identifier, marking = told.get("id"), told.get("most_restrictive", "TLP:AMBER+STRICT")
        try:
            good = isinstance(identifier, str) and uuid.UUID(identifier).version == 4
        except ValueError:
            good = False
        if not good:
            raise self._wrong("not the id of a collection", f"{where}.id", _MAKE_ID)
        if marking not in NAMES:
            raise self._wrong("no such marking", f"{where}.most_restrictive", ", ".join(NAMES))
        title, description = self._text(told, "title", where, alias), self._text(told, "description", where, "")
        return Collection(self._name(alias, where), str(uuid.UUID(identifier)), title, description, marking)

    def _partner(self, name: str, told: Any, ids: dict[str, str]) -> Partner:
        where = f"partners.{name}"
        self._known(told, _OF_PARTNER, where)
        found = []
        for right in _OF_PARTNER:
            listed = told.get(right, [])
            if not isinstance(listed, list) or not all(isinstance(one, str) and one in ids for one in listed):
                raise self._wrong(
                    "not a list of collections", f"{where}.{right}", ", ".join(ids) or "no collection is there"
                )
            found.append(frozenset(ids[one] for one in listed))
        return Partner(self._name(name, where), *found)

    def _table(self, told: dict[str, Any], name: str) -> dict[str, Any]:
        found = told.get(name, {})
        if not isinstance(found, dict):
            raise self._wrong("not a table", name, f"[{name}.NAME]")
        return found

    def _text(self, told: dict[str, Any], name: str, where: str, default: str) -> str:
        found = told.get(name, default)
        if not isinstance(found, str):
            raise self._wrong("not a text", f"{where}.{name}".lstrip("."), "a text in quotes")
        return found

    def _name(self, text: Any, where: str) -> str:
        if not isinstance(text, str) or not _NAME.fullmatch(text) or text == "taxii2":
            raise self._wrong(
                "not a name", where, "lower case letters, digits, dots and hyphens, 64 at most; not taxii2"
            )
        return text

    def _known(self, told: Any, names: tuple[str, ...], where: str) -> None:
        if not isinstance(told, dict):
            raise self._wrong("not a table", where, f"[{where}]")
        for name in told:
            if name not in names:
                raise self._wrong("no such setting", f"{where}.{name}".lstrip("."), ", ".join(names))

    def _wrong(self, what: str, where: str, allowed: str) -> BadConfiguration:
        return BadConfiguration(what, f"{self._path}: {where}", allowed, "docs/sharing-taxii.md")
