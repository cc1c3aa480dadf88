"""Values of simple STIX patterns; what is read as simple is a pattern to STIX's own parser too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stix2patterns.validator import run_validator

from stillwatch.readers.patterns import MOST_CHARACTERS, compared

Pairs = list[tuple[str, str]]
MISP = "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '203.0.113.7']"


@pytest.mark.parametrize(
    ("pattern", "pairs"),
    [
        ("[domain-name:value = 'a.b']", [("domain-name", "a.b")]),
        ("[ipv4-addr:value='1' OR ipv4-addr:value = '2']", [("ipv4-addr", "1"), ("ipv4-addr", "2")]),
        ("[ipv4-addr:value = '1' OR ipv4-addr:value = '1']", [("ipv4-addr", "1")]),
        ("[(ipv4-addr:value = '1') OR (domain-name:value = '2')]", [("ipv4-addr", "1"), ("domain-name", "2")]),
        ("([ipv4-addr:value = '1'] OR [domain-name:value = '2'])", [("ipv4-addr", "1"), ("domain-name", "2")]),
        ("[x-stillwatch:payment = 'it\\'s \\\\ [odd] OR = ']", [("payment", "it's \\ [odd] OR = ")]),
        ("[file:hashes.'SHA-256' = 'ab']", [("file", "ab")]),
        ("[autonomous-system:number = 64500]", [("autonomous-system", "64500")]),
        (MISP, [("ipv4-addr", "203.0.113.7")]),
    ],
)
def test_simple(pattern: str, pairs: Pairs) -> None:
    assert compared(pattern) == pairs


@pytest.mark.parametrize(
    "pattern",
    [
        "[ipv4-addr:value = '1' AND domain-name:value = '2']",
        "[(ipv4-addr:value = '1' OR ipv4-addr:value = '3') AND domain-name:value = '2']",
        "[ipv4-addr:value = '1' AND (domain-name:value = '2' OR domain-name:value = '3')]",
        "[ipv4-addr:value = '1'] AND [domain-name:value = '2']",
        "[ipv4-addr:value = '1'] FOLLOWEDBY [ipv4-addr:value = '2']",
        "[ipv4-addr:value = '1'] WITHIN 5 SECONDS",
        "[ipv4-addr:value != '1']",
        "[NOT ipv4-addr:value = '1']",
        "[ipv4-addr:value IN ('1', '2')]",
        "[ipv4-addr:value LIKE '1%']",
        "[ipv4-addr:value ISSUBSET '10.0.0.0/8']",
        "[domain-name:resolves_to_refs[*].value = '1']",
        "[network-traffic:dst_port = 443.5]",
        "[network-traffic:dst_port > 443]",
        "[a:b = 'x')]", "([a:b = 'x']", "[a:b = 'x'] OR", "[]", "[a:b = ]", "[a:b 'x']",
        "[a:b = 'x' c:d = 'y']", "", "nonsense",
    ],
)  # fmt: skip
def test_not_simple(pattern: str) -> None:
    assert compared(pattern) == []


@pytest.mark.parametrize(
    "pattern",
    [
        "(" * MOST_CHARACTERS, "[a:b = '" + "\\'" * 32_000, "[a:b" + "[*]" * 20_000, "[a:b" + " " * 60_000,
        "[a:b = 'x'" + " OR a:b = 'x'" * 5_000 + "]", "A" * MOST_CHARACTERS, "[a:b = '" + "x" * 2**20 + "']",
    ],
    ids=["brackets", "escapes", "indices", "spaces", "alternatives", "a word", "a megabyte"],
)  # fmt: skip
def test_made_to_take_long(pattern: str) -> None:
    """A reader that goes back over what it read would not end today."""
    assert compared(pattern) == []


_PARTS = (
    "[",
    "]",
    "(",
    ")",
    " ",
    "AND",
    "OR",
    "=",
    "ipv4-addr:value",
    "a:b.c",
    "x-stillwatch:tls",
    "'v'",
    "'\\''",
    "17",
    "NOT",
    "'",
)


@given(st.lists(st.sampled_from(_PARTS), max_size=14).map(" ".join))
def test_what_is_simple_is_a_pattern(pattern: str) -> None:
    if compared(pattern):
        assert run_validator(pattern, stix_version="2.1") == []
