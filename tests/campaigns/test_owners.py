"""Owners: one who answers excuses, a common owner behind many faces accuses."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from stillwatch.campaigns.owners import owner_reasons
from stillwatch.config import Config
from stillwatch.evidence import Reason

CONFIG = Config().campaigns
STRANGERS = {
    "members": 20, "organizations": 20, "largest_organization": 1, "payers": 5, "with_payer": 20, "domains": 12,
    "largest_domain": 3, "largest_domain_everywhere": 900,
    "pathways": 2, "identified": 0.0, "declared_members": 0, "age_days": 3.0,
}  # fmt: skip


def tie(code: str, weight: float = 4.0) -> Reason:
    return Reason(code, f"20 of 20 members share {code}", weight, "a family", "coordination", "SELECT 20", 20.0)


def said(*ties: str, **owners: Any) -> dict[str, dict[str, float]]:
    """code → finding → bits."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for reason in owner_reasons("G-1", {**STRANGERS, **owners}, [tie(one) for one in ties], CONFIG):
        found[reason.code][reason.finding] = reason.weight
    return dict(found)


def test_strangers_who_share_a_card() -> None:
    found = said("shared_payment")
    assert set(found) == {"many_faces", "strangers_payment"}
    assert 0 < found["many_faces"]["covertness"] <= CONFIG.cap_bits
    assert 0 < found["strangers_payment"]["fraud"] <= CONFIG.cap_bits


@pytest.mark.parametrize(
    ("members", "everywhere", "one_firm"),
    [(20, 20, True), (20, 30, True), (20, 900, False), (10, 10, False)],
    ids=["its own domain", "with colleagues elsewhere", "a mail provider's", "half of them"],
)
def test_one_mail_domain_of_their_own_is_one_face(members: int, everywhere: int, one_firm: bool) -> None:
    """Staff whose firm pays, without an organisation above them, hide nothing."""
    found = said("shared_payment", domains=1, largest_domain=members, largest_domain_everywhere=everywhere)
    assert bool({"many_faces", "strangers_payment"} & set(found)) is not one_firm


def test_one_organization_excuses() -> None:
    found = said("shared_payment", organizations=1, largest_organization=20)
    assert set(found) == {"one_organization"}
    assert all(bits < 0 for bits in found["one_organization"].values())
    assert {"fraud", "covertness"} <= set(found["one_organization"])


def test_nine_tenths_are_one_organization_and_half_are_not() -> None:
    assert "one_organization" in said("shared_payment", largest_organization=round(20 * CONFIG.one_owner_share))
    half = said("shared_payment", largest_organization=round(20 * CONFIG.many_faces_share))
    assert not {"one_organization", "many_faces"} & set(half)


def test_a_declaration_excuses_everything() -> None:
    found = said("shared_payment", declared_members=20)["declared"]
    assert set(found) == {"coordination", "extraction", "fraud", "covertness"}
    assert max(found.values()) < 0
    assert "declared" not in said("shared_payment", declared_members=2)


def test_networks_alone_prove_no_fraud() -> None:
    assert max(said("shared_address")["network_only"].values()) < 0
    assert "network_only" not in said("shared_address", "shared_device")
    assert "network_only" not in said("shared_address", "shared_signature")
    assert "network_only" not in said(), "without a tie there is nothing to excuse"


@pytest.mark.parametrize(
    "code, owners",
    [
        ("independent_payers", {"payers": 20}),
        ("established", {"age_days": CONFIG.established_days}),
        ("identified", {"identified": CONFIG.identified_share}),
    ],
)
def test_what_else_speaks_for_them(code: str, owners: dict[str, Any]) -> None:
    assert max(said("shared_device", **owners)[code].values()) < 0
    assert code not in said("shared_payment")


def test_what_is_unknown_is_no_innocence() -> None:
    found = said("shared_device", with_payer=0, payers=0, identified=None, age_days=None, organizations=0,
                 largest_organization=0, domains=0, largest_domain=0, largest_domain_everywhere=0, pathways=0)  # fmt: skip
    assert all(bits > 0 for one in found.values() for bits in one.values())
