"""Standing: what an account is inside a campaign, and how far it belongs to it."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.campaigns.observation import odds
from stillwatch.campaigns.standing import membership, own_reasons, reasons, role, verdict
from stillwatch.config import Config
from stillwatch.evidence import Reason

CONFIG = Config().standing
MEMBER = {
    "partners": 4, "cluster_accounts": 20, "kinds": "shared_payment", "identity_ties": 4, "met_members": 0,
    "met_others": 0, "timing_ties": 0, "told_ties": 0, "arrival_ties": 0, "arrival_bits": 0.0,
    "own_kinds": 5, "expected_kinds": 5.2, "exchanges": 100, "harvested": 90, "framed": 90,
    "own_before": 0, "common_prefixes": 1, "age_days": 2.0,
    "usual_use": 0.8, "sent": 90, "repeated": 0, "usual_repeats": 0.02, "tied_share": 0.5,
}  # fmt: skip
STOLEN = {
    "identity_ties": 0, "harvested": 40, "own_before": CONFIG.victim_own_exchanges, "common_prefixes": 0,
    "age_days": CONFIG.victim_age_days,
}  # fmt: skip


def member(**changes: Any) -> dict[str, Any]:
    return {**MEMBER, **changes}


@pytest.mark.parametrize(
    "told, changes",
    [
        ("harvester", {}),
        ("spare", {"exchanges": 0, "harvested": 0}),
        ("carrier", {"harvested": 5}),
        ("carrier", {"harvested": 0, "age_days": None}),
        ("victim", STOLEN),
        ("harvester", {**STOLEN, "harvested": 90, "common_prefixes": 1}),  # the same network: nobody broke in
        ("harvester", {**STOLEN, "harvested": 90, "own_before": 0}),  # no life of its own before
        ("harvester", {**STOLEN, "harvested": 90, "age_days": 1.0}),
        ("harvester", {**STOLEN, "harvested": 90, "identity_ties": 3}),  # it shares the operator's card
    ],
)
def test_role(told: str, changes: dict[str, Any]) -> None:
    assert role(member(**changes), CONFIG) == told


@pytest.mark.parametrize(
    ("framed", "exchanges", "usual_use", "counts"),
    [(1, 1_000, 0.5, False), (1, 4, 0.5, True), (30, 1_000, 0.5, True), (1, 1_000, 0.004, True), (0, 9, 0.0, False)],
)
def test_a_stray_exchange_is_no_harvest(framed: int, exchanges: int, usual_use: float, counts: bool) -> None:
    """Measured by what the cluster's members usually send, since a paraphrased harvest shows in few exchanges."""
    account = member(framed=framed, harvested=framed, exchanges=exchanges, usual_use=usual_use)
    assert ("harvested" in {one.code for one in own_reasons(account, CONFIG)}) is counts


def test_belonging_grows_with_ties_and_harvest() -> None:
    nothing = membership(member(identity_ties=0, harvested=0, framed=0), CONFIG)
    tied = membership(member(harvested=0, framed=0), CONFIG)
    both = membership(member(), CONFIG)
    assert nothing < CONFIG.account_score < tied < both


@pytest.mark.parametrize(
    "changes",
    [
        {"met_members": 500},
        {"timing_ties": 500},
        {"told_ties": 500},
        {"arrival_ties": 500, "arrival_bits": CONFIG.arrival_cap},
    ],
)
def test_addresses_or_starts_alone_never_make_a_member(changes: dict[str, Any]) -> None:
    alone = member(identity_ties=0, harvested=0, framed=0, **changes)
    assert membership(alone, CONFIG) < CONFIG.account_score


def test_addresses_and_sign_up_together_make_a_member() -> None:
    """A relay has no template of its own: what remains are the exits and the batch its accounts were made in."""
    both = {"met_members": 40, "arrival_ties": 9, "arrival_bits": CONFIG.arrival_cap}
    plain = {"identity_ties": 0, "harvested": 0, "framed": 0, "own_kinds": 0, "expected_kinds": 0.0}
    assert membership(member(**plain, **both), CONFIG) > 0.75
    at_an_exit = {**both, "met_others": 40}
    assert membership(member(**plain, **at_an_exit), CONFIG) < CONFIG.account_score, "strangers meet there as well"


@pytest.mark.parametrize(
    ("changes", "belongs"),
    [
        ({"own_kinds": 1}, False),
        ({"own_kinds": 9}, True),
        ({"own_kinds": 1, "identity_ties": 1}, True),
        ({"own_kinds": 1, "expected_kinds": 1.0}, True),
    ],
    ids=["one of ten", "nine of ten", "one of ten, and a member's card", "the only one there is"],
)
def test_one_template_of_many_may_be_public(changes: dict[str, Any], belongs: bool) -> None:
    account = member(**{"identity_ties": 0, "expected_kinds": 10.0, **changes})
    assert (membership(account, CONFIG) > CONFIG.account_score) is belongs


@pytest.mark.parametrize(
    ("changes", "belongs"),
    [
        ({"sent": 3, "repeated": 0}, False),
        ({"sent": 12, "repeated": 0}, True),
        ({"sent": 12, "repeated": 2}, False),
        ({"sent": 300, "repeated": 60}, False),
        ({"sent": 300, "repeated": 6}, True),
        ({"sent": 300, "repeated": 60, "usual_repeats": 0.2}, False),
        ({"sent": 3, "repeated": 0, "tied_share": 0.2}, True),
        ({"sent": 3, "repeated": 0, "timing_ties": 1}, True),
    ],
    ids=[
        "too few to tell", "a dozen, each once", "two of a dozen again", "a fifth again", "as usual",
        "as usual where all is asked again", "hardly anybody shares more", "it starts with a member",
    ],
)  # fmt: skip
def test_a_template_alone_proves_nothing(changes: dict[str, Any], belongs: bool) -> None:
    """Where others share more, what is filled into it has to speak for a queue."""
    account = member(**{"identity_ties": 0, **changes})
    assert (membership(account, CONFIG) > CONFIG.account_score) is belongs


@pytest.mark.parametrize(
    "score, confidence, told",
    [(0.9, 0.9, "campaign"), (0.4, 0.9, "watch"), (0.9, 0.4, "watch"), (0.01, 0.9, "clear"), (0.0, 0.0, "clear")],
)
def test_verdict(score: float, confidence: float, told: str) -> None:
    assert verdict(score, confidence, CONFIG) == told


def test_reasons_start_with_its_own_and_hold_the_clusters_strongest() -> None:
    cluster = [Reason(f"r{weight}", "text", weight, "innocent", "fraud") for weight in (0.5, 3.0, -4.0, 1.0, 2.0, 0.7)]
    codes = [reason.code for reason in reasons(member(), cluster, CONFIG)]
    assert codes[:3] == ["bystander", "own_identity_ties", "harvested"]
    assert codes[3:] == ["r-4.0", "r3.0", "r2.0", "r1.0"][: CONFIG.shared_reasons]
    assert "harvested" not in {reason.code for reason in reasons(member(harvested=0, framed=0), cluster, CONFIG)}
    assert all(reason.innocent_explanation for reason in reasons(member(), cluster, CONFIG))


def test_the_score_is_the_sum_of_its_reasons() -> None:
    account = member(met_members=7, timing_ties=1, arrival_ties=2, arrival_bits=1.5)
    bits = sum(reason.weight for reason in own_reasons(account, CONFIG))
    assert membership(account, CONFIG) == odds(bits)


def test_a_victim_is_told_so_without_a_weight() -> None:
    broken = [reason for reason in own_reasons(member(**STOLEN), CONFIG) if reason.code == "broken_history"]
    assert [reason.weight for reason in broken] == [0.0]
