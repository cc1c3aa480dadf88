"""Both doors as servers, by uvicorn in one event loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from stillwatch.listening import address, listening
from stillwatch.verification.door import Inside, Outside, Service

Address = tuple[str, int]
_MOST_CONNECTIONS = 512  # of a door; more are answered 503, which vendors take for "later"
_IDLE_SECONDS = 30  # that a connection is held open without a request
_DOWN_IN = 10  # seconds that requests may still take when the server is told to end


def serve(service: Service, inside: Address, outside: Address | None, says: Callable[[str], None]) -> None:
    """Until it is interrupted. `says` is told where each door is, once both are open."""
    asyncio.run(_serve(service, inside, outside, says))


async def _serve(service: Service, inside: Address, outside: Address | None, says: Callable[[str], None]) -> None:
    doors: list[tuple[str, Inside | Outside, Address]] = [("inside", Inside(service), inside)]
    if outside is not None:
        doors.append(("webhooks and logins", Outside(service), outside))
    sockets = [listening(*place, _MOST_CONNECTIONS) for _, _, place in doors]  # before anything is served
    servers = [_Server(_config(app)) for _, app, _ in doors]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda caught, frame: [one.handle_exit(caught, frame) for one in servers])
    for (name, _, _), one in zip(doors, sockets, strict=True):
        says(f"{name} on http://{address(one)}")
    try:
        await asyncio.gather(*(one.serve([on]) for one, on in zip(servers, sockets, strict=True)))
    finally:
        await service.organizations.close()
        for _, app, _ in doors:
            await app.ended()
            app.close()


def _config(app: Any) -> uvicorn.Config:
    """h11, which bounds headers. No access log: addresses of requests have cases and codes of logins in them."""
    return uvicorn.Config(
        app, http="h11", ws="none", lifespan="off", interface="asgi3", access_log=False, log_level="warning",
        server_header=False, proxy_headers=False, limit_concurrency=_MOST_CONNECTIONS, timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_DOWN_IN,
    )  # fmt: skip


class _Server(uvicorn.Server):  # type: ignore[misc]  # uvicorn is not looked into
    """Leaves signals to whoever runs both."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
