"""OUT/rejected.jsonl: every input row that was set aside, with file, line, column and reason.

Records that are no exchanges are no rejects: a log of somebody else's has them, and they are counted only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson

from stillwatch.readers import Reject


class Rejected:
    """Writes rejects as they come; counts all, writes up to a limit."""

    def __init__(self, path: Path, at_most: int) -> None:
        self.path = path
        self.count = 0
        self.reasons: Counter[str] = Counter()
        self.passed: Counter[str] = Counter()  # records that are no exchanges: what they are → how many
        self._at_most = at_most
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb")

    def add(self, rejects: Iterable[Reject]) -> None:
        for reject in rejects:
            self.count += 1
            self.reasons[f"{reject.column or 'file'}: {reject.reason}"] += 1
            if self.count <= self._at_most:
                self._file.write(orjson.dumps(reject) + b"\n")

    def add_counted(self, reasons: Mapping[tuple[str, str], int], first: Iterable[Reject]) -> None:
        """Those of a pass that ran elsewhere: how many for each (column, reason), and the first of them."""
        for reject, _ in zip(first, range(self._at_most - self.count), strict=False):
            self._file.write(orjson.dumps(reject) + b"\n")
        for (column, reason), rows in reasons.items():
            self.count += rows
            self.reasons[f"{column or 'file'}: {reason}"] += rows

    def pass_over(self, others: Mapping[str, int]) -> None:
        """Records that are no exchanges."""
        self.passed.update(others)

    def close(self) -> None:
        if self.count > self._at_most:
            left = {
                "file": "",
                "line": 0,
                "column": "",
                "reason": f"{self.count - self._at_most} more were counted only",
            }
            self._file.write(orjson.dumps(left) + b"\n")
        self._file.close()


class RejectedBefore(Rejected):
    """Those of a run that had read the whole log: its file stays as it is, and what is read again adds nothing."""

    def __init__(self, path: Path, count: int, reasons: Mapping[str, int], passed: Mapping[str, int]) -> None:
        self.path = path
        self.count = count
        self.reasons = Counter(reasons)
        self.passed = Counter(passed)

    def add(self, rejects: Iterable[Reject]) -> None:
        pass

    def pass_over(self, others: Mapping[str, int]) -> None:
        pass

    def add_counted(self, reasons: Mapping[tuple[str, str], int], first: Iterable[Reject]) -> None:
        pass

    def close(self) -> None:
        pass
