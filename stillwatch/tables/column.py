"""What a table is: named columns, each with a type, a meaning and a unit."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

INSTANT = pa.timestamp("us", tz="UTC")
TEXT, I16, I32, I64 = pa.string(), pa.int16(), pa.int32(), pa.int64()
F32, F64, BOOL = pa.float32(), pa.float64(), pa.bool_()


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    type: pa.DataType
    meaning: str
    required: bool = False  # a null here makes the row unusable
    direct_identifier: bool = False  # replaced by a keyed pseudonym before anything else sees it
    repeats: bool = False  # the same long texts over and over: inside a batch each stands once

    @property
    def held(self) -> pa.DataType:
        """The type inside a batch of exchanges."""
        return pa.dictionary(pa.int32(), self.type) if self.repeats else self.type


@dataclass(frozen=True)
class Table:
    """One table; a stage promises to return exactly these columns."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    of_exchanges: bool = False  # a row per exchange, or nearly: no machine holds it whole

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def held(self) -> pa.Schema:
        """The schema of a batch of exchanges."""
        return pa.schema([pa.field(c.name, c.held, nullable=not c.required) for c in self.columns])

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, c.type, nullable=not c.required) for c in self.columns])

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)
