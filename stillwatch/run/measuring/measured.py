"""The page of measurements beside a watch: GET /metrics, /healthz, /readyz."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
from prometheus_client import CollectorRegistry, make_asgi_app

from stillwatch.config import Config
from stillwatch.evidence import Report
from stillwatch.run.measuring.metrics import Metrics, Receives
from stillwatch.run.measuring.progress import Look, Progress
from stillwatch.run.progress import Watcher
from stillwatch.run.watching.served import Served
from stillwatch.run.watching.state import Manifest

Send = Callable[[dict[str, Any]], Awaitable[None]]
_MINUTE = 60  # seconds


class Measured:
    """A `Beside` (run/watching/beside.py); its `progress` is the watcher to run the watch with."""

    def __init__(
        self, state: Path, config: Config, host: str, port: int, watcher: Watcher, receiver: Receives | None = None
    ) -> None:
        self.progress = Progress(watcher)
        self._limit = config.watch.stalled_minutes * _MINUTE
        self._receiver = receiver
        registry = CollectorRegistry()
        registry.register(Metrics(state, self.progress, receiver))
        self._metrics = make_asgi_app(registry)
        self._served = Served(self._answer, "--metrics", host, port)

    def __enter__(self) -> Self:
        self._served.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._served.__exit__(kind, value, trace)

    def turn(self, manifest: Manifest) -> None:
        self.progress.manifest = manifest
        self.progress.goes_on()

    def looked(self, report: Report, seconds: float) -> None:
        self.progress.look = Look.of(report, seconds)

    @property
    def address(self) -> tuple[str, int]:
        return self._served.address

    async def _answer(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        path = scope["path"]
        if path == "/metrics":
            await self._metrics(scope, receive, send)
        elif path == "/healthz":
            await _told(send, 503, self._stalled())
        elif path == "/readyz":
            await _told(send, 503, self._not_ready())
        else:
            await _told(send, 404, "only /metrics, /healthz and /readyz are here")

    def _stalled(self) -> str:
        silent = self.progress.silent_seconds()
        return f"no progress for {silent:.0f} seconds, {self._limit:.0f} are allowed" if silent > self._limit else ""

    def _not_ready(self) -> str:
        if self.progress.manifest is None:
            return "the watch has not begun"
        return self._receiver.refusal() if self._receiver is not None else ""


async def _told(send: Send, status: int, reason: str) -> None:
    """200 where there is no reason against it."""
    body = orjson.dumps({"status": "failing", "reason": reason} if reason else {"status": "ok"})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status if reason else 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
