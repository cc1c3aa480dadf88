"""Whom a scan and lapsed proofs lead to, and who is left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from stillwatch.config import Recheck
from stillwatch.verification.pathways import Domain, Found, Member, Proof, Rechecked, recheck
from tests.verification.pathways.told import DAY, NOW, WAYS, proof

CAUGHT = Found("campaign", "harvester", "C-1", 0.97, harvested=0.8)


def member(account: str, pathway: str = "education", domain: str = "uni.example") -> Member:
    return Member(account, pathway, domain=domain)


def asked(
    members: list[Member], found: dict[str, Found], proofs: dict[str, dict[str, Proof]] | None = None, **more: Any
) -> Rechecked:
    shared = {"gmail.com": Domain("gmail.com", shared=True)}
    return recheck(members, WAYS, found, proofs or {}, shared, Recheck(**more), NOW)


@pytest.mark.parametrize(
    "seen, codes",
    [
        (Found(), []),
        (Found("clear", harvested=0.19), []),
        (Found("clear", harvested=0.2), ["use_moved"]),
        (Found("watch", score=0.3), ["watched"]),
        (CAUGHT, ["in_campaign", "use_moved"]),
        (Found("campaign", "carrier", "C-1", 0.9, harvested=0.05), ["in_campaign"]),
        (Found("campaign", "spare", "C-1", 0.9), ["in_campaign"]),
        (Found("clear", duty_cycle=0.99, days=28), []),  # work that never sleeps is no reason
        (Found("campaign", "harvester", "C-1", 0.9, duty_cycle=0.9, days=28), ["in_campaign", "round_the_clock"]),
        (Found("campaign", "harvester", "C-1", 0.9, duty_cycle=0.9, days=2), ["in_campaign"]),
    ],
)
def test_what_a_scan_says_against_an_account(seen: Found, codes: list[str]) -> None:
    answer = asked([member("a")], {"a": seen})
    assert [reason.code for one in answer.asked for reason in one.reasons] == codes
    for one in answer.asked:
        assert one.step == "organization" and one.deadline == NOW + WAYS["education"].ask_within_days * DAY
        assert all(reason.innocent for reason in one.reasons) and one.likelihood == seen.score
        assert one.gentle is (codes == ["watched"])
        assert (one.after == WAYS["education"].withdrawal) is not one.gentle


@pytest.mark.parametrize(
    "pathway, step", [("education", "organization"), ("security_research", "identity"), ("startup", "organization")]
)
def test_the_step_is_the_programmes(pathway: str, step: str) -> None:
    assert [one.step for one in asked([member("a", pathway)], {"a": CAUGHT}).asked] == [step]


def test_who_is_in_no_programme_is_left_to_the_ordinary_ladder() -> None:
    answer = asked([member("a", "self_serve"), member("b", "made_up")], {"a": CAUGHT, "b": CAUGHT})
    assert answer == Rechecked((), (), (), 0)


def test_a_victim_is_told_apart_and_asked_nothing_whatever_else_there_is() -> None:
    victim = Found("campaign", "victim", "C-1", 0.97, harvested=0.9)
    kept = {"v": {"institution_login": proof("institution_login", 900, "v")}}
    many = [member("v"), *(member(f"m{number}") for number in range(3))]
    answer = asked(many, {"v": victim, **{f"m{number}": CAUGHT for number in range(3)}}, kept)
    assert answer.victims == ("v",) and "v" not in {one.account_id for one in answer.asked}
    assert answer.institutions[0].found == 3


def test_a_lapsed_proof_is_asked_again_without_a_likelihood() -> None:
    kept = {"a": {"institution_login": proof("institution_login", 200)}}
    (one,) = asked([member("a"), member("b")], {}, kept).asked
    assert one.account_id == "a" and {reason.code for reason in one.reasons} == {"proof_lapsed"}
    assert one.likelihood is None and one.gentle


def test_a_changed_country_of_payment_alone_asks_nobody() -> None:
    kept = {"a": {"institution_login": proof("institution_login", 9, payment_country="DE")}}
    moved = Member("a", "education", payment_country="FR")
    assert asked([moved], {}, kept).asked == ()
    (one,) = asked([moved], {"a": CAUGHT}, kept).asked
    assert [reason.code for reason in one.reasons] == ["in_campaign", "use_moved", "payment_country_changed"]


def domain_of(
    size: int, caught: int, name: str = "uni.example", campaigns: int = 1
) -> tuple[list[Member], dict[str, Found]]:
    members = [member(f"{name}-{number:04d}", domain=name) for number in range(size)]
    seen = {
        one.account_id: Found("campaign", "harvester", f"C-{place % campaigns}", 0.9)
        for place, one in enumerate(members[:caught])
    }
    return members, seen


@pytest.mark.parametrize(
    "size, caught, name, campaigns, told, others",
    [
        (20, 2, "uni.example", 1, 0, 0),  # flatmates
        (20, 3, "uni.example", 1, 1, 17),
        (20, 3, "uni.example", 3, 0, 0),  # one each of three campaigns
        (1000, 3, "uni.example", 1, 1, 0),  # a large university is told, and its students are left alone
        (20, 9, "gmail.com", 1, 0, 0),  # strangers
    ],
)
def test_a_domain_with_several_in_one_campaign(
    size: int, caught: int, name: str, campaigns: int, told: int, others: int
) -> None:
    answer = asked(*domain_of(size, caught, name, campaigns))
    assert len(answer.institutions) == told and len(answer.asked) == caught + others
    beside = [one for one in answer.asked if one.reasons[0].code == "domain_of_a_campaign"]
    assert len(beside) == others and all(one.gentle and one.likelihood is None for one in beside)
    assert all("nothing ends by itself" in one.after for one in beside)
    for place in answer.institutions:
        assert (place.found, place.of, place.others_asked) == (caught, size, others)
        assert not any(account in place.says for account in ("0000", "0001", "0002")), "nobody is named"


def test_the_heaviest_come_first_and_gentle_questions_last() -> None:
    members, seen = domain_of(6, 3)
    seen[members[1].account_id] = replace(CAUGHT, campaign_id="C-0")
    answer = asked(members, seen)
    assert answer.asked[0].account_id == members[1].account_id
    assert [one.gentle for one in answer.asked] == [False] * 3 + [True] * 3
