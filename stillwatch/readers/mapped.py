"""`--map`: a column of the contract taken from any place in a record, for logs that no shape knows or quite fits.

    column=path          account_id=auth.customer.id       prompt=messages[-1].content       account_id=attributes["user.id"]
    column=path@unit     timestamp=created@s               s, ms, us or ns since 1970; text needs no unit
    column==constant     channel==api

A mapping has the last word over its columns; every other column stays as the log, or its shape, gives it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stillwatch import tables
from stillwatch.errors import BadConfiguration
from stillwatch.readers.bodies import conversed
from stillwatch.readers.shape import Part, Row, Shape, each
from stillwatch.readers.values import PER_SECOND, at, instant, parsed
from stillwatch.tables import INSTANT
from stillwatch.toml_file import read_toml

FORM = "COLUMN=PATH, COLUMN=PATH@UNIT or COLUMN==CONSTANT"
_NEXT = "docs/log-formats.md shows how paths are written"
_STEP = re.compile(r"""\.?(?P<key>[^.\[\]"@]+)|\[(?P<place>-?\d+)\]|\["(?P<quoted>[^"]+)"\]""")


@dataclass(frozen=True)
class Mapped:
    """One column, and where it comes from."""

    column: str
    path: tuple[str | int, ...] = ()
    unit: str = ""  # of an instant that is a number
    constant: str | None = None

    def of(self, record: Any) -> Any:
        if self.constant is not None:
            return self.constant
        found = parsed_at(record, self.path)
        return instant(found, self.unit) if self.unit else found


def mapping(texts: Iterable[str]) -> tuple[Mapped, ...]:
    """As written on the command line or in the settings; of two for one column the last counts."""
    return tuple({one.column: one for one in map(_read, texts)}.values())


def put(columns: tuple[Mapped, ...], record: Any, row: Row) -> None:
    """Put the columns of a mapping into a row, from the record, or the part of one, that the row was made of."""
    given = {one.column: one.of(record) for one in columns}
    if (messages := given.pop("messages", None)) is not None:
        row.update({name: value for name, value in conversed(messages).items() if value is not None})
    row.update(given)


def parsed_at(record: Any, path: tuple[str | int, ...]) -> Any:
    """What stands there, also inside JSON that stands in a text."""
    for step in path:
        record = at(parsed(record), step)
    return record


def lines_of(path: Path) -> Iterator[str]:
    """A TOML file with a line COLUMN = "PATH" for each, as the lines of --map that it stands for."""
    document = read_toml(path, "mapping not readable", "a TOML file", _NEXT)
    for column, value in document.items():
        if not isinstance(value, str):
            raise BadConfiguration(
                "a path was expected", f"{path}: {column}", 'COLUMN = "PATH", the path in quotes', _NEXT
            )
        yield f"{column}={value}"


def _read(text: str) -> Mapped:
    column, sign, rest = text.partition("=")
    if not sign or not rest:
        raise BadConfiguration("not a mapping", f"--map {text}", FORM, _NEXT)
    if column not in tables.LOG_EXCHANGES.names:
        raise BadConfiguration(
            f"exchanges have no column {column!r}", f"--map {text}", ", ".join(tables.LOG_EXCHANGES.names), _NEXT
        )
    if rest.startswith("="):
        return Mapped(column, constant=rest[1:])
    path, _, unit = rest.rpartition("@") if re.search(r"@[a-z]+$", rest) else (rest, "", "")
    if unit and (unit not in PER_SECOND or tables.LOG_EXCHANGES.column(column).type != INSTANT):
        allowed = f"{', '.join(PER_SECOND)}, of timestamp only"
        raise BadConfiguration(f"{unit!r} is not a unit of {column}", f"--map {text}", allowed, _NEXT)
    return Mapped(column, _path(path, text), unit)


def _path(path: str, text: str) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    end = 0
    while step := _STEP.match(path, end):
        end = step.end()
        steps.append(step["key"] or step["quoted"] if step["place"] is None else int(step["place"]))
    if not steps or end != len(path) or path.startswith("."):
        raise BadConfiguration("not a path", f"--map {text}", 'keys and places, such as a.b[0]["c.d"]', _NEXT)
    return tuple(steps)


def _never(record: Any) -> bool:
    return False


def _as_it_is(record: Any) -> Iterator[Part]:
    yield ({name: record[name] for name in tables.LOG_EXCHANGES.names if record.get(name) is not None}, record)


NATIVE = Shape("native", "columns as in the contract", _never, each(_as_it_is))
