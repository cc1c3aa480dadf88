"""What runs beside a watch, in threads of its own: the receiver of OTLP, the page of measurements."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from stillwatch.evidence import Report
from stillwatch.run.watching.state import Manifest


class Beside(Protocol):
    """Entered when the state is open and locked, told what the watch does, and left when it ends, however it ends."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def turn(self, manifest: Manifest) -> None:
        """After each batch and each look, and as often as the watch looks for something new."""

    def looked(self, report: Report, seconds: float) -> None:
        """After each look."""
