"""Numbers for texts: in the order of the texts, whatever the order of the rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stillwatch import tables
from stillwatch.links.numbered import numbered, ordered

ROWS = [("b", "wallet", "y"), ("a", "wallet", "x"), ("a", "star", "y"), ("b", "wallet", "x")]


def evidence(rows: list[tuple[str, str, str]]) -> pa.Table:
    named = [dict(zip(("account_id", "kind", "value"), row, strict=True)) for row in rows]
    return pa.Table.from_pylist(named, schema=tables.LOG_EVIDENCE.schema)


def test_a_value_is_its_kinds_own() -> None:
    found = numbered(evidence(ROWS))
    assert found.accounts.to_pylist() == ["a", "b"] and found.account.tolist() == [1, 0, 0, 1]
    assert list(zip(*found.keys.to_pydict().values(), strict=True)) == [("star", "y"), ("wallet", "x"), ("wallet", "y")]
    assert found.value.tolist() == [2, 1, 0, 1] and found.kind.tolist() == [1, 1, 0, 1]


def test_order_of_rows_changes_no_number() -> None:
    one, other = numbered(evidence(ROWS)), numbered(evidence(ROWS[::-1]))
    assert one.keys.equals(other.keys) and one.value.tolist() == other.value.tolist()[::-1]


def test_no_rows_have_no_numbers() -> None:
    assert len(numbered(evidence([])).keys) == 0


@settings(max_examples=60, deadline=None)
@given(arrays(np.int64, st.tuples(st.integers(0, 50), st.just(2)), elements=st.integers(0, 9)))
def test_sorting_by_counting_is_sorting(rows: np.ndarray) -> None:
    assert np.array_equal(ordered(rows[:, 0], rows[:, 1]), np.lexsort((rows[:, 0], rows[:, 1])))
