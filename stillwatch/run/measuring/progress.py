"""What the threads that answer questions know of the watch: what it told last, and when."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from stillwatch.evidence import Report
from stillwatch.run.progress import Watcher
from stillwatch.run.watching.state import Manifest


@dataclass(frozen=True)
class Look:
    """Of the last look, only counts."""

    seconds: float
    campaigns: int
    verdicts: dict[str, int]

    @classmethod
    def of(cls, report: Report, seconds: float) -> Look:
        return cls(seconds, len(report.campaigns), dict(report.totals.get("verdicts", {})))


@dataclass
class Progress:
    """A `Watcher` around another one: whatever a stage tells is progress. Each field is replaced whole, so needs no lock."""

    watcher: Watcher
    manifest: Manifest | None = None  # as of the last turn; None before the first
    look: Look | None = None  # None before the first look of this process
    at: float = field(default_factory=time.monotonic)

    def silent_seconds(self) -> float:
        return time.monotonic() - self.at

    def goes_on(self) -> None:
        self.at = time.monotonic()

    def begins(self, doing: str, total: int | None) -> None:
        self.goes_on()
        self.watcher.begins(doing, total)

    def advances(self, done: int) -> None:
        self.goes_on()
        self.watcher.advances(done)

    def ends(self, name: str, rows: int, seconds: float) -> None:
        self.goes_on()
        self.watcher.ends(name, rows, seconds)
