"""Indicators as CSV (RFC 4180), of which no cell is a formula to a spreadsheet; and the same read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from stillwatch.readers.patterns import compared
from stillwatch.sharing import markings
from stillwatch.sharing.stix.exported import Object

COLUMNS = (
    "type", "value", "actor", "confidence", "valid_from", "valid_until", "source", "tlp", "revoked", "id", "description",
)  # fmt: skip
# A cell that begins so is calculated by some spreadsheet: tabs and returns are skipped by Excel, the wide forms are read alike.
_STARTS = tuple("=+-@＝＋－＠|%\t\r\n")
_GUARD = "'"


def table(objects: Sequence[Object]) -> bytes:
    """One row a value of an indicator; columns as LOG_INDICATORS has them, and then some. UTF-8, every cell quoted."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    names = {one["id"]: str(one.get("name", "")) for one in objects}
    operators = {
        one["source_ref"]: names.get(one["target_ref"], "")
        for one in objects
        if one["type"] == "relationship" and one.get("relationship_type") == "indicates"
        and one.get("target_ref", "").startswith(("intrusion-set--", "threat-actor--"))
    }  # fmt: skip
    definitions = [one for one in objects if one["type"] == "marking-definition"]
    for one in objects:
        if one["type"] != "indicator":
            continue
        mark, _ = markings.of_objects([*definitions, one], one["id"])
        for kind, value in compared(one.get("pattern", "")) or [("pattern", one.get("pattern", ""))]:
            cells = (
                kind, value, operators.get(one["id"], ""), str(one.get("confidence", "")), one.get("valid_from", ""),
                one.get("valid_until", ""), names.get(one.get("created_by_ref", ""), ""), mark,
                "true" if one.get("revoked") else "false", one["id"], one.get("description", ""),
            )  # fmt: skip
            writer.writerow([guarded(cell) for cell in cells])
    return text.getvalue().encode()


def read(data: bytes) -> list[dict[str, str]]:
    """The rows again, as they were before the cells were guarded."""
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    return [{name: unguarded(cell) for name, cell in row.items()} for row in rows]


def guarded(cell: str) -> str:
    """A cell that is text to every spreadsheet: an apostrophe before what would be calculated, or begins with one."""
    seen = cell.lstrip().lstrip("\ufeff\u200b").lstrip()  # blanks before it hide a formula from nobody but us
    return _GUARD + cell if cell.startswith(_GUARD) or any(one.startswith(_STARTS) for one in (cell, seen)) else cell


def unguarded(cell: str) -> str:
    return cell.removeprefix(_GUARD)


def kinds(objects: Iterable[Object]) -> list[tuple[str, Object, str]]:
    """(kind, indicator, value) of everything that can be looked up."""
    return [
        (kind, one, value)
        for one in objects
        if one["type"] == "indicator"
        for kind, value in compared(one.get("pattern", "")) or [("pattern", one.get("pattern", ""))]
    ]
