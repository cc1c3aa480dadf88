"""Send a bundle's objects to a partner's TAXII 2.1 collection, and wait until the server says what became of them.

Sent again, the same objects of the same version are the same to a server, so an attempt that a crash cut short is repeated. A
server that calls it a failure is asked whether it has them.
"""

from __future__ import annotations

import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from stillwatch import keyfiles
from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.sharing.outgoing.partners import Partner

MEDIA = "application/taxii+json;version=2.1"
TIMEOUT = 60  # seconds for one answer
MOST_BYTES = 1_000_000  # of one request: servers name limits of their own, and few are lower
MOST_ANSWER = 10_000_000  # bytes of an answer that are read
POLLS = 30  # times that a server is asked whether it has come to an end
PAUSE = 2.0  # seconds between them
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def send(partner: Partner, where: str, bundle: bytes) -> None:
    """All of it, to the collection of that address, or an error that says how far it got."""
    address, told = where.rstrip("/") + "/objects/", 0
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise BadConfiguration(f"{address} is not https", f"partners.toml: {partner.key}", "https://…/collections/ID/")
    authorization = _authorization(partner)
    for part in _parts(orjson.loads(bundle)["objects"]):
        status = _asked(partner, address, authorization, orjson.dumps({"objects": part}))
        for _ in range(POLLS):
            if status.get("status") != "pending":
                break
            time.sleep(PAUSE)
            root = address.split("/collections/")[0]
            status = _asked(partner, f"{root}/status/{status.get('id')}/", authorization, None)
        missing = [] if status.get("status") == "complete" else ["what the server has not come to"]
        missing += [one for one in _failures(status) if not _there(partner, address, authorization, one, part)]
        if missing:
            raise ResponseFailed(
                f"{partner.name} took {told + int(status.get('success_count', 0)):,} objects, and not {len(missing):,}, "
                f"such as {missing[0][:120]}", address, "a server that takes all of them", "ask them, then the same again",
            )  # fmt: skip
        told += len(part)


def _failures(status: dict[str, Any]) -> list[str]:
    """Ids of what was not taken; what a server only counts has none."""
    told = [
        one["id"] for one in status.get("failures") or () if isinstance(one, dict) and isinstance(one.get("id"), str)
    ]
    return told + ["one that it does not name"] * (int(status.get("failure_count", 0)) - len(told))


def _there(partner: Partner, address: str, authorization: str, name: str, part: list[Any]) -> bool:
    """Whether the server has that version already: some say of what they have that they could not take it."""
    one = next((one for one in part if one["id"] == name), None)
    if one is None:
        return False
    try:
        found = _asked(partner, f"{address}{quote(name)}/?match%5Bversion%5D=all", authorization, None)
    except ResponseFailed:
        return False
    versions = [
        there.get("modified", there.get("created")) for there in found.get("objects", ()) if isinstance(there, dict)
    ]
    return one.get("modified", one.get("created")) in versions


def _parts(objects: list[Any]) -> Iterator[list[Any]]:
    """Objects in requests that are not too long, in their order."""
    part: list[Any] = []
    size = 0
    for one in objects:
        more = len(orjson.dumps(one)) + 1
        if part and size + more > MOST_BYTES:
            yield part
            part, size = [], 0
        part.append(one)
        size += more
    yield part


def _authorization(partner: Partner) -> str:
    """What stands in the file that the partner's `taxii_key` names: the whole value of the header, such as `Bearer …`."""
    if not partner.taxii_key:
        return ""
    return keyfiles.text(Path(os.path.expanduser(partner.taxii_key)), "the value of an Authorization header").strip()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would take the objects and the key to a place that nobody approved."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _asked(partner: Partner, address: str, authorization: str, data: bytes | None) -> dict[str, Any]:
    headers = {"Accept": MEDIA, "User-Agent": "stillwatch", **({"Content-Type": MEDIA} if data else {})}
    if authorization:
        headers["Authorization"] = authorization
    asked = urllib.request.Request(address, data, headers)
    try:
        with urllib.request.build_opener(_NoRedirect).open(asked, timeout=TIMEOUT) as answer:
            status = orjson.loads(answer.read(MOST_ANSWER))
    except urllib.error.HTTPError as problem:
        raise ResponseFailed(
            f"{partner.name} answered {problem.code}",
            address,
            "202 and a status, or 200",
            "look at the collection's rights",
        ) from None
    except (OSError, ValueError, http.client.HTTPException) as problem:
        raise ResponseFailed(
            f"{partner.name} gave no answer that could be read: {problem}", address, "a TAXII 2.1 status",
            "the same command again; it may have arrived",
        ) from None  # fmt: skip
    if not isinstance(status, dict):
        raise ResponseFailed(f"{partner.name} gave no status", address, "a TAXII 2.1 status", "the same command again")
    return status
