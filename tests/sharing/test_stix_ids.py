"""Ids, keys and hashes: the same thing has the same one, and nobody can try out what it was made of."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from exports_here import NOW

from stillwatch.errors import BadConfiguration
from stillwatch.sharing import keys as hashing
from stillwatch.sharing.keys import PartnerKeys, epoch_of, hashed, partner_keys, written
from stillwatch.sharing.stix.identifiers import observable_id, own_id
from stillwatch.sharing.stix.made import Made
from stillwatch.sharing.stix.observed import accounts


def test_observables_have_the_ids_that_others_give_them() -> None:
    stix2 = pytest.importorskip("stix2").v21
    assert observable_id("autonomous-system", {"number": 64496}) == stix2.AutonomousSystem(number=64496).id
    assert observable_id("domain-name", {"value": "mail.exämple"}) == stix2.DomainName(value="mail.exämple").id
    assert observable_id("user-account", {"user_id": "a-_Z", "extensions": {}}) == stix2.UserAccount(user_id="a-_Z").id


def test_names_of_ours_follow_from_key_and_thing() -> None:
    names, others = (PartnerKeys(b"k" * 32, partner).names for partner in ("acme", "other"))
    assert own_id("campaign", names, "C-1") == own_id("campaign", names, "C-1")
    different = {
        own_id("campaign", names, "C-1"), own_id("campaign", others, "C-1"), own_id("campaign", names, "C-2"),
        own_id("note", names, "C-1"), own_id("note", names, "C", "-1"),
    }  # fmt: skip
    assert len(different) == 5 and all(one.split("--")[1][14] == "5" for one in different)


def test_keys_are_of_partner_purpose_and_epoch() -> None:
    one, other = PartnerKeys(b"k" * 32, "acme"), PartnerKeys(b"k" * 32, "other")
    tokens = [
        keys.token("payment", "card-1")
        for keys in (one.compared("2026q1"), one.compared("2026q2"), other.compared("2026q1"), one.accounts, one.names)
    ]
    assert len(set(tokens)) == 5
    assert one.compared("2026q1").token("payment", "card-1") == PartnerKeys(b"k" * 32, "acme").compared("2026q1").token(
        "payment", "card-1"
    )
    assert "6b6b" not in repr(one) and "kkk" not in repr(one)


@pytest.mark.parametrize(
    ("day", "epoch"),
    [("2026-01-01", "2026q1"), ("2026-03-31", "2026q1"), ("2026-04-01", "2026q2"), ("2026-12-31", "2026q4")],
)
def test_an_epoch_is_a_quarter(day: str, epoch: str) -> None:
    assert epoch_of(datetime.fromisoformat(day).replace(tzinfo=UTC)) == epoch


def test_a_hashed_value_says_by_which_key() -> None:
    token = PartnerKeys(b"k" * 32, "acme").compared("2026q1").token("payment", "card-1")
    assert hashed(written("2026q1", token)) == ("2026q1", token)
    assert [hashed(one) for one in ("card-1", token, f"2026q5:{token}", f"2026q1:{token}x")] == [None] * 4


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    secret = tmp_path / "state" / "share.secret"
    first = partner_keys(secret, "acme").shared("2026q1")
    assert first == partner_keys(secret, "acme").shared("2026q1") and secret.stat().st_mode & 0o777 == 0o600
    secret.chmod(0o644)
    with pytest.raises(BadConfiguration, match="open to others"):
        partner_keys(secret, "acme")


def test_accounts_do_not_tell_their_order() -> None:
    """Ids in order of sign-up, tokens in an order of their own."""
    keys = PartnerKeys(b"k" * 32, "acme")
    made = accounts(Made("p", "TLP:RED", keys.names, NOW), [(f"a-{n:03d}", "spare") for n in range(50)], keys.accounts)
    tokens = [one["user_id"] for one in made]
    assert tokens == sorted(tokens) and len(set(tokens)) == 50
    assert keys.accounts.token("account", "a-007") in tokens
    assert hashing.hashed(tokens[0]) is None
