"""The asker's way to a holder's door: the set, an evaluation, and what is told; over TLS, unless it is this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import aiohttp
import orjson

from stillwatch.errors import BadConfiguration
from stillwatch.sharing.matching.refused import Refused

MOST_BYTES = 512 << 20  # of what is read: a set of 25 million
_SECONDS = 600.0  # that a large evaluation may take
_HERE = {"127.0.0.1", "::1", "localhost"}
_T = TypeVar("_T")


class Holder:
    """One holder, under one token, which is sent nowhere else: redirects are not followed."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        if (
            parts.scheme not in ("https", "http")
            or not parts.hostname
            or (parts.scheme == "http" and parts.hostname not in _HERE)
        ):
            raise BadConfiguration("the token would be read on the way", url, "https://…, or http:// on this machine")
        self._url, self._headers = url.rstrip("/"), {"authorization": f"Bearer {token}"}

    def __repr__(self) -> str:
        return f"Holder({self._url})"  # never the token

    def set(self, epoch: str) -> bytes:
        return _run(self._get("GET", f"/v1/sets/{quote(epoch, safe='')}", None))

    def evaluation(self, request: bytes) -> bytes:
        return _run(self._get("POST", "/v1/evaluations", request))

    def tell(self, epoch: str, told: bytes) -> None:
        _run(self._get("POST", f"/v1/told/{quote(epoch, safe='')}", told))

    async def _get(self, method: str, path: str, body: bytes | None) -> bytes:
        where = f"{self._url}{path}"
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(headers=self._headers, timeout=timeout) as session,
                session.request(method, where, data=body, allow_redirects=False) as answer,
            ):
                found = bytearray()
                async for piece in answer.content.iter_chunked(1 << 16):
                    found += piece
                    if len(found) > MOST_BYTES:
                        raise Refused("it sends too much", where, f"{MOST_BYTES:,} bytes", "", "too_large")
                if answer.status != 200:
                    raise _refused(answer.status, bytes(found), where)
                return bytes(found)
        except (aiohttp.ClientError, TimeoutError) as problem:
            raise Refused(
                f"it does not answer: {type(problem).__name__}",
                where,
                "a holder's `share match serve`",
                "",
                "no_answer",
            ) from None


def _refused(status: int, body: bytes, where: str) -> Refused:
    try:
        told = orjson.loads(body)["error"]
        code, message = str(told["code"])[:64], str(told["message"])[:400]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        code, message = "failed", f"it answered {status}"
    return Refused(message, where, "", "", code)


def _run(does: Coroutine[Any, Any, _T]) -> _T:
    return asyncio.run(does)
