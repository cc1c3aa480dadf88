"""A provider's own model for summaries on the loopback, and a guard that asks it: a proxy, or a layer in front of an app."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import orjson
from guard_files import acting, files
from guard_placed import guards
from upstream_here import JSON, Upstream, served

from stillwatch.guard.asgi import Guarded

KEY = "sk-of-the-summariser"
SUMMARY = "It counts, and counts again."
RULES = [
    acting(id="sums", when='account.id == "campaign"', do={"reasoning": {"shown": "summary"}}),
    acting(id="turns", when='account.id == "other"', do={"reasoning": {"shown": "reordered"}}),
]


class Summariser:
    """Says what it is told to say. While it `holds` it says nothing."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.says: Any = SUMMARY  # a text, or the bytes of a whole answer
        self.status = 200
        self.holds = False
        self.hung_up = 0  # who asked and was gone before the end

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.asked.append({"headers": dict(scope["headers"]), "body": orjson.loads(body)})
        gone = asyncio.ensure_future(receive())
        while self.holds and not gone.done():
            await asyncio.sleep(0.01)
        if gone.done():
            self.hung_up += 1
            return
        gone.cancel()
        said = self.says
        if isinstance(said, str):
            said = orjson.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": said}}]})
        await send({"type": "http.response.start", "status": self.status, "headers": JSON})
        await send({"type": "http.response.body", "body": said})


@dataclass
class Asking:
    """A guard at `address` in front of `upstream`, which asks `summariser`; `counts` of it, by what they count."""

    address: str
    upstream: Upstream
    summariser: Summariser
    inside: str = ""
    layer: Any = None
    said: Any = ()

    def counts(self) -> dict[str, int]:
        if self.layer is not None:
            return dict(self.layer._gate.guard.counts)
        page = httpx2.get(f"{self.inside}/metrics").text
        lines = [one for one in page.splitlines() if one.startswith("stillwatch_guard_decisions_total")]
        return {one.split('"')[1]: int(float(one.split()[-1])) for one in lines}


def settings(folder: Path, address: str, **changes: Any) -> Path:
    """The file with settings that name a summariser."""
    given = {"summariser_url": f"{address}/v1/chat/completions", "summariser_model": "small", "most_at_once": 1,
             "summariser_key_variable": "SUMMARISER", "summariser_seconds": 60.0, **changes}  # fmt: skip
    path = folder / "settings.toml"
    path.write_text(
        "[reasoning]\n" + "".join(f"{name} = {orjson.dumps(one).decode()}\n" for name, one in given.items())
    )
    return path


@contextmanager
def proxy(folder: Path) -> Iterator[Asking]:
    summariser = Summariser()
    os.environ["SUMMARISER"] = KEY
    with served(summariser) as address, guards(folder) as put:
        placed = put(*RULES, options=("--config", str(settings(folder, address))))
        yield Asking(placed.address, placed.upstream, summariser, placed.inside, said=placed.said)
    del os.environ["SUMMARISER"]


@contextmanager
def layer(folder: Path, **changes: Any) -> Iterator[Asking]:
    summariser, upstream = Summariser(), Upstream()
    files(folder, *RULES)
    with served(summariser) as address:
        paths = {"policy": "policy.yaml", "result": "out", "keys": "keys.jsonl", "log": "log"}
        given = {f"STILLWATCH_GUARD_{name.upper()}": str(folder / path) for name, path in paths.items()}
        given |= {"STILLWATCH_GUARD_CONFIG": str(settings(folder, address, **changes)), "SUMMARISER": KEY}
        os.environ.update(given)
        guarded = Guarded(Cancelling(upstream))
        with served(guarded) as at:
            for name in given:
                del os.environ[name]
            yield Asking(at, upstream, summariser, layer=guarded)


class Cancelling:
    """An app that ends an answer whose client is gone, as those of Starlette do."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())

        async def replay() -> Any:
            if messages:
                return messages.pop(0)
            await asyncio.Event().wait()

        answering = asyncio.ensure_future(self.app(scope, replay, send))
        leaving = asyncio.ensure_future(receive())
        await asyncio.wait([answering, leaving], return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        answering.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)
