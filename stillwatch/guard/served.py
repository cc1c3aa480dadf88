"""The proxy as a server of its own: uvicorn with httptools and uvloop, the fastest of those that were tried."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from stillwatch.guard.doors import AUTH, ENVOY, LITELLM, Doors
from stillwatch.guard.proxy import Proxy
from stillwatch.guard.setup import Setup, stand
from stillwatch.guard.told import Told

DOWN_IN = 30  # seconds that streams may still take when the server is told to end: what Kubernetes waits, too


def serve(setup: Setup, upstream: str, host: str, port: int, trusted: str, says: Callable[[str], None]) -> None:
    """Until it is interrupted. `trusted` proxies, by address, may say where a client is (X-Forwarded-For)."""
    with asyncio.Runner(loop_factory=_loop()) as runner:
        runner.run(_serve(setup, upstream, host, port, trusted, says))


async def _serve(setup: Setup, upstream: str, host: str, port: int, trusted: str, says: Callable[[str], None]) -> None:
    standing = stand(setup, says)
    doors, told = Doors(standing.gate), Told(standing)
    own = {"/healthz": told, "/metrics": told, AUTH: doors, ENVOY: doors, LITELLM: doors}
    app = Proxy(standing.gate, upstream, own)
    server = _Server(
        uvicorn.Config(
            app, host=host, port=port, http="httptools", loop="none", ws="none", lifespan="on", access_log=False,
            log_level="warning", server_header=False, date_header=False, timeout_graceful_shutdown=DOWN_IN,
            forwarded_allow_ips=trusted, timeout_keep_alive=75,
        )
    )  # fmt: skip
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, server.handle_exit)
    gc.collect()
    gc.freeze()  # libraries and what is known are never garbage: looking through them takes a tenth of a second each time
    says(f"listening on http://{host}:{port}, passing on to {upstream}")
    try:
        await server.serve()
    finally:
        await standing.close()


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
