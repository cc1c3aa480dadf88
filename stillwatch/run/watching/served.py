"""An ASGI application served on one address, by uvicorn in a thread of its own."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Any, Self

import uvicorn

from stillwatch.errors import BadConfiguration

_MOST_CONNECTIONS = 256  # more are answered 503: a Collector holds some ten, a page of measurements one
_IDLE_SECONDS = 75  # a connection is held open without a request: longer than the 60 after which senders batch at most
_GRACE_SECONDS = 10  # for requests under way when it ends; what was not answered is sent again


class Served:
    """Use as a context manager; `address` is where it listens, which tells the port where 0 was asked for."""

    def __init__(self, application: Any, option: str, host: str, port: int) -> None:
        self._application, self._option = application, option
        self._asked = (host, port)
        self.address = ("", 0)

    def __enter__(self) -> Self:
        host, port = self._asked
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            listening = socket.create_server((host, port), family=family, backlog=_MOST_CONNECTIONS)
        except OSError as problem:
            where = f"{self._option} {host}:{port}"
            raise BadConfiguration(
                f"cannot listen there: {problem.strerror or problem}", where, "an address of this machine, a free port"
            ) from None
        self.address = listening.getsockname()[:2]
        settings = uvicorn.Config(
            self._application, http="h11", ws="none", lifespan="off", interface="asgi3", log_config=None,
            access_log=False, server_header=False, proxy_headers=False, limit_concurrency=_MOST_CONNECTIONS,
            timeout_keep_alive=_IDLE_SECONDS, timeout_graceful_shutdown=_GRACE_SECONDS,
        )  # fmt: skip
        self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(target=self._server.run, args=([listening],), name=self._option, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_GRACE_SECONDS + 5)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()
