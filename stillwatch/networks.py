"""What kind of network an address belongs to, by the number of its autonomous system.

A small table of well-known networks comes with the package; lists of one's own may be added as files. A number that
no list knows has no class: null, never "access" and never innocent.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.errors import BadConfiguration

CLASSES = ("hosting", "education", "vpn", "access")
_BUILT_IN = Path(__file__).parent / "data" / "networks.csv"
_LISTED = "hosting"  # class of a list that gives none: published ASN lists are lists of data centres


class Networks:
    """Classes by ASN. Cheap to pickle: two short arrays."""

    def __init__(self, classes: dict[int, str]) -> None:
        numbers = sorted(classes)
        self._asns = np.array(numbers, np.int64)
        self._codes = np.array([CLASSES.index(classes[number]) for number in numbers], np.int8)

    @classmethod
    def load(cls, folder: Path | None = None) -> Networks:
        """The built-in table, and under it every .csv and .parquet file of a folder that has an `asn` column."""
        if folder is not None:
            if not folder.is_dir():
                raise BadConfiguration("no such folder of network lists", str(folder), "a folder of .csv or .parquet")
            paths = sorted(path for path in folder.iterdir() if path.is_file())
            return cls.of([path for path in paths if path.suffix.lower() in {".csv", ".parquet"}])
        return cls.of(())

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Networks:
        """The same with these files."""
        classes = dict(_rows(_BUILT_IN))
        for path in paths:
            for asn, name in _rows(path):
                classes.setdefault(asn, name)  # what we looked up by hand outranks a list
        return cls(classes)

    def __len__(self) -> int:
        return len(self._asns)

    def one(self, asn: int) -> str:
        """The class of one ASN, empty where no list knows it."""
        place = int(np.searchsorted(self._asns, asn))
        known = place < len(self._asns) and self._asns[place] == asn
        return CLASSES[self._codes[place]] if known else ""

    def network(self, asns: pa.Array) -> pa.Array:
        """The class of each ASN, null where no list knows it."""
        wanted = pc.cast(asns, pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
        places = np.searchsorted(self._asns, wanted)
        places[places == len(self._asns)] = 0
        known = self._asns[places] == wanted if len(self._asns) else np.zeros(len(wanted), np.bool_)
        codes = self._codes[places] if len(self._asns) else np.zeros(len(wanted), np.int8)
        return pa.array(CLASSES, pa.string()).take(pa.array(codes, mask=~known))


def _rows(path: Path) -> Iterator[tuple[int, str]]:
    for row in _parquet(path) if path.suffix.lower() == ".parquet" else _csv(path):
        values = {key.strip().lower(): value for key, value in row.items() if key}
        number = str(values.get("asn") or "").strip().upper().removeprefix("AS")
        name = str(values.get("class") or _LISTED).strip().lower()
        if name not in CLASSES:
            raise BadConfiguration(f"{name!r} is not a class of network", f"{path}: AS{number}", ", ".join(CLASSES))
        if number.isdecimal():
            yield int(number), name


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    try:
        names = [name for name in pq.read_schema(path).names if name.lower() in {"asn", "class"}]
        if any(name.lower() == "asn" for name in names):
            yield from pq.read_table(path, columns=names).to_pylist()
    except (pa.ArrowException, OSError) as problem:
        raise BadConfiguration(f"the network list cannot be read: {problem}", str(path), "Parquet or CSV") from problem


def _csv(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(line for line in file if not line.startswith("#"))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise BadConfiguration(f"the network list cannot be read: {problem}", str(path), "Parquet or CSV") from problem
