"""A case is what all its events say, whatever their order and however often they come."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.verification.ladder.case import Case, Opened, fold
from stillwatch.verification.outcome import STATES, Outcome

IDENTITY = ("identity", "organization")


def news(text: str, **changes: Any) -> Outcome:
    """`10 identity passed s1`: at, step, state, and the session if there is one."""
    at, step, state, *session = text.split()
    said = {"session": session[0] if session else "", **changes}
    return Outcome(said.pop("vendor", "persona"), said.pop("event_id", text), float(at), "c", step, state, **said)


def made(*events: Outcome | str, steps: tuple[str, ...] = ("identity",), most_tries: int = 2) -> Case:
    told = [news(one) if isinstance(one, str) else one for one in events]
    return fold(Opened("c", "a", 0.0, steps, 100.0), told, most_tries)


@pytest.mark.parametrize(
    ("events", "state", "open"),
    [
        ([], "asked", True),
        (["1 identity started s1"], "started", True),
        (["1 identity started s1", "2 identity expired s1"], "expired", True),
        (["1 identity started s1", "2 identity canceled s1", "3 identity started s2"], "started", True),
        (["1 identity started s1", "2 identity pending s1", "3 identity passed s1"], "passed", False),
        (["2 identity passed s1", "3 identity started s2"], "passed", False),
        (["2 identity passed s1", "3 identity expired s2"], "passed", False),
        (["2 identity passed s1", "3 identity failed s2"], "passed", False),
        (["2 identity passed s1", "3 identity failed s1"], "failed", False),
        (["2 identity failed s1", "3 identity passed s1"], "passed", False),
        (["2 identity failed s1"], "failed", True),
        (["2 identity failed s1", "3 identity failed s1"], "failed", True),
        (["2 identity failed s1", "3 identity failed s2"], "failed", False),
        (["2 identity failed s1", "3 identity failed s2", "4 identity started s3"], "failed", False),
        (["2 identity failed s1", "3 identity failed s2", "4 identity passed s3"], "failed", False),
        (["2 identity failed s1", "3 identity failed s2", "4 identity passed s2"], "passed", False),
        (["2 identity passed s1", "3 identity failed s1", "4 identity started s2"], "failed", False),
        (["2 identity started s1", "2 identity passed s1"], "passed", False),
        (["1 phone passed s1"], "asked", True),
        (["1 organization passed s1"], "passed", False),
    ],
)
def test_what_events_say_together(events: list[str], state: str, open: bool) -> None:
    found = made(*events)
    assert (found.state, found.open) == (state, open)
    assert made(*reversed(events)) == found


def test_a_revocation_counts_from_its_own_vendor_alone() -> None:
    passed = news("2 identity passed")
    assert made(passed, news("3 identity failed", reason="revoked")).state == "failed"
    assert made(passed, news("3 identity failed", reason="revoked", vendor="other")).state == "passed"
    assert made(passed, news("1 identity failed", reason="revoked")).state == "passed"


def test_of_two_that_may_be_chosen_one_is_enough_and_both_must_fail() -> None:
    lost = ["1 identity failed s1", "2 identity failed s2"]
    assert made(*lost, steps=IDENTITY).state == "asked"
    assert made(*lost, "3 organization passed s3", steps=IDENTITY).state == "passed"
    both = made(*lost, "3 organization failed s3", "4 organization failed s4", steps=IDENTITY)
    assert (both.state, both.open, both.at) == ("failed", False, 4.0)


def test_a_persons_word_ends_it_whatever_failed_before() -> None:
    waived = news("9 identity waived", vendor="provider")
    found = made("2 identity failed s1", "3 identity failed s2", waived)
    assert (found.state, found.open) == ("waived", False)


@pytest.mark.parametrize(
    ("events", "now", "standing"),
    [([], 99.0, "asked"), ([], 100.0, "overdue"), (["1 identity passed s1"], 200.0, "passed"),
     (["1 identity pending s1"], 200.0, "overdue")],
)  # fmt: skip
def test_what_a_deadline_does(events: list[str], now: float, standing: str) -> None:
    assert made(*events).standing(now) == standing


EVENTS = st.builds(
    lambda number, at, step, state, session, vendor, reason: Outcome(
        vendor, f"e{number}", float(at), "c", step, state, session, reason
    ),
    st.integers(0, 30),
    st.integers(0, 6),
    st.sampled_from(["phone", "identity", "organization"]),
    st.sampled_from(STATES),
    st.sampled_from(["", "s1", "s2", "s3"]),
    st.sampled_from(["persona", "stripe_identity", "provider"]),
    st.sampled_from(["", "revoked"]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(EVENTS, max_size=10), st.integers(0, 2**32), st.sampled_from([("identity",), IDENTITY, ("phone",)]))
def test_any_order_and_any_repetition_gives_the_same(events: list[Outcome], seed: int, steps: tuple[str, ...]) -> None:
    dice = random.Random(seed)
    again = events + dice.choices(events, k=4) if events else []
    dice.shuffle(again)
    assert made(*again, steps=steps) == made(*events, steps=steps)


@settings(max_examples=300, deadline=None)
@given(st.lists(EVENTS, max_size=8), st.sampled_from(["asked", "started", "pending", "expired", "canceled"]))
def test_what_begins_never_takes_back_what_ended(events: list[Outcome], state: str) -> None:
    before = made(*events)
    after = made(*events, Outcome("persona", "late", 9.0, "c", "identity", state, "s9"))
    if not before.open:
        assert (after.state, after.open) == (before.state, False)
