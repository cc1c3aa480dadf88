"""What a watch knows, in a folder: a manifest that is replaced whole, and files that count only if it names them."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from stillwatch.disk import settle
from stillwatch.errors import BadConfiguration

VERSION = 2  # 2: signals say what became of a request
_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """All that was committed. Plain values only, so that it is JSON as it stands."""

    version: int = VERSION
    key: str = ""  # a token of the pseudonyms' key: with another, old rows and new ones would never meet
    batches: int = 0  # absorbed so far
    position: dict[str, Any] = field(default_factory=dict)  # of the source: up to where it was taken
    segments: tuple[str, ...] = ()  # files of signals
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)  # by number: where the texts of a file's rows stand
    present: tuple[str, ...] = ()  # columns of exchanges that occurred
    rows: int = 0  # absorbed, also those that were forgotten since
    newest: int = 0  # instant of the newest of them, microseconds since 1970
    absorbed_at: str = ""  # instant of the last batch
    rejected: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)  # records that are no exchanges
    rejected_bytes: int = 0  # of rejected.jsonl; what stands after them was never committed
    looks: int = 0
    looked_at: str = ""  # instant of the last look
    looked_rows: int = 0  # `rows` at the last look
    history: str = ""  # file with the campaigns so far
    result: str = ""  # folder with the result of the last look


class State:
    """A folder that one process at a time writes to (run/locked.py)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables = folder / "tables"
        self.signals = self.tables / "signals"
        self.intake = folder / "intake"
        self.results = folder / "results"
        self.histories = folder / "histories"
        self.rejected = folder / "rejected.jsonl"
        for one in (self.signals, self.results, self.histories):
            one.mkdir(parents=True, exist_ok=True)
        self.manifest = self._read()
        self.sweep()

    def commit(self, **changes: Any) -> None:
        """The manifest with these changes, from now on and after any crash; files it names must be on disk."""
        manifest = replace(self.manifest, **changes)
        draft = self.folder / f"{_MANIFEST}.partial"
        with draft.open("wb") as file:
            file.write(orjson.dumps(asdict(manifest)))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / _MANIFEST)
        settle([self.folder])
        self.manifest = manifest

    def sweep(self) -> None:
        """Remove whatever the manifest does not name: the rest of a batch or a look that was never committed."""
        named = {self.signals: set(self.manifest.segments), self.histories: {self.manifest.history}}
        for folder, kept in named.items():
            for path in folder.iterdir():
                if path.name not in kept:
                    path.unlink()
        remove(self.intake)
        for path in self.results.iterdir():
            if path.name != self.manifest.result:
                remove(path)
        if self.rejected.exists() and self.rejected.stat().st_size > self.manifest.rejected_bytes:
            os.truncate(self.rejected, self.manifest.rejected_bytes)

    def _read(self) -> Manifest:
        path = self.folder / _MANIFEST
        try:
            found = orjson.loads(path.read_bytes())
        except FileNotFoundError:
            return Manifest()
        except orjson.JSONDecodeError as problem:
            raise BadConfiguration(
                f"the state cannot be read: {problem}", str(path), "what stillwatch wrote there"
            ) from None
        if found.get("version") != VERSION:
            raise BadConfiguration(
                f"state of version {found.get('version')}", str(path), f"version {VERSION}", "begin in another folder"
            )
        return Manifest(**{**found, **{name: tuple(found[name]) for name in ("segments", "present")}})


def remove(path: Path) -> None:
    """A file, or a folder and what is in it; a link itself and never what it leads to."""
    if path.is_dir() and not path.is_symlink():
        for one in path.iterdir():
            remove(one)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
