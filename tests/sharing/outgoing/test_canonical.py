"""One text for one value: the RFC's own examples, and another implementation beside ours."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stix2.canonicalization.Canonicalize import canonicalize

from stillwatch.errors import UnknownFormat
from stillwatch.sharing.outgoing.canonical import canonical, digest, parsed, read

NUMBERS = [  # RFC 8785, appendix B: bits of a double, and how it is written
    ("0000000000000000", "0"), ("8000000000000000", "0"), ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"), ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"), ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"), ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"), ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"), ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"), ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"), ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"), ("41b3de4355555555", "333333333.3333333"),
    ("becbf647612f3696", "-0.0000033333333333333333"), ("43143ff3c1cb0959", "1424953923781206.2"),
]  # fmt: skip
SAFE = st.integers(-(2**53) + 1, 2**53 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda one: not 2**53 <= abs(one) < 1e21)
JSON = st.recursive(
    st.none() | st.booleans() | SAFE | FLOATS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(("bits", "written"), NUMBERS)
def test_numbers_of_the_rfc(bits: str, written: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(number) == written.encode()


def test_the_example_of_the_rfc() -> None:
    text = (
        '{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
        ' "string": "\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/", "literals": [null, true, false]}'
    )
    made = canonical(parsed(text.encode(), "example"))
    assert made == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_names_are_sorted_as_utf_16_is() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    assert list(json.loads(canonical(dict.fromkeys(names, 0)))) == [
        "\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33",
    ]  # fmt: skip


@given(JSON)
@settings(max_examples=80, deadline=None)
def test_it_is_read_back_and_written_alike(value: Any) -> None:
    once = canonical(value)
    assert canonical(parsed(once, "again")) == once
    assert canonical(parsed(json.dumps(value, indent=3).encode(), "spaced")) == once


@given(JSON)
@settings(max_examples=80, deadline=None)
def test_another_implementation_writes_the_same(value: Any) -> None:
    assert canonical(value) == canonicalize(value)


@given(st.dictionaries(TEXT, SAFE, min_size=2, max_size=6))
@settings(max_examples=60, deadline=None)
def test_order_and_space_change_no_digest_and_a_value_does(value: dict[str, int]) -> None:
    turned = dict(reversed(value.items()))
    assert digest(turned) == digest(value)
    name = next(iter(value))
    assert digest({**value, name: value[name] + 1 if value[name] < 2**53 - 1 else 0}) != digest(value)


BROKEN = [
    ('{"a": 1, "a": 2}', "the name 'a' stands twice"),
    ('{"a": NaN}', "NaN is no number of JSON"),
    ('{"a": -Infinity}', "-Infinity is no number"),
    ('{"a": 9007199254740993}', "exceeds safe integer domain"),
    ('{"a": 9007199254740992.0}', "exceeds safe integer domain"),
    ('{"a": 1e999}', "not representable"),
    ('{"a": "\\ud800"}', "non-UTF-8"),
    ('{"a": 1', "not JSON that has one reading"),
    ("[" * 100_000, "nested too deep"),
]


@pytest.mark.parametrize(("text", "why"), BROKEN, ids=[why for _, why in BROKEN])
def test_what_two_readers_would_read_differently_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "draft.json"
    path.write_text(text)
    with pytest.raises(UnknownFormat, match=why.replace("'", ".")):
        read(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UnknownFormat):
        read(path)


def test_numbers_equal_to_a_reader_are_one(tmp_path: Path) -> None:
    assert digest({"a": 5.0}) == digest({"a": 5}) and math.isclose(parsed(b"5.0", "x"), 5)
