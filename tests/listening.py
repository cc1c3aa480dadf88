"""A watcher that remembers what a run did, in order."""

from __future__ import annotations

from stillwatch.run.progress import Silent


class Listener(Silent):
    def __init__(self) -> None:
        self.begun: list[str] = []

    def begins(self, doing: str, total: int | None) -> None:
        self.begun.append(doing)
