"""Addresses in ranges: the same answer as the module ipaddress, for IPv4 and IPv6."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.verification.ranges import Ranges, number, span


def networks(bits: int, kind: type) -> st.SearchStrategy:
    """Networks close together, so that they overlap, touch and leave gaps."""
    places = st.integers(0, 255).map(lambda low: (1 << (bits - 8)) + low)
    return st.tuples(places, st.integers(bits - 6, bits)).map(lambda pair: kind(pair, strict=False))


NETWORKS = st.lists(st.one_of(networks(32, ipaddress.IPv4Network), networks(128, ipaddress.IPv6Network)), max_size=8)


@given(NETWORKS, st.integers(-2, 257))
def test_the_same_as_ipaddress(listed: list[ipaddress.IPv4Network | ipaddress.IPv6Network], low: int) -> None:
    ranges = Ranges(span(str(one)) for one in listed)
    for address in (ipaddress.IPv4Address((1 << 24) + low), ipaddress.IPv6Address((1 << 120) + low)):
        assert (number(str(address)) in ranges) == any(address in one for one in listed)


@given(st.ip_addresses())
def test_numbers_are_those_of_ipaddress(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    mapped = getattr(address, "ipv4_mapped", None)
    expected = mapped or address
    assert number(str(address)) == (expected.version, int(expected))


@pytest.mark.parametrize(
    ("line", "inside", "outside"),
    [
        ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
        ("192.0.2.9 - 192.0.2.11", "192.0.2.10", "192.0.2.12"),
        ("192.0.2.77/24", "192.0.2.1", "192.0.1.255"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
        ("192.0.2.0/24", "::ffff:192.0.2.1", "::ffff:192.0.3.1"),
        ("192.0.2.0/24", "192.0.2.1", "not an address"),
        ("0.0.0.0/0", "192.0.2.1", ""),
    ],
)
def test_forms_of_a_line(line: str, inside: str, outside: str) -> None:
    ranges = Ranges([span(line)])
    assert (number(inside) in ranges, number(outside) in ranges) == (True, False)


@pytest.mark.parametrize("line", ["", "x", "192.0.2.1-2001:db8::", "192.0.2.9-192.0.2.1", "192.0.2.0/33", "1.2.3"])
def test_what_is_no_range_is_said(line: str) -> None:
    with pytest.raises(ValueError):
        span(line)


def test_ranges_that_overlap_or_touch_are_one() -> None:
    assert len(Ranges(map(span, ["192.0.2.0/25", "192.0.2.128/25", "192.0.2.64/26", "198.51.100.0/24"]))) == 2


def test_a_single_address_between_two_ranges_is_in_neither() -> None:
    ranges = Ranges(map(span, ["192.0.2.0", "192.0.2.2", "2001:db8::", "2001:db8::2"]))
    assert [number(one) in ranges for one in ("192.0.2.0", "192.0.2.1", "192.0.2.2")] == [True, False, True]
    assert [number(one) in ranges for one in ("2001:db8::", "2001:db8::1", "2001:db8::2")] == [True, False, True]
