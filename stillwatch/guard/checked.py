"""What a file says, as the dataclass that it should be; whatever does not fit is an error that names the place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any, TypeVar, cast

from pydantic import AfterValidator, BeforeValidator, ConfigDict, TypeAdapter, ValidationError

from stillwatch.errors import BadConfiguration
from stillwatch.spans import FORM, span_of

T = TypeVar("T")
STRICT = ConfigDict(extra="forbid")  # of dataclasses, as __pydantic_config__: a misspelt name is no setting of its own


def checked(found: Any, form: type[T], where: str) -> T:
    """An instance of `form`, from mappings, lists and plain values."""
    try:
        fitting: T = _adapter(cast(Any, form)).validate_python(found)
        return fitting
    except ValidationError as problem:
        first, *others = problem.errors(include_url=False)
        place = ".".join(
            str(part) for part in first["loc"] if "[" not in str(part)
        )  # pydantic names its validators too
        value = f"{first['input']!r}: " if isinstance(first["input"], str | int | float) else ""
        more = f"; {len(others)} more" if others else ""
        raise BadConfiguration(
            f"{value}{first['msg'].removeprefix('Value error, ').lower()}{more}", f"{where}: {place}",
            str(first.get("ctx", {}).get("expected", "")), "docs/guard.md says what stands in it",
        ) from None  # fmt: skip


@cache
def _adapter(form: Any) -> TypeAdapter[Any]:
    return TypeAdapter(form)


def _span(value: Any) -> timedelta:
    found = value if isinstance(value, timedelta) else span_of(str(value))
    if found is None:
        raise ValueError(FORM)
    return found


def _lasting(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("longer than nothing")
    return value


def _in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Span = Annotated[timedelta, BeforeValidator(_span)]  # written 30m, 6h, 1d
Length = Annotated[Span, AfterValidator(_lasting)]  # likewise, and never 0m
Instant = Annotated[datetime, AfterValidator(_in_utc)]  # without a zone it is taken to be UTC
