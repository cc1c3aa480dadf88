"""The door as a server, by uvicorn."""

from __future__ import annotations

from collections.abc import Callable

import uvicorn

from stillwatch.listening import address, listening
from stillwatch.sharing.matching.door import Door

_MOST_CONNECTIONS = 64  # partners are few
_DOWN_IN = 30  # seconds that an evaluation may still take when the server is told to end


def serve(door: Door, host: str, port: int, says: Callable[[str], None]) -> None:
    """Until it is interrupted. `says` is told where it is, once it is open."""
    found = listening(host, port, _MOST_CONNECTIONS)
    config = uvicorn.Config(
        door, http="h11", ws="none", lifespan="off", interface="asgi3", access_log=False, log_level="warning",
        server_header=False, proxy_headers=False, limit_concurrency=_MOST_CONNECTIONS, timeout_graceful_shutdown=_DOWN_IN,
    )  # fmt: skip
    says(f"private matching on http://{address(found)}")
    try:
        uvicorn.Server(config).run([found])
    finally:
        door.close()
