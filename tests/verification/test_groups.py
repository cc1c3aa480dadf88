"""Who is of one hand: sign-ups that share what had to be obtained, by enough of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.config import Config
from stillwatch.verification.groups import Groups
from stillwatch.verification.signup import Signup

CONFIG = Config()
DAY = 86_400.0
CROWD = 2_000  # strangers signed up before, so that a value is rare


def grouped(rows: Sequence[dict[str, Any]], strangers: int = CROWD) -> list[set[str]]:
    """Accounts of each group of more than one, after a crowd of strangers."""
    groups = Groups(CONFIG.links, CONFIG.signups.min_tie_bits, CONFIG.signups.window_days * DAY)
    for number in range(strangers):
        groups.add(
            Signup(f"stranger {number}", 0.0, payment=f"card {number}", address=f"line {number}"), f"stranger {number}"
        )
    names, numbers = [], []
    for row in rows:
        one = Signup(**{"at": 1.0, **row})
        numbers.append(groups.add(one, row.get("organization_id") or one.account_id)[0])
        names.append(one.account_id)
    found = {groups.of(number).name: {name for name, other in zip(names, numbers, strict=True)
                                      if groups.of(other) is groups.of(number)} for number in numbers}  # fmt: skip
    return [members for members in found.values() if len(members) > 1]


@pytest.mark.parametrize(
    ("shared", "tied"),
    [
        ({"payment": "one card"}, True),
        ({"device": "one device"}, True),
        ({"device": "one device", "network": "education"}, False),  # a machine of a laboratory
        ({"phone": "one number"}, True),
        ({"address": "one line", "prefix": "one net"}, False),  # an address alone never does
        ({"phone_block": "a thousand"}, False),  # nor numbers side by side
        ({"phone_block": "a thousand", "address": "one line", "prefix": "one net"}, True),
        ({}, False),
    ],
)
def test_two_are_tied_by_what_had_to_be_obtained(shared: dict[str, str], tied: bool) -> None:
    rows = [{"account_id": name, **shared} for name in ("a", "b")]
    assert grouped(rows) == ([{"a", "b"}] if tied else [])


def test_groups_join_by_a_member_that_shares_with_both() -> None:
    rows = [
        {"account_id": "a", "payment": "first"},
        {"account_id": "b", "device": "second"},
        {"account_id": "c", "payment": "first", "device": "second"},
    ]
    assert grouped(rows) == [{"a", "b", "c"}]


def test_a_value_of_a_crowd_ties_nobody() -> None:
    rows = [{"account_id": f"{number}", "payment": "the firm's"} for number in range(300)]
    sizes = [len(members) for members in grouped(rows)]
    assert sizes == [200]  # those before it was a crowd


def test_what_left_the_window_ties_nobody() -> None:
    rows = [{"account_id": "a", "payment": "one"}, {"account_id": "b", "payment": "one", "at": 29 * DAY}]
    assert grouped(rows) == []


def test_of_a_firm_there_is_one_party() -> None:
    groups = Groups(CONFIG.links, CONFIG.signups.min_tie_bits, DAY)
    for number in range(CROWD):
        groups.add(Signup(f"stranger {number}", 0.0), f"stranger {number}")
    for account, who in (("a", "firm.example"), ("b", "firm.example"), ("c", "c")):
        last, _ = groups.add(Signup(account, 1.0, payment="one"), who)
    assert groups.of(last).parties == {"firm.example", "c"}
    assert len(groups.of(last).members) == 3


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12))
def test_the_order_of_coming_changes_no_group(values: list[tuple[int, int]]) -> None:
    rows = [{"account_id": str(place), "payment": f"card {a}", "device": f"device {b}"}
            for place, (a, b) in enumerate(values)]  # fmt: skip
    there, back = grouped(rows, 500), grouped(rows[::-1], 500)
    assert {frozenset(one) for one in there} == {frozenset(one) for one in back}
