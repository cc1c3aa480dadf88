"""Requests to a partner's server, bounded in size, time and tries; our secret goes to that server and to no other."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
import orjson

from stillwatch import __version__, keyfiles
from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.sharing.stix.bounded import too_many_values
from stillwatch.sharing.taxii.media import TAXII

MOST_BYTES = 32 << 20  # of one answer, and of a bundle that is made of it: two of our own largest pages
ANSWER_SECONDS = 120.0  # of one request with its answer
TRIES = 5  # of a request that is answered "later"
MOST_WAIT = 300.0  # seconds that a server may have us wait; longer is for the next run
_FIRST_WAIT = 1.0  # seconds, doubled with every try, where the server says nothing
_REDIRECTS = 3  # within one server
_SHOWN = 300  # characters of a refusal that are told
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LATER = (429, 502, 503, 504)


@dataclass(frozen=True)
class Answered:
    said: dict[str, Any]
    headers: Mapping[str, str]  # names in lower case


def authorization(path: Path | None) -> str | None:
    """The header that a file of mode 600 makes: `NAME:SECRET` for HTTP Basic, or a bearer token alone."""
    if path is None:
        return None
    secret = keyfiles.text(path, "NAME:SECRET, or a token, in one line").strip()
    if not secret or len(secret.split()) != 1:
        raise BadConfiguration("the file has no secret in one line", str(path), "NAME:SECRET, or a token")
    if ":" in secret:
        name, _, password = secret.partition(":")
        return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
    return f"Bearer {secret}"


class Asking:
    """One server, by an address of it. To be used in `async with`."""

    def __init__(self, address: str, shown: str | None, ca: Path | None = None) -> None:
        """`shown` is an Authorization header; `ca` the authorities to believe instead of the system's. BadConfiguration."""
        try:
            told, self._origin = urlsplit(address), _origin(address)
        except ValueError:
            raise BadConfiguration("this is no address of a server", address[:_SHOWN], "https://HOST/PATH/") from None
        if told.scheme != "https" and not (told.scheme == "http" and told.hostname in _LOOPBACK):
            raise BadConfiguration(
                "our secret would cross the network unencrypted", address, "https://…, or a server on this machine"
            )
        if told.username or told.password or told.query or told.fragment or not told.hostname:
            raise BadConfiguration(
                "this is no address of a server", told.hostname or address, "https://HOST/PATH/", "--credentials"
            )
        self.address = address if address.endswith("/") else f"{address}/"
        self._headers = {"accept": TAXII, "user-agent": f"stillwatch/{__version__}"}
        if shown:
            self._headers["authorization"] = shown
        try:
            self._tls = ssl.create_default_context(cafile=ca)
        except (OSError, ssl.SSLError) as problem:
            raise BadConfiguration(f"the authorities cannot be read: {problem}", str(ca), "certificates, PEM") from None

    async def __aenter__(self) -> Asking:
        self._session = aiohttp.ClientSession(
            headers=self._headers, timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS), cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(ssl=self._tls, limit=2),
        )  # fmt: skip
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._session.close()

    async def get(self, place: str, query: Mapping[str, str] | None = None) -> Answered:
        """`place` is relative to the server's address, or another address of the same server. ResponseFailed."""
        return await self._asked("GET", place, query, None)

    async def post(self, place: str, document: bytes) -> Answered:
        """Sent again where no answer came: what is there already is no failure (5.5). ResponseFailed."""
        return await self._asked("POST", place, None, document)

    async def _asked(self, method: str, place: str, query: Mapping[str, str] | None, body: bytes | None) -> Answered:
        address, waits = _joined(self.address, place), _FIRST_WAIT
        for tried in range(1, TRIES + 1):
            try:
                status, headers, raw = await self._once(method, address, query, body)
            except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError) as problem:
                raise ResponseFailed(f"the server does not prove who it is: {problem}", address, "", "--ca") from None
            except (aiohttp.ClientError, TimeoutError, OSError) as problem:
                status, headers, raw = 0, {}, (str(problem) or "no answer in time").encode()
            if 200 <= status < 300:
                return Answered(_document(raw, headers, address), headers)
            asked_to_wait = _seconds(headers.get("retry-after", ""))
            if (status and status not in _LATER) or tried == TRIES or (asked_to_wait or 0.0) > MOST_WAIT:
                raise _refused(status, raw, address, asked_to_wait)
            await asyncio.sleep(waits if asked_to_wait is None else asked_to_wait)
            waits *= 2
        raise AssertionError("the last try returns or raises")

    async def _once(
        self, method: str, address: str, query: Mapping[str, str] | None, body: bytes | None
    ) -> tuple[int, dict[str, str], bytes]:
        told = {"content-type": TAXII} if body is not None else {}
        for _ in range(_REDIRECTS + 1):
            if _origin(address) != self._origin:
                raise ResponseFailed(
                    "the server sends us to another", address, f"{self.address} alone", "ask its owner"
                )
            sent = self._session.request(method, address, params=query, data=body, headers=told, allow_redirects=False)
            async with sent as answer:
                headers = {name.lower(): value for name, value in answer.headers.items()}
                if answer.status not in (301, 302, 303, 307, 308) or "location" not in headers:
                    return answer.status, headers, await _whole(answer, address)
                if method != "GET":
                    raise ResponseFailed(
                        "the server redirects what is sent to it", address, "", "use the address it names"
                    )
                address, query = _joined(address, headers["location"]), None
        raise ResponseFailed(f"more than {_REDIRECTS} redirects", address)


async def _whole(answer: aiohttp.ClientResponse, address: str) -> bytes:
    """Bounded as it is after decompression."""
    found = bytearray()
    async for part in answer.content.iter_any():
        found += part
        if len(found) > MOST_BYTES:
            raise ResponseFailed(f"answered more than {MOST_BYTES:,} bytes", address, "", "a lower --limit")
    return bytes(found)


def _document(raw: bytes, headers: Mapping[str, str], address: str) -> dict[str, Any]:
    if not headers.get("content-type", "").lower().startswith("application/taxii+json"):
        raise ResponseFailed(f"this is not TAXII 2.1 but {headers.get('content-type', 'nothing')[:80]!r}", address)
    if too_many_values(raw):
        raise ResponseFailed("answered with more values than are read at once", address, "", "a lower --limit")
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise ResponseFailed("answered with no JSON object", address)
    return found


def plain(text: str) -> str:
    """Without control characters, which would reach a terminal."""
    return "".join(one if one.isprintable() else " " for one in text)


def _refused(status: int, raw: bytes, address: str, wait: float | None) -> ResponseFailed:
    """With what the server says of it, which is not ours: no control characters on a terminal."""
    said = plain(raw[:_SHOWN].decode(errors="replace"))
    later = "" if wait is None else f"the server asks for {wait:.0f} seconds first"
    return ResponseFailed(f"answered {status}: {said}" if status else f"no answer: {said}", address, "", later)


def _seconds(retry_after: str) -> float | None:
    """Seconds, or a date (RFC 9110, 10.2.3); None where nothing is said that can be read."""
    if retry_after.strip().isascii() and retry_after.strip().isdigit() and len(retry_after) < 12:
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # without a zone, too
        return None


def _joined(address: str, place: str) -> str:
    try:
        found = urljoin(address, place)
        _origin(found)
    except ValueError:
        raise ResponseFailed("the server names what is no address", address) from None
    return found


def _origin(address: str) -> tuple[str, str, int | None]:
    """ValueError where it is no address."""
    told = urlsplit(address)
    return told.scheme, told.hostname or "", told.port or {"https": 443, "http": 80}.get(told.scheme)
