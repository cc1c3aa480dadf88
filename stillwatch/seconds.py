"""Whole seconds of an instant, the same on every engine."""

from __future__ import annotations

import ibis


def whole_seconds(instant: ibis.Value) -> ibis.Value:
    """Seconds since 1970, rounded down: DuckDB gives a fraction, Spark none, and a cast alone rounds to the nearest."""
    return instant.epoch_seconds().cast("float64").floor().cast("int64")
