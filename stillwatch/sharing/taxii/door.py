"""The server as an ASGI app: who asks, for what, in which form; and an answer to whatever happens."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from stillwatch.errors import StillwatchError, StoreLocked
from stillwatch.request import Answer, Gone, Incoming, Receive, Scope, Send, Stopped, begun, body, say
from stillwatch.sharing.taxii.answers import error
from stillwatch.sharing.taxii.endpoints import Asked, Endpoints
from stillwatch.sharing.taxii.exchange import Partner
from stillwatch.sharing.taxii.failures import Failures
from stillwatch.sharing.taxii.media import TAXII, acceptable
from stillwatch.sharing.taxii.tokens import Tokens

BODY_SECONDS = 120.0  # that a post may take to come: 32 MiB over a slow line
_DRAIN_SECONDS = 10.0
_THREADS = 4  # that wait for the store
_SCHEMES = (("www-authenticate", 'Basic realm="taxii", charset="UTF-8"'), ("www-authenticate", 'Bearer realm="taxii"'))
_Answers = Callable[[Asked], Answer]


class Door:
    """Everything under the server's address is for partners with a secret; whoever has none learns nothing but that."""

    def __init__(self, endpoints: Endpoints, tokens: Tokens, says: Callable[[str], None]) -> None:
        self._endpoints, self._tokens, self._says = endpoints, tokens, says
        self._failures, self._counted = Failures(), endpoints.counted
        self._threads = ThreadPoolExecutor(_THREADS, "taxii-store")

    def close(self) -> None:
        self._threads.shutdown()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = "unknown"
        try:
            came = begun(scope, error)
            partner, address = await self._partner(came, scope), _address(scope)
            name, taken = self._route(came)
            if came.method not in taken:
                raise Stopped(error(405, "method", "not taken here", ("allow", ", ".join(taken))))
            if not acceptable(came.headers.get("accept", "")):
                raise Stopped(error(406, "accept", f"answers are {TAXII}"))
            answer = await self._answer(Asked(came, partner, address), taken[came.method], receive)
        except Stopped as stopped:
            answer = stopped.answer
            await self._drained(scope, receive)
        except Gone:
            return
        except Exception as problem:
            answer = self._failed(name, problem)
        self._counted.answered[name, str(answer.status)] += 1
        await say(send, answer)

    async def _answer(self, asked: Asked, does: _Answers, receive: Receive) -> Answer:
        loop = asyncio.get_running_loop()
        if asked.came.method == "POST":
            self._endpoints.may_add(asked)
            whole = await body(asked.came, receive, self._endpoints.exchange.most_bytes, BODY_SECONDS, error)
            asked = Asked(asked.came, asked.partner, asked.address, whole)
        return await loop.run_in_executor(self._threads, does, asked)

    def _route(self, came: Incoming) -> tuple[str, dict[str, _Answers]]:
        """The endpoint's name, for counting, and what answers each method. A last slash, which 3.1 wants, may be missing."""
        here, root = self._endpoints, self._endpoints.exchange.root
        path = came.path[:-1] if came.path[-1:] == ("",) else came.path
        match path:
            case ("taxii2",):
                return "discovery", {"GET": here.discovery}
            case (first,) if first == root:
                return "api_root", {"GET": here.api_root}
            case (first, "status", _) if first == root:
                return "status", {"GET": here.status}
            case (first, "collections") if first == root:
                return "collections", {"GET": here.collections}
            case (first, "collections", _) if first == root:
                return "collection", {"GET": here.collection}
            case (first, "collections", _, "manifest") if first == root:
                return "manifest", {"GET": here.get_manifest}
            case (first, "collections", _, "objects") if first == root:
                return "objects", {"GET": here.get_objects, "POST": here.add_objects}
            case (first, "collections", _, "objects", _) if first == root:
                return "object", {"GET": here.get_object, "DELETE": here.delete_object}
            case (first, "collections", _, "objects", _, "versions") if first == root:
                return "versions", {"GET": here.get_versions}
        raise Stopped(error(404, "not_found", "there is nothing here"))

    async def _partner(self, came: Incoming, scope: Scope) -> Partner:
        """Stopped with 401, or 429 where an address failed too often."""
        shown = came.headers.get("authorization", "")
        loop = asyncio.get_running_loop()
        name = await loop.run_in_executor(self._threads, self._tokens.partner, shown) if shown else None
        partner = self._endpoints.exchange.partners.get(name or "")
        if partner is not None:
            return partner
        wait = self._failures.wait(_address(scope), time.monotonic()) if shown else 0
        self._counted.refused["too_often" if wait else "wrong" if shown else "none"] += 1
        if wait:
            raise Stopped(
                error(429, "too_often", "too many requests without a right secret", ("retry-after", str(wait)))
            )
        if shown:
            self._says(f"no right secret from {_address(scope)}")
        raise Stopped(
            error(401, "unauthorized", "a partner's secret is needed, by HTTP Basic or as a bearer token", *_SCHEMES)
        )

    async def _drained(self, scope: Scope, receive: Receive) -> None:
        """What is still sent is read, within bounds: a client that is cut off while it sends never reads why."""
        headers, left = dict(scope["headers"]), 2 * self._endpoints.exchange.most_bytes
        if b"expect" in headers or not (b"content-length" in headers or b"transfer-encoding" in headers):
            return  # it has not begun to send, or sends nothing
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if message["type"] == "http.disconnect" or not message.get("more_body", False):
                        return
        except TimeoutError:
            return

    def _failed(self, name: str, problem: Exception) -> Answer:
        """A defect, a disk or a database: nobody is shown how we are built, and the id of the error is in what we say."""
        if isinstance(problem, StillwatchError):
            busy = isinstance(problem, StoreLocked)
            answer = error(503, "busy", "it cannot be done now; send it again", ("retry-after", "5" if busy else "30"))
            told = str(problem)
        else:
            answer = error(500, "failed", "it could not be done")
            where = traceback.extract_tb(problem.__traceback__)[-1]
            told = f"{type(problem).__name__}: {problem} at {where.filename}:{where.lineno}"
        assert isinstance(answer.said, dict)
        self._says(f"{name} {answer.said['error_id']}: {told}")
        return answer


def _address(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])
