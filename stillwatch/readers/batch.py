"""What lies beside the requests of a batch: its answers, and the record of the batch itself.

    exchanges/NAME.input.jsonl      the requests, as the customer sent them
    exchanges/NAME.output.jsonl     the answers (also NAME.errors.jsonl): ids, status and tokens of each request
    exchanges/_NAME.json            the batch as the provider's interface describes it, with account_id added

Time and account of a batch are in neither of its files. The time is the batch's created_at, else that of the answer. The
account is account_id in the batch's record, else what a folder above is called, if it is called account_id=ACCOUNT. The
batch's metadata are the customer's own words, and say nothing of who that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from stillwatch.config import Reading
from stillwatch.readers.formats import Broken
from stillwatch.readers.lines import lines
from stillwatch.readers.shape import Part, Passed, Row, Rows
from stillwatch.readers.values import at, word

_FOLDER = "account_id="
_INPUT = ".input."
_ANSWERS = (".output.", ".errors.")
_MOST_BYTES = 1 << 20  # of the batch's record: the real ones have a kilobyte
ACCOUNT_HINT = (
    "a batch does not say whose it is: put it into a folder account_id=ACCOUNT, or account_id into _NAME.json beside it "
    "(docs/log-formats.md)"
)
TIME_HINT = "put the batch's record, with created_at, beside it as _NAME.json (docs/log-formats.md)"


@dataclass(frozen=True)
class Beside:
    """What is known of a file's batch."""

    name: str
    account: str | None
    organization: str | None
    created_at: Any
    answers: dict[str, Row]  # custom_id → what the answer says


def beside(path: Path, answer: Callable[[Any], Row]) -> Beside:
    """Looked up by name; `answer` takes the few facts that are kept of a line of answers."""
    name = path.name.split(".")[0]
    record = _record(path.with_name(f"_{name}.json"))
    folders = (one.name.removeprefix(_FOLDER) for one in path.parents if one.name.startswith(_FOLDER))
    return Beside(
        word(at(record, "id")) or name,
        word(at(record, "account_id"), *folders),
        word(at(record, "organization_id")),
        at(record, "created_at"),
        dict(_answers(path, answer)),
    )


def requests(row: Callable[[Any, Beside], Row | Passed], answer: Callable[[Any], Row]) -> Callable[[Path], Rows]:
    """For a shape that makes a row of each request, with what lies beside its file."""
    return partial(_opened, row, answer)


def _opened(row: Callable[[Any, Beside], Row | Passed], answer: Callable[[Any], Row], path: Path) -> Rows:
    known = beside(path, answer)

    def rows(record: Any) -> Iterator[Part]:
        yield row(record, known), record

    return rows


def _record(path: Path) -> Any:
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return None
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return None


def _answers(path: Path, answer: Callable[[Any], Row]) -> Iterator[tuple[str, Row]]:
    """One line at a time: answers are long, and of each only what `answer` takes is kept."""
    if _INPUT not in path.name:
        return
    stem = path.name.split(_INPUT)[0]
    for kind in _ANSWERS:
        for found in sorted(path.parent.glob(f"{stem}{kind}jsonl*")):
            try:
                for line, _ in lines(found, Reading().max_line_bytes):
                    record = _parsed(line)
                    if custom_id := word(at(record, "custom_id")):
                        yield custom_id, answer(record)
            except Broken:
                continue  # reading that file itself says so


def _parsed(line: bytes | None) -> Any:
    try:
        return orjson.loads(line or b"null")
    except orjson.JSONDecodeError:
        return None
