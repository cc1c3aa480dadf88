"""A collection at a partner's server, found by its id, alias or title, or by its own address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.sharing.taxii.asking import Asking


@dataclass(frozen=True)
class Remote:
    root: str  # address of the API root
    id: str
    title: str
    can_read: bool
    can_write: bool
    most_bytes: int  # of one post

    @property
    def objects(self) -> str:
        return f"{self.root}collections/{quote(self.id, safe='')}/objects/"

    def status(self, identifier: str) -> str:
        return f"{self.root}status/{quote(identifier, safe='')}/"


async def remote(asking: Asking, name: str) -> Remote:
    """The collection, by an address of an API root, or of a server that names one (4.1). ResponseFailed, BadConfiguration."""
    root = (await asking.get("")).said
    place = asking.address
    if "versions" not in root:
        named = root.get("default") or (root.get("api_roots") or [""])[0]
        if not isinstance(named, str) or not named:
            raise ResponseFailed("the server names no API root", asking.address, "", "the address of one")
        place = named if named.endswith("/") else f"{named}/"
        root = (await asking.get(place)).said
    found = [one for one in _listed((await asking.get(f"{place}collections/")).said) if name in _names(one)]
    if len(found) != 1:
        what = "several collections have that name" if found else "no such collection, or not for us"
        raise BadConfiguration(what, name, "an id, alias or title of one at the server", "ask its owner for the id")
    return _remote(place, found[0], root)


async def collection(asking: Asking) -> Remote:
    """The collection whose own address is asked. ResponseFailed, BadConfiguration."""
    before, between, name = asking.address.rstrip("/").rpartition("/collections/")
    if not between or not name or "/" in name:
        raise BadConfiguration("this is no address of a collection", asking.address, "https://…/collections/ID/")
    one = (await asking.get("")).said
    if "id" not in one:
        raise ResponseFailed("the server answered with no collection", asking.address)
    return _remote(f"{before}/", one, (await asking.get(f"{before}/")).said)


def _remote(place: str, one: dict[str, Any], root: dict[str, Any]) -> Remote:
    most = root.get("max_content_length")
    return Remote(
        place, str(one["id"]), str(one.get("title", "")), one.get("can_read") is True, one.get("can_write") is True,
        most if isinstance(most, int) and most > 0 else 1 << 20,
    )  # fmt: skip


def _listed(said: dict[str, Any]) -> list[dict[str, Any]]:
    found = said.get("collections", [])
    return [one for one in found if isinstance(one, dict) and "id" in one] if isinstance(found, list) else []


def _names(one: dict[str, Any]) -> tuple[Any, ...]:
    return one["id"], one.get("alias"), one.get("title")
