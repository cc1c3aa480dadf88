"""Depth and number of values, counted in bytes, are those that a parser would make."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.sharing.stix import nesting as counted
from stillwatch.sharing.stix.nesting import nesting

_TEXTS = st.text(st.sampled_from('ab"\\[]{},:\n é'), max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=30,
)


def depth_of(value: Any) -> int:
    if isinstance(value, dict | list):
        return 1 + max((depth_of(one) for one in (value.values() if isinstance(value, dict) else value)), default=0)
    return 0


def least_values(value: Any) -> int:
    """Values that the bytes must be said to have: every one, but that an only child is counted with what holds it."""
    if isinstance(value, dict | list):
        return (
            1
            + max(len(value) - 1, 0)
            + sum(least_values(one) for one in _inside(value) if isinstance(one, dict | list))
        )
    return 0


def _inside(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)


@given(_JSON)
def test_any_document(value: Any) -> None:
    found = nesting(json.dumps(value, ensure_ascii=False).encode())
    assert found.depth == depth_of(value)
    assert found.values == least_values(value) + 1


@settings(max_examples=300)
@given(value=_JSON, size=st.integers(1, 9))
def test_wherever_a_block_ends(value: Any, size: int) -> None:
    data = json.dumps(value).encode()
    whole, before = nesting(data), counted._BLOCK
    counted._BLOCK = size
    try:
        assert nesting(data) == whole
    finally:
        counted._BLOCK = before


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    found = nesting(data)
    assert 0 <= found.depth <= len(data) and 1 <= found.values <= len(data) + 1
