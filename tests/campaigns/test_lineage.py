"""Campaigns followed from look to look: names stay, and what happened is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.campaigns.lineage import Found, Lineage, followed

START = datetime(2026, 2, 1, tzinfo=UTC)


def look(*looks: str) -> list[Lineage]:
    """Each look names campaigns by their accounts, a letter each: "abc xy" finds two. Named after their first letter."""
    known: list[Lineage] = []
    for number, groups in enumerate(looks):
        found = [Found(f"C-{min(group)}", frozenset(group)) for group in groups.split()]
        known = followed(known, found, START + timedelta(hours=number))
    return known


def told(known: list[Lineage]) -> dict[str, list[str]]:
    return {one.campaign_id: [event.what for event in one.events] for one in known}


@pytest.mark.parametrize(
    "looks, expected",
    [
        (("abcd",), {"C-a": ["found"]}),
        (("abcd", "abcd"), {"C-a": ["found"]}),
        (("bcd", "abcdefgh"), {"C-b": ["found", "grew"]}),  # the account that named it was not the first found
        (("abcdef", "ab"), {"C-a": ["found", "shrank"]}),
        (("abcd", "bcxy"), {"C-a": ["found", "grew"]}),  # half of it is new
        (("abcd", "axyz"), {"C-a": ["found", "lost"], "C-a-2": ["found"]}),  # a quarter is not the same
        (("abcd", "", "abcd"), {"C-a": ["found", "lost", "found again"]}),
        (("abcdefgh", "abcde fgh"), {"C-a": ["found", "shrank"], "C-f": ["split"]}),
        (("abcde fgh", "abcdefgh"), {"C-a": ["found", "grew"], "C-f": ["found", "merged"]}),
        (("abcde fgh", "abcdefgh", "abcde fgh"), {
            "C-a": ["found", "grew", "shrank"], "C-f": ["found", "merged"], "C-f-2": ["split"],
        }),
    ],
)  # fmt: skip
def test_what_became_of_campaigns(looks: tuple[str, ...], expected: dict[str, list[str]]) -> None:
    assert told(look(*looks)) == expected


def test_a_campaign_keeps_the_time_it_was_first_found_and_what_it_was_then() -> None:
    (one,) = look("bc", "abcdef", "abcdefgh")
    assert (one.campaign_id, one.detected_at, one.accounts_then) == ("C-b", START, 2)
    assert (one.last_found, len(one.accounts), one.found_as) == (START + timedelta(hours=2), 8, "C-a")


def test_a_small_campaign_swallowed_does_not_name_the_larger_one() -> None:
    known = look("xyz", "xyz abcdefgh", "abcdefghxyz")
    assert {one.campaign_id: one.became for one in known} == {"C-x": "C-a", "C-a": ""}
    (one,) = (one for one in known if one.found_as == "C-a")
    assert one.detected_at == START + timedelta(hours=1)


@given(st.lists(st.lists(st.integers(0, 4), min_size=12, max_size=12), max_size=6))
def test_every_campaign_found_has_one_name_and_none_is_forgotten(looks: list[list[int]]) -> None:
    known: list[Lineage] = []
    for number, labels in enumerate(looks):
        groups = {label: frozenset(str(at) for at, one in enumerate(labels) if one == label) for label in set(labels)}
        found = [Found(f"C-{label}-{number}", accounts) for label, accounts in groups.items() if label]
        before = {one.campaign_id: one for one in known}
        known = followed(known, found, START + timedelta(days=number))
        ids = [one.campaign_id for one in known]
        assert len(ids) == len(set(ids)) and set(before) <= set(ids)
        assert {one.found_as: one.accounts for one in known if one.found_as} == {o.name: o.accounts for o in found}
        assert all(one.detected_at == before[one.campaign_id].detected_at for one in known if one.campaign_id in before)


def test_an_alarm_is_raised_once_and_stays() -> None:
    known: list[Lineage] = []
    for number, bits in enumerate((3.0, 7.0, 2.0, 9.0)):
        found = [Found("C-a", frozenset("abc"), alarm_bits=bits)]
        known = followed(known, found, START + timedelta(hours=number), enough=6.6)
    assert told(known) == {"C-a": ["found", "alarm"]}
    assert known[0].alarmed_at == START + timedelta(hours=1)


WORDS = frozenset(range(40))


def after(*found: Found | None) -> list[Lineage]:
    """A look a day; None finds nothing."""
    known: list[Lineage] = []
    for number, one in enumerate(found):
        known = followed(known, [one] if one else [], START + timedelta(days=number))
    return known


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (WORDS, True),
        (frozenset(range(20, 60)), True),
        (frozenset(range(30, 70)), False),
        (frozenset(range(10)), True),
        (frozenset(range(5)), False),
        (frozenset(), False),
    ],
    ids=[
        "the same",
        "half of its own",
        "a quarter of its own",
        "one template of several",
        "a turn of phrase",
        "no template",
    ],
)
def test_who_returns_under_other_accounts_is_known_by_its_templates(words: frozenset[int], same: bool) -> None:
    known = after(Found("C-a", frozenset("abc"), marks=WORDS), None, Found("C-x", frozenset("xyz"), marks=words))
    if same:
        assert told(known) == {"C-a": ["found", "lost", "returned"]}
        assert (known[0].found_as, known[0].accounts, known[0].detected_at) == ("C-x", frozenset("xyz"), START)
        assert known[0].events[-1].text.startswith("under 3 other accounts; ")
    else:
        assert told(known) == {"C-a": ["found", "lost"], "C-x": ["found"]}


def test_one_that_is_still_there_has_not_returned_as_another() -> None:
    one, other = Found("C-a", frozenset("abc"), marks=WORDS), Found("C-x", frozenset("xyz"), marks=WORDS)
    known = followed(followed([], [one], START), [one, other], START + timedelta(days=1))
    assert told(known) == {"C-a": ["found"], "C-x": ["found"]}


def test_one_campaign_returns_once() -> None:
    gone = followed(followed([], [Found("C-a", frozenset("abc"), marks=WORDS)], START), [], START + timedelta(days=1))
    heirs = [Found(f"C-{name}", frozenset(name * 3 + str(n)), marks=WORDS) for n, name in enumerate("xy")]
    known = followed(gone, heirs, START + timedelta(days=2))
    assert told(known) == {"C-a": ["found", "lost", "returned"], "C-y": ["found"]}


def test_a_campaign_sleeps_and_wakes() -> None:
    last = [0, 0, 0, 0, 0, 5, 6]  # day of its last harvested exchange, at each day's look
    found = [Found("C-a", frozenset("abc"), last_harvest=START + timedelta(days=day)) for day in last]
    known = after(*found)
    assert [(event.what, event.at.day, event.text) for event in known[0].events] == [
        ("found", 1, "3 accounts"),
        ("dormant", 4, "nothing harvested for 3.0 days"),
        ("active again", 6, "after 5.0 days"),
    ]
