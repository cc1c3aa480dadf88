"""Progress on stderr: bars on a terminal, one line a stage elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class TerminalWatcher:
    """Use as a context manager around a run."""

    def __init__(self, quiet: bool = False) -> None:
        self.console = Console(stderr=True)
        self.quiet = quiet
        self.drawn = not quiet and self.console.is_terminal
        self.progress = Progress(
            TextColumn("{task.description:<24}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
            console=self.console, transient=True, disable=not self.drawn,
        )  # fmt: skip
        self.task: TaskID | None = None

    def __enter__(self) -> TerminalWatcher:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    def begins(self, doing: str, total: int | None) -> None:
        if self.drawn:
            self.task = self.progress.add_task(doing, total=total)

    def advances(self, done: int) -> None:
        if self.task is not None:
            self.progress.update(self.task, completed=done)

    def ends(self, name: str, rows: int, seconds: float) -> None:
        if self.task is not None:
            self.progress.remove_task(self.task)
            self.task = None
        if not self.quiet and not self.drawn:
            sys.stderr.write(f"{name:<20} {rows:>12,} rows {seconds:>8.2f} s\n")
