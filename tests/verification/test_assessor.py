"""Sign-ups judged one after another: farms before they send anything, families and firms not."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest

from stillwatch.config import Config
from stillwatch.verification.assessor import Assessor
from stillwatch.verification.lists import Lists
from stillwatch.verification.signup import Signup

MINUTE, DAY = 60.0, 86_400.0


@cache
def lists() -> Lists:
    return Lists.load()


def customers(size: int = 1500) -> list[Signup]:
    """People of one country with a card, a line and a mailbox each."""
    return [
        Signup(
            f"customer {number}",
            number * 20 * MINUTE,
            email_domain="gmail.com",
            email_shape=f"w{number % 7}",
            email_random=1.0,
            payment=f"card {number}",
            payment_issuer=f"bank {number % 9}",
            payment_funding="debit",
            payment_country="DE",
            address=f"line {number}",
            prefix=f"net {number % 400}",
            asn=3320,
            network="access",
            country="DE",
            language="de",
            declared_country="DE",
            client=f"Chrome {140 + number % 5}",
            user_agent=f"agent {number % 11}",
            device=f"device {number}",
        )
        for number in range(size)
    ]


def many(size: int, at: float = 20 * DAY, **same: Any) -> list[Signup]:
    """Sign-ups minutes apart that have something in common."""
    told: dict[str, Any] = {"email_domain": "gmail.com", "country": "DE", "language": "de", **same}
    return [
        Signup(**{"account_id": f"one {number}", "at": at + number * MINUTE, "email_shape": f"w{number % 5}d2", **told})
        for number in range(size)
    ]


def asked(signups: Sequence[Signup], bad: Sequence[str] = ()) -> set[str]:
    """Accounts of which a step is asked, at once or since; those of `bad` are banned after all came."""
    assessor = Assessor(Config(), lists())
    found = {said.account_id for one in sorted(signups, key=lambda one: one.at) if (said := assessor.assess(one)).asks}
    for account in bad:
        assert assessor.outcome(account, bad=True)
    assessor.settle()
    return found | {said.account_id for said in assessor.raised()}


def test_customers_are_left_alone() -> None:
    assert asked(customers()) == set()


SHADY = {"payment_funding": "virtual", "payment_country": "HK", "declared_country": "US", "network": "hosting"}


@pytest.mark.parametrize(
    ("same", "share"),
    [
        ({"payment": "one card", "email_domain": "mailinator.com", **SHADY}, 1.0),
        ({"device": "one device", "email_age_days": 2.0, "phone_country": "GB", "phone_type": "voip", **SHADY}, 1.0),
    ],
)
def test_a_farm_is_asked_before_it_sends_anything(same: dict[str, Any], share: float) -> None:
    farm = many(60, **same)
    found = asked([*customers(), *farm])
    assert len(found) >= share * 60
    assert found <= {one.account_id for one in farm}


@pytest.mark.parametrize(
    "same",
    [
        {
            "payment": "the firm's",
            "email_domain": "a-firm-with-a-name.example",
            "address": "gateway",
            "user_agent": "image",
        },
        {
            "email_domain": "state-university-of-example.edu",
            "address": "campus",
            "network": "education",
            "device": "pool",
        },
        {"address": "a carrier's", "prefix": "a carrier's"},
        {"user_agent": "one build", "payment_issuer": ""},
    ],
    ids=["a firm", "a course", "phones behind one address", "a popular client"],
)
def test_those_who_look_alike_and_are_innocent(same: dict[str, str]) -> None:
    assert asked([*customers(), *many(40, **same)]) == set()


def test_a_family_is_left_alone() -> None:
    family = many(4, payment="card", device="device", address="home", prefix="home")
    assert asked([*customers(), *family]) == set()


def test_bans_tell_of_those_who_share_with_the_banned() -> None:
    """One card gives nobody away; that nine of those who pay with it were banned does."""
    farm = many(12, payment="one card")
    before = asked([*customers(), *farm])
    after = asked([*customers(), *farm], bad=[one.account_id for one in farm[:9]])
    assert before == set()
    assert after >= {one.account_id for one in farm[9:]}
    assert after <= {one.account_id for one in farm}


def test_a_ban_that_was_wrong_is_taken_back() -> None:
    farm = many(12, payment="one card")
    assessor = Assessor(Config(), lists())
    for one in [*customers(), *farm]:
        assessor.assess(one)
    likely = [assessor.assess(farm[-1]).likelihood]
    for bad in (True, False):
        for one in farm[:9]:
            assessor.outcome(one.account_id, bad=bad)
        likely.append(assessor.assess(farm[-1]).likelihood)
    assert likely[0] < likely[1] > likely[2]


def test_one_that_comes_again_is_counted_once() -> None:
    assessor = Assessor(Config(), lists())
    first = [assessor.assess(one) for one in many(1)]
    again = [assessor.assess(one) for _ in range(50) for one in many(1)]
    assert {said.batch for said in again} == {""}
    assert again[-1].likelihood == pytest.approx(first[0].likelihood, abs=0.02)


def test_an_outcome_of_nobody_is_told_so() -> None:
    assert not Assessor(Config(), lists()).outcome("nobody", bad=True)


def test_reasons_add_up_to_what_was_found() -> None:
    assessor = Assessor(Config(), lists())
    for one in [*customers(), *many(30, payment="card", network="hosting", payment_funding="virtual")]:
        said = assessor.assess(one)
    assert said.batch
    assert sum(reason.weight for reason in said.reasons) == pytest.approx(said.bits, abs=0.5)
    assert [reason.weight for reason in said.reasons] == sorted(
        (reason.weight for reason in said.reasons), reverse=True
    )
    assert all(reason.innocent_explanation for reason in said.reasons)
