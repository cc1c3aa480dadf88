"""The holder's door: an ASGI app that gives each partner its set, evaluates what it asks, and takes what it tells.

A partner shows the token of its folder and can name no other's set. Nothing else is answered, and nothing of a request is
written down but numbers (spent.py).
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from stillwatch import keyfiles
from stillwatch.errors import BadConfiguration
from stillwatch.request import Answer, Gone, Incoming, Receive, Scope, Send, Stopped, begun, body, error, say
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
_FAILED = error(500, "failed", "it could not be done now; try again later")


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
            answer = await self._answer(begun(scope), receive)
        except Stopped as stopped:
            answer = stopped.answer
        except Gone:
            return
        except Exception as problem:  # a defect or a disk: nobody is shown how we are built
            where = traceback.extract_tb(problem.__traceback__)[-1]
            self._says(f"{type(problem).__name__} at {where.filename}:{where.lineno}")
            answer = _FAILED
        await say(send, answer)

    async def _answer(self, came: Incoming, receive: Receive) -> Answer:
        if came.path == ("healthz",):
            return Answer(200, {"status": "ok"})
        partner = self._partner(came.headers)
        match came.method, *came.path:
            case "GET", "v1", "sets", epoch if messages.NAME.fullmatch(epoch):
                opened = self._refusing(partial(epochs.opened, self._state, partner, epoch))
                return Answer(200, (opened.folder / "set.match").read_bytes(), type=_BINARY)
            case "POST", "v1", "evaluations":
                asked = await body(came, receive, MOST_BYTES, BODY_SECONDS)
                does = partial(holder.evaluated, self._state, partner, asked, self._now(), self._spent)
                return Answer(200, await self._apart(does), type=_BINARY)
            case "POST", "v1", "told", epoch if messages.NAME.fullmatch(epoch):
                told = await body(came, receive, MOST_BYTES, BODY_SECONDS)
                many = await self._apart(partial(self._told, partner, epoch, told))
                return Answer(200, {"accounts": many})
        raise Stopped(error(404, "not_found", "there is nothing here"))

    def _partner(self, headers: dict[str, str]) -> str:
        """Whose token is shown; every partner's is compared, whichever it is."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        shown, found = hashlib.sha256(token.strip().encode()).digest(), ""
        for name, path in epochs.partners(self._state):
            own = hashlib.sha256(keyfiles.text(path).strip().encode()).digest()
            if secrets.compare_digest(shown, own) and scheme.lower() == "bearer":
                found = name
        if not found:
            raise Stopped(error(401, "unauthorized", "a partner's token is needed"))
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
            status, message = _STATUS.get(problem.code, 400), f"{problem.what}; allowed: {problem.allowed}"
            raise Stopped(error(status, problem.code, message)) from None
        except BadConfiguration as problem:
            self._says(str(problem))
            raise Stopped(_FAILED) from None
