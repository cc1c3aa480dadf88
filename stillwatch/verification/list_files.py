"""Reads files of reference lists: what a file lists is told by a word in its name, where it comes from by its first lines.

    disposable*.txt, university_domains.csv      mail domains         column `domain`, or one a line
    tor-exits.txt, vpn.csv, proxies.parquet      addresses            column `cidr`, `network`, `range`, `address` or `ip`,
                                                                      or `start` and `end`, or one a line
    bad_asn_list.parquet                         networks by number   columns `asn` and, unless hosting, `class`
    *.mmdb                                       address databases    MaxMind's format

Lines that begin with # are remarks; `# source: …` and `# date: …` among the first are shown with the list.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import BadConfiguration
from stillwatch.verification.ranges import Span, span
from stillwatch.verification.source import Source

# The first of these whose word is in a file's name says what it lists: withdrawn academic domains are no academic ones.
KINDS = (
    ("asn", re.compile(r"asn|autonomous")),
    ("withdrawn", re.compile(r"withdrawn|stoplist")),
    ("disposable", re.compile(r"disposable|throwaway|temporary")),
    ("academic", re.compile(r"academic|universit|school")),
    ("mail_relay", re.compile(r"mail[_-]?relay|alias|relays?[_-]hosts?")),
    ("free", re.compile(r"free")),
    ("open_suffix", re.compile(r"open[_-]?suffix")),
    ("tor", re.compile(r"(?<![a-z])tor(?![a-z])")),
    ("residential", re.compile(r"residential")),
    ("relay", re.compile(r"private[_-]?relay|egress")),
    ("proxy", re.compile(r"prox(y|ies)")),
    ("vpn", re.compile(r"vpn")),
    ("hosting", re.compile(r"hosting|data-?cent(er|re)|cloud")),
    ("education", re.compile(r"education|campus")),
)
DOMAIN_KINDS = ("disposable", "academic", "withdrawn", "mail_relay", "free", "open_suffix")
ADDRESS_KINDS = ("tor", "residential", "proxy", "vpn", "relay", "hosting", "education")  # the first that has it, counts
NAMES = "names with one of: " + ", ".join((*DOMAIN_KINDS, *ADDRESS_KINDS, "asn")) + "; or *.mmdb"

_FORMS = (".txt", ".list", ".netset", ".csv", ".parquet")
_IGNORED = re.compile(r"\.|readme|licen[cs]e|copying", re.IGNORECASE)
_ADDRESS_COLUMNS = ("cidr", "network", "range", "address", "ip", "ip_address", "prefix")
_DOMAIN_COLUMNS = ("domain", "suffix")
_DOMAIN = re.compile(r"[^\s@/:,]+")
_REMARKS = 20  # lines at the top of a file among which its source and date are looked for


def kind(path: Path) -> str:
    """What a file lists; `mmdb` for a database, and empty for a README or a licence. A name that says nothing is an error."""
    if _IGNORED.match(path.name):
        return ""
    if path.suffix.lower() == ".mmdb":
        return "mmdb"
    name = path.stem.lower()
    found = next((one for one, word in KINDS if word.search(name)), "")
    if not found or path.suffix.lower() not in _FORMS:
        raise BadConfiguration(
            "nobody can tell what this file lists", str(path), f"{NAMES}; ending in {', '.join(_FORMS)}"
        )
    return found


def domains(path: Path) -> list[str]:
    """Domains of a file, as written."""
    made = []
    for where, row in _rows(path, _DOMAIN_COLUMNS):
        value = next((str(row[name]) for name in _DOMAIN_COLUMNS if row.get(name)), "").strip()
        if not _DOMAIN.fullmatch(value):
            raise BadConfiguration(f"{value!r} is no domain", where, "one domain a line, or a column `domain`")
        made.append(value)
    return made


def spans(path: Path) -> list[Span]:
    """Ranges of addresses of a file."""
    made = []
    for where, row in _rows(path, (*_ADDRESS_COLUMNS, "start")):
        text = next((str(row[name]) for name in _ADDRESS_COLUMNS if row.get(name)), "")
        if row.get("start") and row.get("end"):
            text = f"{row['start']}-{row['end']}"
        try:
            made.append(span(text))
        except ValueError as problem:
            raise BadConfiguration(
                f"{text!r} is no address", where, "an address, a CIDR, or first-last on each line, or a column `cidr`"
            ) from problem
    return made


def source(path: Path, name: str, entries: int) -> Source:
    """Where a file says it comes from; else its name, and the day when it was last written."""
    told = {"source": path.name, "date": datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y-%m-%d")}
    if path.suffix.lower() != ".parquet":
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            for _, line in zip(range(_REMARKS), file, strict=False):
                for key in told:
                    if found := re.match(rf"#\s*{key}:\s*(.+)", line, re.IGNORECASE):
                        told[key] = found[1].strip()
    return Source(name, told["source"], told["date"], entries)


def _rows(path: Path, columns: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where each row stands, and its values by the lower-case names of its columns."""
    try:
        yield from _parquet(path, columns) if path.suffix.lower() == ".parquet" else _lines(path, columns)
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowException) as problem:
        raise BadConfiguration(f"the list cannot be read: {problem}", str(path), ", ".join(_FORMS)) from problem


def _parquet(path: Path, columns: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    names = {name: name.lower() for name in pq.read_schema(path).names}
    if not set(names.values()) & set(columns):
        raise BadConfiguration("the list has no column that we know", str(path), ", ".join(columns))
    wanted = [name for name, lower in names.items() if lower in {*columns, "end"}]
    for place, row in enumerate(pq.read_table(path, columns=wanted).to_pylist(), 1):
        yield f"{path}: row {place}", {names[name]: value for name, value in row.items()}


def _lines(path: Path, columns: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of a CSV file with a head, or the first value of each line of a file without one."""
    wanted = tuple(columns)
    with path.open(encoding="utf-8-sig", newline="") as file:
        head: list[str] | None = None
        for place, line in enumerate(file, 1):
            text = line.partition("#")[0].partition(";")[0].strip()
            if not text:
                continue
            values = [value.strip() for value in next(csv.reader([text]))]
            if head is None:
                head = [value.lower() for value in values]
                if set(head) & set(wanted):
                    continue
                head = [wanted[0]]
            yield f"{path}: line {place}", dict(zip(head, values, strict=False))
