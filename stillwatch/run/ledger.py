"""What a run has finished, kept beside its tables until all is done: after a kill the same command goes on from there.

Nothing is taken over from a run that was not the same in everything that decides its tables: the program's own files, the
settings, the files of the log, the lists of networks, the key, and the instant it is read as of. What was finished is
then as good as made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from stillwatch.config import Config, Engine, Spark
from stillwatch.pseudonyms import Pseudonyms
from stillwatch.run.place import Place

LEDGER = "unfinished.json"  # in the folder of tables


class Ledger:
    """Stages finished so far, with what has to be known of each without running it again."""

    def __init__(self, path: Path, run: str) -> None:
        """Takes over what the ledger at `path` says of the same `run`; anything else there is forgotten."""
        self._path = path
        self._part = path.with_name(f"part-of-{path.name}")
        self._run = run
        self._finished: dict[str, dict[str, Any]] = {}
        try:
            found = orjson.loads(path.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return
        if found["run"] == run:
            self._finished = found["finished"]

    def finished(self, stage: str) -> dict[str, Any] | None:
        """What was noted of a finished stage; None if it has to run."""
        return self._finished.get(stage)

    def note(self, stage: str, **facts: Any) -> None:
        """A stage is done and its table stands in its place; from here on it is not run again."""
        self._finished[stage] = facts
        draft = self._path.with_suffix(".partial")
        draft.write_bytes(orjson.dumps({"run": self._run, "finished": self._finished}))
        draft.replace(self._path)

    def within(self, part: str) -> Ledger:
        """A ledger of one part of this run, which takes the place of that of any other part."""
        return Ledger(self._part, f"{self._run} {part}")

    def close(self) -> None:
        """All is done: the next run begins at the beginning."""
        for path in (self._path, self._part):
            path.unlink(missing_ok=True)


def run_id(command: str, place: Place, source: str, keys: Pseudonyms, config: Config) -> str:
    """The same for two runs only if everything that decides their tables is: files by name, size and time of change.

    `source` stands for what is read from elsewhere than the log folder. How much memory, disk and cores a run may use
    decides nothing: one that ran out of any goes on with more.
    """
    told = [
        command,
        _program(),
        orjson.dumps(asdict(replace(config, engine=Engine(), spark=Spark())), option=orjson.OPT_SORT_KEYS).decode(),
        keys.token("run", "key"),
        "" if place.as_of is None else place.as_of.isoformat(),
        place.engine,
        place.write_to or "",
        source,
        *(() if place.log is None else _files(place.log)),
        *(() if place.networks is None else _files(place.networks)),
    ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        state = path.stat()
        yield f"{path.relative_to(folder)} {state.st_size} {state.st_mtime_ns}"


@cache
def _program() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*")):
        if path.suffix in (".py", ".toml", ".csv", ".yaml"):
            digest.update(path.read_bytes())
    return digest.hexdigest()
