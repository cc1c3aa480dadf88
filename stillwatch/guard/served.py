"""The proxy as a server of its own: uvicorn with httptools and uvloop, the fastest of those that were tried."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from stillwatch.guard import answers
from stillwatch.guard.doors import DOORS, ENVOY, Doors
from stillwatch.guard.incoming import Receive, Scope, Send, say
from stillwatch.guard.proxy import Proxy
from stillwatch.guard.setup import Setup, stand
from stillwatch.guard.told import PAGES, Told

DOWN_IN = 30  # seconds that streams may still take when the server is told to end: what Kubernetes waits, too


@dataclass(frozen=True)
class Customers:
    """Where they come, and the model's server that their requests are passed on to."""

    upstream: str
    host: str
    port: int


def serve(
    setup: Setup, customers: Customers | None, inside: tuple[str, int] | None, trusted: str, says: Callable[[str], None]
) -> None:
    """Until it is interrupted: for customers, and on an address of its own for gateways and whoever looks after it.

    `trusted` proxies, by address, may say where a client is (X-Forwarded-For).
    """
    with asyncio.Runner(loop_factory=_loop()) as runner:
        runner.run(_serve(setup, customers, inside, trusted, says))


async def _serve(
    setup: Setup, customers: Customers | None, inside: tuple[str, int] | None, trusted: str, says: Callable[[str], None]
) -> None:
    standing = stand(setup, says)
    servers = []
    if inside is not None:
        own = _Inside(Doors(standing.gate), Told(standing))
        servers.append(_Server(_config(own, *inside, trusted, lifespan="off")))
        says(f"asked on http://{inside[0]}:{inside[1]}")
    if customers is not None:
        app = Proxy(standing.gate, customers.upstream)
        servers.append(_Server(_config(app, customers.host, customers.port, trusted, lifespan="on")))
    sockets = [
        [one.config.bind_socket()] for one in servers
    ]  # an address that is taken is an error before anything is served
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda caught, frame: [one.handle_exit(caught, frame) for one in servers])
    gc.collect()
    gc.freeze()  # libraries and what is known are never garbage: looking through them takes a tenth of a second each time
    if customers is not None:
        says(f"listening on http://{customers.host}:{customers.port}, passing on to {customers.upstream}")
    try:
        await asyncio.gather(*(one.serve(on) for one, on in zip(servers, sockets, strict=True)))
    finally:
        await standing.close()


def _config(app: Any, host: str, port: int, trusted: str, lifespan: str) -> uvicorn.Config:
    return uvicorn.Config(
        app, host=host, port=port, http="httptools", loop="none", ws="none", lifespan=lifespan, access_log=False,
        log_level="warning", server_header=False, date_header=False, timeout_graceful_shutdown=DOWN_IN,
        forwarded_allow_ips=trusted, timeout_keep_alive=75,
    )  # fmt: skip


class _Inside:
    """An ASGI app of what no customer may see: how the guard is, what it did, and whether a request may pass."""

    def __init__(self, doors: Doors, told: Told) -> None:
        self._doors, self._told = doors, told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path in PAGES:
            await self._told(scope, receive, send)
        elif path in DOORS or path.startswith(f"{ENVOY}/"):
            await self._doors(scope, receive, send)
        else:  # a gateway that asks at a place of its own making must not take the answer for a yes
            await say(send, answers.not_passed_on())


class _Server(uvicorn.Server):  # type: ignore[misc]  # uvicorn is not looked into
    """Ends when it is told to, and does not end the process with it: there is something left to write."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # Windows has none
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory
