"""A log folder, opened: exchanges in chunks, side tables, and single texts read again when they are to be shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch import tables
from stillwatch.config import Reading
from stillwatch.conversations import resolved
from stillwatch.errors import NothingToRead, UnknownFormat
from stillwatch.readers.checked import ROW, UNREAD, Clock, checked
from stillwatch.readers.detected import Detection
from stillwatch.readers.folder import ALLOWED, File, exchange_files, not_read, side_files
from stillwatch.readers.formats import Broken, Raw, Reject
from stillwatch.readers.ids import SeenIds
from stillwatch.readers.looks_like import looks_like
from stillwatch.readers.typed import typed

SIDE_TABLES = {
    "accounts": tables.LOG_ACCOUNTS,
    "releases": tables.LOG_RELEASES,
    "indicators": tables.LOG_INDICATORS,
    "evidence": tables.LOG_EVIDENCE,
    "declared": tables.LOG_DECLARED,
    "verifications": tables.LOG_VERIFICATIONS,
}
_UNIQUE = {"accounts": "account_id", "verifications": "account_id"}  # side tables in which a key may stand once
REPEATED = "duplicate of an exchange already read"
READ = [name for name in tables.LOG_EXCHANGES.names if name not in UNREAD]
_TEXTS = ("system", "prompt", "messages", "turn")  # what is needed to tell a row's texts

_NO_ROWS = pa.RecordBatch.from_pylist([], pa.schema([*((c.name, c.held) for c in tables.LOG_EXCHANGES.columns), ROW]))

Place = tuple[int, int, int]  # file, chunk, row


@dataclass(frozen=True)
class Chunk:
    """Up to `reading.chunk_rows` checked exchanges of one file, and what was set aside among them."""

    file: int
    path: Path
    chunk: int  # number inside the file
    batch: pa.RecordBatch  # LOG_EXCHANGES and `row`; no rows when everything was set aside
    rejects: list[Reject]
    bytes_read: int  # of Log.bytes, up to and with this chunk; of the file's, in `of_file`
    start: int = 0  # rows (lines) of the file before it
    rows: int = 0  # rows of the file in it, usable or not
    columns: frozenset[str] = frozenset()  # that occur in it
    lines: np.ndarray | None = None  # by row: place of its line after `start`, where a line can hold several rows
    passed: Mapping[str, int] = field(default_factory=dict)  # what was no exchange, in words → how many
    broken: bool = False  # the file cannot be read beyond this

    def line_numbers(self) -> np.ndarray:
        """Of each row of the batch, from 1, the line of the file on which it stands."""
        places = self.batch.column("row").to_numpy()
        return (places if self.lines is None else self.lines[places]).astype(np.int64) + self.start + 1


class Log:
    """Made by `open_log`. Reading twice gives the same chunks, as long as nobody touches the files."""

    def __init__(
        self, folder: Path, files: list[File], set_aside: list[Reject], reading: Reading, now: datetime
    ) -> None:
        self.folder = folder
        self.files = files
        self.bytes = sum(one.bytes for one in files)
        # Columns that occur. From schemas at once; JSON lines have none, so theirs come from the first lines
        # and are complete only when the chunks were read.
        self.present: set[str] = set()
        self.set_aside = set_aside  # files found unreadable on opening
        self._reading = reading
        self.clock = Clock.of(reading, now)

    def chunks(self, first: int = 0) -> Iterator[Chunk]:
        """Every chunk in order, exchanges seen before left out. `first` skips as many chunks, to go on after a stop.

        Skipped chunks are read all the same, because later rows may repeat their ids.
        """
        seen = SeenIds()
        any_row, bytes_before, number = False, 0, 0
        problems = list(self.set_aside)
        others: Counter[str] = Counter()
        if problems and first == 0:
            yield Chunk(-1, self.folder, 0, _NO_ROWS, problems, 0)
        for index, file in enumerate(self.files):
            for chunk in self.of_file(index):
                any_row |= chunk.rows > 0
                others.update(chunk.passed)
                self.present.update(chunk.columns)
                batch, repeats = without_repeats(chunk.batch, "exchange_id", seen, chunk.line_numbers(), file.name)
                if chunk.broken:
                    problems += chunk.rejects
                elif not any_row:
                    problems += chunk.rejects[: 1 - len(problems)]
                number += 1
                if number > first:
                    in_order = sorted(chunk.rejects + repeats, key=lambda one: one.line)
                    read = bytes_before + chunk.bytes_read
                    yield replace(chunk, batch=batch, rejects=in_order, bytes_read=read)
            bytes_before += file.bytes
        if others and not any_row:
            told = ", ".join(f"{count:,} {what}" for what, count in others.most_common())
            problems.append(Reject("exchanges", 0, "", f"no record is an exchange: {told}"))
        if problems and not any_row and self.files:
            raise self.unreadable(problems)

    def of_file(self, index: int) -> Iterator[Chunk]:
        """Every chunk of one file. Nothing is remembered: whoever reads files apart looks for repeated ids afterwards."""
        file, chunk = self.files[index], 0
        try:
            for raw in file.format.raw(file.path, self._reading, READ, None):
                chunk = raw.chunk + 1
                batch, rejects = checked(raw, tables.LOG_EXCHANGES, file.name, self.clock)
                yield Chunk(
                    index, file.path, raw.chunk, batch, rejects, raw.bytes_read,
                    raw.start, len(raw.rows), _occurring(raw, batch), raw.lines, raw.passed,
                )  # fmt: skip
        except Broken as problem:
            end = [Reject(file.name, 0, "", str(problem))]
            yield Chunk(index, file.path, chunk, _NO_ROWS, end, file.bytes, broken=True)

    def unreadable(self, problems: list[Reject]) -> UnknownFormat:
        """What is wrong with a log of which no row could be read."""
        return _unknown(self.folder, self.files, problems)

    def table(self, name: str) -> tuple[pa.Table | None, list[Reject]]:
        """A side table with the rows that can be used, or None when there is none, and what was set aside."""
        declared = SIDE_TABLES[name]
        files, rejects = side_files(self.folder, name)
        seen = SeenIds()
        batches: list[pa.RecordBatch] = []
        for file in files:
            missing = _missing(file, [column.name for column in declared.columns if column.required])
            if missing:
                rejects.append(missing)
                continue
            try:
                for raw in file.format.raw(file.path, self._reading, declared.names, None):
                    batch, bad = side_rows(name, raw, file.name, self.clock, seen)
                    rejects += bad
                    batches.append(batch)
            except Broken as problem:
                rejects.append(Reject(file.name, 0, "", str(problem)))
        return (pa.Table.from_batches(batches) if batches else None), rejects

    def texts(self, places: Iterable[Place]) -> dict[Place, tuple[str | None, str]]:
        """System prompt and prompt at these places, by reading those chunks again: nothing was kept of them."""
        wanted: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for file, chunk, row in places:
            wanted[file][chunk].append(row)
        found: dict[Place, tuple[str | None, str]] = {}
        for index, chunks in sorted(wanted.items()):
            source = self.files[index]
            try:
                for raw in source.format.raw(source.path, self._reading, list(_TEXTS), frozenset(chunks)):
                    for row, text in texts_of(raw, chunks[raw.chunk]).items():
                        found[index, raw.chunk, row] = text
            except Broken:
                continue  # the rows before the break are found; the rest was never handed out
        return found


def open_sides(folder: Path, config: Reading, now: datetime) -> Log:
    """A log folder for its side tables alone: no file of exchanges is looked at, however many there are."""
    _must_be_there(folder)
    return Log(folder, [], [], config, now)


def open_log(
    folder: Path, config: Reading, now: datetime | None = None, needs_exchanges: bool = True, proven: bool = False
) -> Log:
    """Open a log folder; says at once when there is nothing in it, or nothing that can be read.

    `now` is the instant after which nothing can have happened yet. `link` needs no exchanges. `proven`: rows were read with
    these settings before, so that a mapping which finds nothing in this piece of a log is no mistake.
    """
    _must_be_there(folder)
    found, rejects = exchange_files(folder)
    present: set[str] = set()
    files: list[File] = []
    detection = Detection(config)
    for file in found:
        form = detection.format(file.path, file.format)
        if form is None:
            rejects.append(Reject(file.name, 0, "", not_read(file.path)))
            continue
        file = replace(file, format=form)
        problem = _missing(file, ["exchange_id", "account_id", "timestamp"], ["prompt", "messages"], present)
        if problem:
            rejects.append(problem)
        else:
            files.append(file)
    if not proven:
        rejects += detection.never_found()
    if needs_exchanges and not files:
        if rejects:
            raise _unknown(folder, found, rejects)
        raise NothingToRead("the log folder has no exchanges", str(folder), ALLOWED, "docs/tables.md lists the columns")
    if needs_exchanges and not any(file.bytes for file in files):
        raise NothingToRead("every file of the log is empty", str(folder / "exchanges"), ALLOWED)
    log = Log(folder, files, rejects, config, now or datetime.now(UTC))
    log.present |= present & set(tables.LOG_EXCHANGES.names)
    return log


def _must_be_there(folder: Path) -> None:
    if not folder.is_dir():
        raise NothingToRead("no such log folder", str(folder), "a folder with exchanges/ in it", "check the path")


def _occurring(raw: Raw, batch: pa.RecordBatch) -> frozenset[str]:
    """Columns with something in them. Where every prompt is empty, a gateway's log says who asked and not what."""
    blank = batch.num_rows and pc.max(pc.binary_length(batch.column("prompt"))).as_py() == 0
    return frozenset(raw.columns) - ({"prompt"} if blank else set())


def side_rows(name: str, raw: Raw, file: str, clock: Clock, seen: SeenIds) -> tuple[pa.RecordBatch, list[Reject]]:
    """The rows of a side table that can be used, each key once, and what was set aside."""
    batch, rejects = checked(raw, SIDE_TABLES[name], file, clock)
    if name in _UNIQUE:
        lines = raw.start + 1 + batch.column("row").to_numpy()
        batch, repeats = without_repeats(batch, _UNIQUE[name], seen, lines, file)
        rejects += repeats
    return batch.drop_columns(["row"]), rejects


def _missing(
    file: File, required: list[str], any_of: list[str] | None = None, present: set[str] | None = None
) -> Reject | None:
    """Why a file with a schema cannot hold a single usable row, if so; its columns are added to `present`."""
    try:
        names = file.format.names(file.path)
    except Broken as problem:
        return Reject(file.name, 0, "", str(problem))
    if file.format.complete_names:
        lacking = [name for name in required if name not in names]
        if any_of and not set(any_of) & names:
            lacking.append(" or ".join(any_of))
        if lacking:
            has = ", ".join(sorted(names)[:12]) or "none"
            return Reject(file.name, 0, lacking[0], f"the file has no column {' and no '.join(lacking)}; it has {has}")
    if present is not None:
        present |= names
    return None


def without_repeats(
    batch: pa.RecordBatch, key: str, seen: SeenIds, lines: np.ndarray, file: str
) -> tuple[pa.RecordBatch, list[Reject]]:
    fresh = seen.first(batch.column(key))
    if fresh.all():
        return batch, []
    reason = REPEATED if key == "exchange_id" else "duplicate of an account already read"
    rejects = [Reject(file, int(line), key, reason) for line in lines[~fresh]]
    return batch.filter(pa.array(fresh)), rejects


def texts_of(raw: Raw, rows: list[int]) -> dict[int, tuple[str | None, str]]:
    """System prompt and prompt of these rows, as far as they can be used."""
    arrays = []
    for name in _TEXTS:
        column = tables.LOG_EXCHANGES.column(name)
        values = raw.columns.get(name)
        arrays.append(pa.nulls(len(raw.rows), column.held) if values is None else typed(values, column)[0])
    wanted = np.flatnonzero(np.isin(raw.rows, rows))
    arrays, bad = resolved([array.take(pa.array(wanted)) for array in arrays], list(_TEXTS))
    return {
        int(raw.rows[row]): (arrays[0][at].as_py(), arrays[1][at].as_py())
        for at, row in enumerate(wanted)
        if at not in bad
    }


def _unknown(folder: Path, files: list[File], rejects: list[Reject]) -> UnknownFormat:
    shown = "; ".join(f"{one.file}{f' line {one.line}' if one.line else ''}: {one.reason}" for one in rejects[:3])
    more = f"; and {len(rejects) - 3} more" if len(rejects) > 3 else ""
    hints = {one.name: looks_like(one.path) for one in files}
    hint = next((f"{one.file} looks like {hints[one.file]}" for one in rejects if hints.get(one.file)), "")
    return UnknownFormat(f"no file of the log can be read: {shown}{more}", str(folder / "exchanges"), ALLOWED, hint)
