"""What a run tells while it works: stages with rows and seconds. The rim decides how it looks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from stillwatch.run.memory import forget_peak, peak_mib


class Watcher(Protocol):
    """Told of every stage; a terminal draws bars, a log file gets one line a stage."""

    def begins(self, doing: str, total: int | None) -> None: ...

    def advances(self, done: int) -> None: ...

    def ends(self, name: str, rows: int, seconds: float) -> None: ...


class Silent:
    """Watches without a word."""

    def begins(self, doing: str, total: int | None) -> None:
        pass

    def advances(self, done: int) -> None:
        pass

    def ends(self, name: str, rows: int, seconds: float) -> None:
        pass


@dataclass
class Timings:
    """Rows, seconds and peak memory of each stage, for the report and for `--json`."""

    watcher: Watcher
    stages: list[dict[str, float | int | str]] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str, doing: str, total: int | None = None) -> Iterator[dict[str, int]]:
        self.watcher.begins(doing, total)
        made = {"rows": 0}
        forget_peak()
        started = time.perf_counter()
        yield made
        seconds = time.perf_counter() - started
        self.stages.append({"stage": name, **made, "seconds": round(seconds, 3), "peak_mib": peak_mib()})
        self.watcher.ends(name, made["rows"], seconds)

    def kept(self, name: str, rows: int, **fetched: int) -> None:
        """A stage that a run before this one had finished."""
        self.stages.append({"stage": name, "rows": rows, **fetched, "seconds": 0.0, "peak_mib": 0})
        self.watcher.ends(name, rows, 0.0)
