"""The moment of leaving: written down before the first byte and after the last, by one hand at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stillwatch.safeguards.chain import Writing
from stillwatch.sharing import files as kept
from stillwatch.sharing.outgoing.log import Standing, row
from stillwatch.sharing.outgoing.partners import Partner
from stillwatch.sharing.outgoing.ways import Files

# To a collection of theirs, by its address; raises ResponseFailed, and may be repeated.
Send = Callable[[Partner, str, bytes], None]


@dataclass(frozen=True)
class Left:
    """What went, or would go, where."""

    standing: Standing
    how: str
    where: str
    files: Mapping[str, int]  # bytes by name
    again: bool = False  # one that was cut short before was ended
    lost: tuple[str, ...] = ()  # what this form has no place for


@dataclass(frozen=True)
class Going:
    """One package by one way."""

    standing: Standing
    partner: Partner
    how: str
    where: str
    files: Files

    def go(self, writing: Writing, kinds: tuple[str, str], who: str, why: str, at: float, send: Send) -> None:
        """`kinds` of the two lines: releasing and released, or revoking and revoked."""
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in self.files.items()}
        one, told = self.standing, {"how": self.how, "where": self.where, "files": hashes, "why": why}
        writing.append([{**row(kinds[0], one.package, one.to, who, at), **told}])
        writing.settle()
        for name, data in self.files.items():
            if self.how == "taxii":
                send(self.partner, self.where, data)
            else:
                kept.keep(Path(self.where) / name, data)
        writing.append([{**row(kinds[1], one.package, one.to, who, at), **told}])

    @property
    def sizes(self) -> dict[str, int]:
        return {name: len(data) for name, data in self.files.items()}
