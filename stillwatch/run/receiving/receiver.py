"""The receiver beside a watch: it listens from when the state is open until the watch ends."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from stillwatch.config import Config
from stillwatch.evidence import Report
from stillwatch.run.receiving.app import Otlp
from stillwatch.run.receiving.files import ReceivedFiles
from stillwatch.run.watching.served import Served
from stillwatch.run.watching.state import Manifest


class Receiver:
    """A `Beside` (run/watching/beside.py)."""

    def __init__(self, source: Path, state: Path, config: Config, host: str, port: int) -> None:
        self._files = ReceivedFiles(source, state, config.watch)
        self._app = Otlp(self._files, config)
        self._served = Served(self._app, "--otlp", host, port)

    def __enter__(self) -> Self:
        self._files.open()
        self._served.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._served.__exit__(kind, value, trace)
        self._app.close()
        self._files.close()

    def turn(self, manifest: Manifest) -> None:
        if not self._served.alive:
            raise RuntimeError("BUG: the receiver has ended, and the watch has not")
        self._files.absorbed(manifest.position)

    def looked(self, report: Report, seconds: float) -> None:
        """A look absorbs nothing."""

    @property
    def address(self) -> tuple[str, int]:
        return self._served.address

    @property
    def answered(self) -> Mapping[int, int]:
        """Requests answered so far, by status."""
        return self._app.answered

    def waiting(self) -> int:
        return self._files.waiting()

    def refusal(self) -> str:
        return self._files.refusal()
