"""The holder's door: an ASGI app that gives each partner its set, evaluates what it asks, and takes what it tells.

A partner shows the token of its folder and can name no other's set. Nothing else is answered, and nothing of a request is
written down but numbers (spent.py).
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq

from stillwatch import keyfiles
from stillwatch.errors import BadConfiguration
from stillwatch.sharing.matching import epochs, holder, matched, messages
from stillwatch.sharing.matching.refused import Refused
from stillwatch.sharing.matching.spent import Spent

MOST_BYTES = 8 << 20  # of a request: 262,000 points, more than an epoch's quota unless that was raised
BODY_SECONDS = 60.0  # that it may take to come
_STATUS = {
    "malformed": 400, "partner": 403, "no_epoch": 404, "other_set": 409, "replay": 409, "counts": 409, "over": 410,
    "ended": 410, "too_few": 422, "no_receipt": 422, "over_quota": 429,
}  # fmt: skip
_BINARY = "application/octet-stream"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class _Stopped(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.body = status, orjson.dumps({"error": {"code": code, "message": message}})


class Door:
    """One holder's."""

    def __init__(self, state: Path, now: Callable[[], float], says: Callable[[str], None]) -> None:
        self._state, self._now, self._says = state, now, says
        self._spent = Spent(state)
        self._one = ThreadPoolExecutor(1, "share-match")  # evaluations take all cores: one after the other

    def close(self) -> None:
        self._one.shutdown()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, body, kind = await self._answer(scope, receive)
        except _Stopped as stopped:
            status, body, kind = stopped.status, stopped.body, "application/json"
        except ConnectionError:
            return
        except Exception as problem:  # a defect or a disk: nobody is shown how we are built
            where = traceback.extract_tb(problem.__traceback__)[-1]
            self._says(f"{type(problem).__name__} at {where.filename}:{where.lineno}")
            failed = _Stopped(500, "failed", "it could not be done now; try again later")
            status, body, kind = failed.status, failed.body, "application/json"
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        headers += [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, bytes, str]:
        parts = tuple(scope["path"].split("/")[1:])
        if parts == ("healthz",):
            return 200, b'{"status":"ok"}', "application/json"
        partner = self._partner(dict(scope["headers"]))
        match scope["method"], *parts:
            case "GET", "v1", "sets", epoch if messages.NAME.fullmatch(epoch):
                opened = self._refusing(partial(epochs.opened, self._state, partner, epoch))
                return 200, (opened.folder / "set.match").read_bytes(), _BINARY
            case "POST", "v1", "evaluations":
                asked = await self._body(scope, receive)
                does = partial(holder.evaluated, self._state, partner, asked, self._now(), self._spent)
                return 200, await self._apart(does), _BINARY
            case "POST", "v1", "told", epoch if messages.NAME.fullmatch(epoch):
                told = await self._body(scope, receive)
                many = await self._apart(partial(self._told, partner, epoch, told))
                return 200, orjson.dumps({"accounts": many}), "application/json"
        raise _Stopped(404, "not_found", "there is nothing here")

    def _partner(self, headers: dict[bytes, bytes]) -> str:
        """Whose token is shown; every partner's is compared, whichever it is."""
        scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
        shown, found = hashlib.sha256(token.strip()).digest(), ""
        for name, path in epochs.partners(self._state):
            own = hashlib.sha256(keyfiles.text(path).strip().encode()).digest()
            if secrets.compare_digest(shown, own) and scheme.lower() == b"bearer":
                found = name
        if not found:
            raise _Stopped(401, "unauthorized", "a partner's token is needed")
        return found

    def _told(self, partner: str, epoch: str, message: bytes) -> int:
        """Keep what a partner tells beside the set, once however often it is sent; how many accounts of ours it is about."""
        matches = matched.table(holder.told(self._state, partner, epoch, message, self._now(), self._spent))
        folder = epochs.folder_of(self._state, partner, epoch)
        pq.write_table(matches, folder / f"told-{messages.digest(message)[:16]}.parquet", compression="zstd")
        return len(matches["account_id"].unique())

    async def _apart(self, does: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._one, partial(self._refusing, does))

    def _refusing(self, does: Callable[[], Any]) -> Any:
        try:
            return does()
        except Refused as problem:
            raise _Stopped(
                _STATUS.get(problem.code, 400), problem.code, f"{problem.what}; allowed: {problem.allowed}"
            ) from None
        except BadConfiguration as problem:
            self._says(str(problem))
            raise _Stopped(500, "failed", "it could not be done now; try again later") from None

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        found = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ConnectionError
                    found += message.get("body", b"")
                    if len(found) > MOST_BYTES:
                        raise _Stopped(413, "too_large", f"more than {MOST_BYTES:,} bytes")
                    more = message.get("more_body", False)
        except TimeoutError:
            raise _Stopped(408, "too_slow", f"{BODY_SECONDS:.0f} seconds are over") from None
        return bytes(found)
