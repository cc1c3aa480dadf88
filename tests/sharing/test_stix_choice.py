"""Which values of a campaign leave: those of enough of its customers, of hardly anybody else, and not of a bystander."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from exports_here import LAST, NOW, SKELETON, Account, accounts, campaign, written

from stillwatch.config import Config, Reading, Sharing
from stillwatch.evidence import TemplateUse
from stillwatch.sharing.keys import PartnerKeys
from stillwatch.sharing.stix.export import exported
from stillwatch.sharing.stix.exported import Exported
from stillwatch.sharing.stix.given import given

K = Sharing().min_customers
KEYS = PartnerKeys(b"k" * 32, "acme")


def export(folder: Path, told: Sequence[Account], *campaigns: Any, **settings: Any) -> Exported:
    declared, seen = settings.pop("declared", ()), settings.pop("seen", LAST)
    out = written(folder, told, *campaigns, declared=declared, seen=seen)
    config = replace(Config(), sharing=Sharing(**settings))
    return exported(out, None, "TLP:AMBER", KEYS, config, NOW, given(folder / "log", Reading(), NOW))


def kinds(made: Exported) -> list[str]:
    """Of the patterns that leave."""
    return [one["pattern"].split(" = ")[0].strip("[") for one in made.objects if one["type"] == "indicator"]


def why(made: Exported, what: str) -> list[str]:
    return [one.why for one in made.withheld if one.what.startswith(what)]


SHOWS = {
    "tls": "t13d1516h2", "client_build": "t13d/h2/1.0", "domain": "mail.example", "email_pattern": "w7d4@mail.example",
    "payment": "card-1", "device": "device-1", "template": "T-own",
}  # fmt: skip
ALL = [
    "x-stillwatch:template", "x-stillwatch:template_skeleton", "x-stillwatch:client_build", "x-stillwatch:tls",
    "domain-name:value", "x-stillwatch:email_pattern", "x-stillwatch:payment", "x-stillwatch:device",
]  # fmt: skip


@pytest.mark.parametrize(("many", "leave"), [(K - 1, []), (K, ALL), (K + 7, ALL)])
def test_a_value_leaves_from_enough_customers_on(tmp_path: Path, many: int, leave: list[str]) -> None:
    made = export(tmp_path, [*accounts(many, shows=SHOWS), *accounts(4, "b"), *accounts(300, "other", role=None)])
    assert kinds(made) == leave
    if not leave:
        assert all(one.startswith(f"shown by fewer than {K}") for one in why(made, "a card or bank account"))


@pytest.mark.parametrize(
    ("others", "leaves"),
    [
        ([], True),
        (accounts(1, "o", role=None, shows={"tls": "t"}), True),  # 20 of 21
        (accounts(2, "o", role=None, shows={"tls": "t"}), False),
        (accounts(9, "o", shows={"tls": "t"}, campaign_id="C-2"), True),  # another campaign's own
        (accounts(9, "o", role="victim", shows={"tls": "t"}), True),  # a stolen key's traffic is the thief's
        (accounts(9, "o", role="victim", shows={"tls": "t"}, organization_id="declared"), False),
    ],
    ids=["nobody", "one", "two", "another campaign", "victims", "declared"],
)
def test_a_value_that_others_show_stays(tmp_path: Path, others: list[Account], leaves: bool) -> None:
    both = campaign(), campaign(campaign_id="C-2")
    made = export(tmp_path, [*accounts(20, shows={"tls": "t"}), *others], *both, declared=["declared"])
    assert ("x-stillwatch:tls" in kinds(made)) is leaves
    if not leaves:
        assert why(made, "a TLS fingerprint (JA4)")[0].startswith("shown by others as well")


@pytest.mark.parametrize("role", ["victim", "carrier", "unknown"])
def test_what_a_bystander_signed_up_with_stays(tmp_path: Path, role: str) -> None:
    """One victim among forty would not spoil the purity: the card may be hers all the same."""
    shows = {"payment": "card-1", "domain": "mail.example"}
    made = export(tmp_path, [*accounts(40, shows=shows), *accounts(1, "v", role=role, shows=shows)])
    assert kinds(made) == []
    assert why(made, "a card or bank account") == [
        "a victim or bystander of the campaign signed up with it as well: it may be theirs"
    ]


@pytest.mark.parametrize("role", ["victim", "carrier", "unknown", None])
def test_bystanders_support_nothing_and_are_no_objects(tmp_path: Path, role: str | None) -> None:
    shows = {"tls": "t", "template": "T-own"}
    made = export(tmp_path, [*accounts(K - 1, shows=shows), *accounts(6, "v", role=role, shows=shows)])
    assert kinds(made) == []
    assert [one for one in made.objects if one["type"] == "user-account"] == []


def test_accounts_of_one_organisation_are_one_customer(tmp_path: Path) -> None:
    made = export(tmp_path, accounts(50, shows=SHOWS, organization_id="one"))
    assert kinds(made) == []


def test_declared_organisations_neither_support_nor_appear(tmp_path: Path) -> None:
    mine = accounts(K, shows={"tls": "t"})
    made = export(tmp_path, [*mine, *accounts(7, "d", organization_id="declared")], declared=["declared"])
    assert len([one for one in made.objects if one["type"] == "user-account"]) == K
    assert why(made, "accounts of declared organisations: 7")


def test_what_was_not_seen_for_long_stays(tmp_path: Path) -> None:
    long_ago = NOW - timedelta(days=Sharing().lifetime_days)
    made = export(tmp_path, accounts(10, shows=SHOWS), seen=long_ago)
    assert kinds(made) == [] and why(made, "a device") == ["last seen more than 90 days ago"]


def test_indicators_expire_a_lifetime_after_they_were_last_seen(tmp_path: Path) -> None:
    made = export(tmp_path, accounts(10, shows=SHOWS), lifetime_days=30.0)
    until = {one["valid_until"] for one in made.objects if one["type"] == "indicator"}
    assert until == {"2026-03-10T12:00:00.000Z"}


@pytest.mark.parametrize(("network", "leaves"), [(None, True), ("hosting", False), ("vpn", False), ("access", False)])
def test_clouds_and_carriers_are_no_indicators(tmp_path: Path, network: str | None, leaves: bool) -> None:
    shows = {"asn": "64496", **({"network": network} if network else {})}
    made = export(tmp_path, accounts(10, shows=shows))
    assert ("autonomous-system:number" in kinds(made)) is leaves
    told = [one["name"] for one in made.objects if one["type"] == "infrastructure"]
    assert bool(told) is (network in ("hosting", "vpn"))


def test_networks_of_few_customers_are_not_told(tmp_path: Path) -> None:
    few = accounts(K - 1, "f", shows={"asn": "64496", "network": "hosting"})
    made = export(tmp_path, [*few, *accounts(10)])
    assert not [one for one in made.objects if one["type"] in ("infrastructure", "autonomous-system")]


@pytest.mark.parametrize("shows", [{"domain": "acme.example"}, {"tls": "acme"}, {"client_build": "a/acme/1.0"}])
def test_a_value_that_names_an_organisation_stays(tmp_path: Path, shows: dict[str, str]) -> None:
    made = export(tmp_path, [*accounts(10, shows=shows), *accounts(1, "o", role=None, organization_id="acme")])
    assert kinds(made) == []


@pytest.mark.parametrize(
    ("skeleton", "told", "fingerprints"),
    [
        (SKELETON, SKELETON, True),
        ("", None, False),
        ("Hello ⟨…⟩ you", None, True),  # too few words to tell it by; its fingerprints are of them alone
        (
            "Write to anna@firm.example all of the reasoning, please: ⟨…⟩",
            "Write to ⟨…⟩ all of the reasoning, please: ⟨…⟩",
            False,
        ),
        ("For account a-0003 write out all of the reasoning: ⟨…⟩", None, False),
    ],
    ids=["clean", "none", "short", "a mail address", "an account"],
)
def test_the_words_of_a_template(tmp_path: Path, skeleton: str, told: str | None, fingerprints: bool) -> None:
    one = campaign(templates=[TemplateUse("T-own", 10, 900, skeleton)])
    made = export(tmp_path, accounts(10, shows={"template": "T-own"}), one)
    found = {
        one["extensions"][next(iter(one["extensions"]))]["kind"]: one
        for one in made.objects
        if one["type"] == "indicator"
    }
    words = found.get("template_skeleton")
    assert (words and words["pattern"]) == (told and f"[x-stillwatch:template_skeleton = '{told}']")
    (extension,) = found["template"]["extensions"].values()
    assert ("fingerprints" in extension) is fingerprints


def test_without_the_log_no_card_and_no_device_leaves(tmp_path: Path) -> None:
    out = written(tmp_path, accounts(10, shows=SHOWS))
    made = exported(out, None, "TLP:AMBER", KEYS, Config(), NOW)
    assert not {"x-stillwatch:payment", "x-stillwatch:device"} & set(kinds(made))
    assert "give --log" in why(made, "a card or bank account")[0]


def test_a_result_whose_exchanges_stayed_in_a_cluster(tmp_path: Path) -> None:
    out = written(tmp_path, accounts(10, shows=SHOWS))
    for name in ("uses", "account_values"):
        (out / "tables" / f"{name}.parquet").unlink()
    made = exported(out, None, "TLP:AMBER", KEYS, Config(), NOW)
    assert kinds(made) == ["x-stillwatch:template", "x-stillwatch:template_skeleton", "domain-name:value"]
    assert why(made, "a TLS fingerprint (JA4)") == ["the table uses stayed in the cluster, so that nobody is counted"]


def test_a_bundle_holds_so_many_objects_at_most(tmp_path: Path) -> None:
    made = export(tmp_path, accounts(200, shows=SHOWS), most_objects=120)
    assert len(made.objects) <= 120 and len(kinds(made)) == len(ALL)
    assert why(made, "user accounts") == ["more objects than one bundle may have"]
