"""The door as a server, by uvicorn."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from stillwatch.errors import BadConfiguration
from stillwatch.sharing.matching.door import Door

_MOST_CONNECTIONS = 64  # partners are few
_DOWN_IN = 30  # seconds that an evaluation may still take when the server is told to end


def serve(door: Door, host: str, port: int, says: Callable[[str], None]) -> None:
    """Until it is interrupted. `says` is told where it is, once it is open."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=_MOST_CONNECTIONS)
    except OSError as problem:
        raise BadConfiguration(
            f"cannot listen there: {problem.strerror or problem}", f"{host}:{port}",
            "an address of this machine, a free port",
        ) from None  # fmt: skip
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        door, http="h11", ws="none", lifespan="off", interface="asgi3", access_log=False, log_level="warning",
        server_header=False, proxy_headers=False, limit_concurrency=_MOST_CONNECTIONS, timeout_graceful_shutdown=_DOWN_IN,
    )  # fmt: skip
    name, open_at = listening.getsockname()[:2]
    says(f"private matching on http://{f'[{name}]' if ':' in name else name}:{open_at}")
    try:
        uvicorn.Server(config).run([listening])
    finally:
        door.close()
