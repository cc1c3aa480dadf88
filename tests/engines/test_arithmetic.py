"""Arithmetic in which engines differ by nature: what a stage says has to come out the same on each."""

from __future__ import annotations

from typing import Any

import ibis
import pytest
from ibis import _

from stillwatch.tables import ACCOUNT_HOURS

ROW = {"account_id": "a", "hour": "2026-02-01 03:00:00.250000", "model": "m", "exchanges": 7, "output_tokens": 3}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (_.exchanges / 3, 7 / 3),
        (_.exchanges / (_.output_tokens + 50.0), 7 / 53),  # 50.0 is a decimal to Spark unless told otherwise
        (_.exchanges / 3600.0 + 1, 7 / 3600 + 1),
        (_.exchanges // 2, 3),
        ((_.exchanges // 2) % 2, 1),
        (-(_.exchanges * 0.1).log2(), 0.5145731728297583),
        (_.hour.epoch_seconds() * 1.0, 1769914800.25),  # whole seconds to Spark unless told otherwise
        (_.hour.epoch_seconds() // 60, 29498580),
        (ibis.greatest(_.exchanges, 3.5), 7.0),
        (_.exchanges.cast("float64").std(how="pop").over(), 0.0),
        (ibis.ifelse(_.exchanges > 9, 1.0, ibis.null()), None),
    ],
    ids=lambda one: "" if isinstance(one, (int, float, type(None))) else str(one)[:40],
)
def test_a_number_is_the_same_everywhere(engine: Any, value: Any, expected: float | None) -> None:
    (row,) = engine.collect(engine.given(ACCOUNT_HOURS, ROW).select(value=value))
    assert row["value"] == (None if expected is None else pytest.approx(expected, rel=1e-12))
