"""Outcome: what a status and a reason to end say became of a request, in the words of several providers."""

from __future__ import annotations

import pyarrow as pa
import pytest

from stillwatch.signals.outcome import outcomes


@pytest.mark.parametrize(
    ("status", "reason", "outcome"),
    [
        (200, "stop", "answered"),
        (200, None, "answered"),
        (None, "length", "answered"),
        (200, "refusal", "refused"),
        (None, "refusal", "refused"),
        (200, "content_filter", "refused"),
        (200, "FinishReason.SAFETY", "refused"),
        (None, "PROHIBITED_CONTENT", "refused"),
        (400, "ContentPolicyViolationError", "refused"),
        (400, "BadRequestError", "answered"),  # a mistake of form is no refusal
        (401, None, "answered"),  # a wrong key neither
        (403, None, "refused"),
        (429, "error", "limited"),
        (529, None, "overloaded"),
        (503, "error", "overloaded"),
        (None, None, None),
    ],
)
def test_what_became_of_a_request(status: int | None, reason: str | None, outcome: str | None) -> None:
    assert outcomes(pa.array([status], pa.int16()), pa.array([reason], pa.string())).to_pylist() == [outcome]


def test_a_batch_without_rows_or_reasons() -> None:
    assert outcomes(pa.array([], pa.int16()), pa.array([], pa.string())).to_pylist() == []
    assert outcomes(pa.array([None, 200], pa.int16()), pa.nulls(2, pa.string())).to_pylist() == [None, "answered"]
