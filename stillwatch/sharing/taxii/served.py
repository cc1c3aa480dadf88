"""The door as a server, by uvicorn; and beside it, where it is asked for, numbers for Prometheus."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from stillwatch.errors import BadConfiguration
from stillwatch.listening import address, listening
from stillwatch.request import Answer, Receive, Scope, Send, begun, error, say
from stillwatch.sharing.taxii.counted import TYPE, Counted
from stillwatch.sharing.taxii.door import Door

Address = tuple[str, int]
_MOST_CONNECTIONS = 256  # more are answered 503
_IDLE_SECONDS = 30  # that a connection is held open without a request
_DOWN_IN = 10  # seconds that requests may still take when the server is told to end


@dataclass(frozen=True)
class Where:
    """Where the server is, and how partners come to it."""

    bind: Address
    certificate: Path | None = None  # PEM, with the chain
    key: Path | None = None
    proxies: str = ""  # addresses whose X-Forwarded-For is believed, with commas between; TLS ends there
    metrics: Address | None = None


def serve(door: Door, counted: Counted, where: Where, says: Callable[[str], None]) -> None:
    """Until it is interrupted. `says` is told where it is, once it is open."""
    asyncio.run(_serve(door, counted, where, says))


def guarded(where: Where) -> None:
    """BadConfiguration where secrets would cross a network in the clear."""
    host = where.bind[0]
    try:
        here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost"
    if not (here or where.certificate or where.proxies):
        raise BadConfiguration(
            "partners' secrets and what they are told would cross the network unencrypted", f"--bind {host}:{where.bind[1]}",
            "an address of this machine alone; --cert and --cert-key; or --behind, where a proxy ends TLS",
        )  # fmt: skip


async def _serve(door: Door, counted: Counted, where: Where, says: Callable[[str], None]) -> None:
    servers = [_Server(_config(door, where))]
    sockets = [listening(*where.bind, _MOST_CONNECTIONS)]  # one that is taken is an error before anything is served
    if where.metrics:
        servers.append(_Server(_config(_Metrics(counted), Where(where.metrics))))
        sockets.append(listening(*where.metrics, _MOST_CONNECTIONS))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda caught, frame: [one.handle_exit(caught, frame) for one in servers])
    schemes = ("https" if where.certificate else "http", "http")
    for name, scheme, one in zip(("TAXII", "metrics"), schemes, sockets, strict=False):
        says(f"{name} on {scheme}://{address(one)}")
    await asyncio.gather(*(one.serve([on]) for one, on in zip(servers, sockets, strict=True)))


class _Metrics:
    """An ASGI app of numbers, for systems of one's own."""

    def __init__(self, counted: Counted) -> None:
        self._counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match begun(scope).path:
            case ("metrics",):
                await say(send, Answer(200, await asyncio.to_thread(self._counted.page), type=TYPE))
            case ("healthz",):
                await say(send, Answer(200, {"status": "ok"}))
            case _:
                await say(send, error(404, "not_found", "there is nothing here"))


def _config(app: Any, where: Where) -> uvicorn.Config:
    """h11, which bounds headers. No access log: who got what is written down by the door."""
    try:
        made = uvicorn.Config(
            app, http="h11", ws="none", lifespan="off", interface="asgi3", access_log=False, log_level="warning",
            server_header=False, proxy_headers=bool(where.proxies), forwarded_allow_ips=where.proxies or None,
            limit_concurrency=_MOST_CONNECTIONS, timeout_keep_alive=_IDLE_SECONDS, timeout_graceful_shutdown=_DOWN_IN,
            ssl_certfile=where.certificate, ssl_keyfile=where.key,
        )  # fmt: skip
        made.load()
        return made
    except OSError as problem:
        raise BadConfiguration(
            f"the certificate cannot be used: {problem}", str(where.certificate), "PEM files", "--cert and --cert-key"
        ) from None


class _Server(uvicorn.Server):  # type: ignore[misc]  # uvicorn is not looked into
    """Leaves signals to whoever runs both."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
