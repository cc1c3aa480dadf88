"""What a watch follows: anything that gives the next batch of a log after a position that it can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from stillwatch.readers import Reject


@dataclass(frozen=True)
class Taken:
    """A batch: its position in the source, and where its files came from, in the order in which a log has them."""

    position: dict[str, Any]
    files: list[dict[str, Any]]  # name; start and end, as the source counts; line (lines before the first)
    full: bool  # as large as a batch may be, so that more is likely to wait
    rejects: list[Reject] = field(default_factory=list)  # what could not be put into a file

    def placed(self, number: int, line: int) -> tuple[str, int]:
        """Name and line in the source of a line of one of the files; line 0 is the file itself."""
        file = self.files[number]
        return file["name"], line + file["line"] if line else 0


class Source(Protocol):
    """A folder (growing.py) or a topic (kafka.py). It keeps nothing: the position is the state's, and the truth."""

    @property
    def sides(self) -> Path | None:
        """Folder with the side tables: accounts, releases, declared, indicators, evidence."""
        ...

    def take(self, position: dict[str, Any], into: Path, final: bool) -> Taken | None:
        """The next batch after `position`, put into a log folder; None when nothing has come.

        `final`: whoever asks wants what is there by now and nothing else, so nothing is waited for.
        """
        ...

    def again(self, file: dict[str, Any], into: Path) -> bool:
        """Put a file taken before into a log folder once more; False when it is gone."""
        ...

    def close(self) -> None: ...
