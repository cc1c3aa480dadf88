"""Instants from whatever a log holds: timestamps of any unit and zone, dates, RFC 3339 text. Never bare numbers.

A number could be seconds, milliseconds or microseconds; guessing wrong moves a campaign by a thousand years, so the
row is set aside and the reason says what the number looks like.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.tables import INSTANT

_ALLOWED = "allowed: a timestamp column, or RFC 3339 text such as 2026-02-23T10:00:00Z"
_ZONE = r"([Zz]|[+-]\d\d:?\d\d)$"
_NAIVE = r"^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$"
_RFC_3339 = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)$"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAUSIBLE = (946_684_800, 4_102_444_800)  # seconds since 1970: the years 2000 to 2100
_UNITS = (("seconds", 1), ("milliseconds", 10**3), ("microseconds", 10**6), ("nanoseconds", 10**9))

TRUNCATING = pc.CastOptions(target_type=INSTANT, allow_time_truncate=True)  # nanoseconds go, overflow is an error


def normalised(texts: pa.Array) -> pa.Array:
    """Text that Arrow can cast to INSTANT: with a zone (none means UTC), at most six decimals; null where hopeless."""
    naive = pc.fill_null(pc.match_substring_regex(texts, _NAIVE), False)
    zoned = pc.fill_null(pc.match_substring_regex(texts, _RFC_3339), False)
    day = pc.equal(pc.binary_length(texts), len("2026-02-23"))
    texts = pc.if_else(pc.and_(naive, day), pc.binary_join_element_wise(texts, "T00:00:00", ""), texts)
    texts = pc.if_else(naive, pc.binary_join_element_wise(texts, "Z", ""), texts)
    texts = pc.replace_substring_regex(pc.utf8_upper(texts), r"(\.\d{6})\d+", r"\1")
    return pc.if_else(pc.or_(naive, zoned), texts, pa.scalar(None, pa.string()))


def number_reason(value: float) -> str:
    """Why a bare number is refused, and which unit it looks like."""
    for unit, per_second in _UNITS:
        if _PLAUSIBLE[0] <= value / per_second < _PLAUSIBLE[1]:
            return f"the number {value:.0f} looks like {unit} since 1970; {_ALLOWED}"
    return f"a number is not an instant; {_ALLOWED}"


def text_reason() -> str:
    return f"the text is not an instant; {_ALLOWED}"


def outside(instants: pa.Array, earliest: datetime, latest: datetime | None) -> dict[int, str]:
    """Rows whose clock cannot be right, and the unit that seems to have been mistaken."""
    micros = pc.cast(instants, pa.int64()).fill_null(_micros(earliest)).to_numpy(zero_copy_only=False)
    wrong = micros < _micros(earliest)
    if latest is not None:
        wrong |= micros > _micros(latest)
    return {int(row): _clock_reason(int(micros[row]), earliest, latest) for row in np.flatnonzero(wrong)}


def _clock_reason(micros: int, earliest: datetime, latest: datetime | None) -> str:
    late = latest is not None and micros > _micros(latest)
    shown = _shown(micros)
    side = f"later than {latest:%Y-%m-%dT%H:%MZ}, so in the future" if late else f"before {earliest:%Y-%m-%d}"
    for name, factor in (("milliseconds", 1e3), ("seconds", 1e6)):
        true = micros / factor if late else micros * factor
        if _PLAUSIBLE[0] * 1e6 <= true < _PLAUSIBLE[1] * 1e6:
            mistake = f"microseconds written as {name}" if late else f"{name} written as microseconds"
            return f"{shown} is {side}: the clock looks like {mistake}"
    return f"{shown} is {side}"


def _micros(instant: datetime) -> int:
    return round((instant - _EPOCH).total_seconds() * 1e6)


def _shown(micros: int) -> str:
    """datetime ends with the year 9999; logs with a clock in the wrong unit do not."""
    return str(np.datetime64(micros, "us").astype("datetime64[s]")) + "Z"
