"""Whose values are matched, in which form, and what is never matched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.config import Text
from stillwatch.errors import BadConfiguration
from stillwatch.sharing.matching import buckets, kinds
from stillwatch.sharing.matching.kinds import BY_NAME, REFUSED, Unmatchable, chosen, spelled
from tests.sharing.matching.logs_here import ACCOUNTS, FIRST, shingles, values


def shown(found: dict[bytes, object]) -> set[str]:
    return {one.decode().replace("\0", ": ") for one in found}


def test_values_of_harvesters_and_spares_are_asked_for_and_nobody_elses(tmp_path: Path) -> None:
    found = values(tmp_path, ("email", "payment", "device", "phone"))
    assert shown(found.held) == {
        "email: anna@gmail.com", "email: b@spare.example", "payment: card_00000001", "device: device_0001",
        "phone: +491712345678", "phone: +491719999999",
    }  # fmt: skip
    card = found.held[b"payment\0card_00000001"]
    assert (card.accounts, card.campaign, card.score) == (["harvest", "second"], "C-1", 0.9)
    assert found.left_out == {
        "email is a pseudonym already: it is under a key of one provider's, and equals nothing elsewhere": 1,
        "phone is a pseudonym already: it is under a key of one provider's, and equals nothing elsewhere": 1,
        "phone names no country: +49… or 0049… can be compared, 0171… cannot": 1,
        "device has fewer than 8 characters: that is no fingerprint": 1,
    }
    assert "anna" not in repr(found)


def test_a_holder_may_hold_all_but_victims(tmp_path: Path) -> None:
    found = values(tmp_path, ("email", "payment", "phone"), "all")
    assert shown(found.held) == {
        "email: anna@gmail.com", "email: b@spare.example", "email: c@carrier.example", "email: e@honest.example",
        "payment: card_00000001", "payment: card_00000003", "payment: card_00000005",
        "phone: +491712345678", "phone: +491719999999",
    }  # fmt: skip
    number = found.held[b"phone\0+491712345678"]
    assert (number.accounts, number.campaign) == (["harvest", "other"], "C-1"), "it speaks for the campaign"
    assert {found.held[one].campaign for one in (b"payment\0card_00000003", b"payment\0card_00000005")} == {""}, (
        "a carrier's and a customer's values speak for nobody"
    )


def test_what_a_crowd_has_names_nobody(tmp_path: Path) -> None:
    crowd = [(f"a{one}", "harvester", "C-1", None, "card_of_a_company", None, None) for one in range(201)]
    found = values(tmp_path, ("payment",), accounts=[*crowd, ACCOUNTS[0]])
    assert shown(found.held) == {"payment: card_00000001"}
    assert found.left_out == {"payment is of more than 200 accounts here, and names nobody": 1}


def test_templates_of_campaigns_are_matched_by_buckets(tmp_path: Path) -> None:
    found = values(tmp_path, ("template",), "all")
    assert len(found.held) == buckets.BANDS and {one.partition(b"\0")[0] for one in found.held} == {b"template"}
    assert {tuple(one.accounts) for one in found.held.values()} == {("harvest", "second")}, "no victim's, no customer's"
    assert found.left_out == {"template has fewer than 6 fingerprints, and is a phrase": 1}
    assert set(found.held) == {b"template\0" + one for one in buckets.buckets(np.array(FIRST, np.int32), Text())}


@pytest.mark.parametrize("name", [*REFUSED, "ip", "client_ip", "domain-name", "ja4", "ipv4-addr", "end_user_id"])
def test_what_can_be_listed_is_refused_with_the_reason(name: str) -> None:
    with pytest.raises(BadConfiguration) as problem:
        chosen(["email", name])
    told = str(problem.value)
    assert f"{name} is never matched: " in told and "email, payment, device, phone, template" in told
    assert chosen([]) == ("email", "payment", "device", "template"), "numbers only where they are asked for"


def test_an_address_is_no_value_of_any_kind(tmp_path: Path) -> None:
    """Whatever a log has of addresses, no input of the function is made of one."""
    accounts = [
        (f"a{n}", "harvester", "C-1", "198.51.100.7", "198.51.100.7", "198.51.100.7", "198.51.100.7") for n in range(2)
    ]
    found = values(tmp_path, kinds.NAMES, "all", accounts=accounts, templates=False)
    assert not any(b"198.51" in one for one in found.held)


@pytest.mark.parametrize(
    ("kind", "ways", "one"),
    [
        ("email", ["a.b+news@gmail.com", "AB@GoogleMail.com", " ab@gmail.com "], "ab@gmail.com"),
        (
            "email",
            ["Ann@Bücher.example", "ann@xn--bcher-kva.example", "ann+1@bücher.example."],
            "ann@xn--bcher-kva.example",
        ),
        ("phone", ["+49 171 2345678", "0049171/2345678", "+49-(171)-234.56.78"], "+491712345678"),
        ("payment", [" fp_AbCdEf123 ", "fp_AbCdEf123"], "fp_AbCdEf123"),
    ],
)
def test_two_ways_to_write_a_value_are_one(kind: str, ways: list[str], one: str) -> None:
    assert [spelled(BY_NAME[kind], each) for each in ways] == [one] * len(ways)


@given(st.text(max_size=40), st.sampled_from(sorted(BY_NAME)))
def test_spelling_a_value_again_changes_nothing(text: str, kind: str) -> None:
    try:
        once = spelled(BY_NAME[kind], text)
    except Unmatchable as why:
        assert text not in str(why) or len(text) < 3
        return
    assert spelled(BY_NAME[kind], once) == once


def test_variants_meet_as_often_as_computed() -> None:
    """600 pairs of each likeness: the share that meets is within four standard errors of the S-curve."""
    for shared, own in ((18, 12), (30, 10), (36, 4), (10, 30)):
        jaccard, met = shared / (shared + 2 * own), 0
        for seed in range(600):
            drawn = shingles(seed, shared + 2 * own)
            one, other = drawn[: shared + own], np.concatenate([drawn[:shared], drawn[shared + own :]])
            met += bool(set(buckets.buckets(one, Text())) & set(buckets.buckets(other, Text())))
        expected = buckets.likelihood(jaccard)
        assert abs(met / 600 - expected) < 4 * np.sqrt(expected * (1 - expected) / 600) + 1e-3, (
            jaccard,
            met,
            expected,
        )


def test_buckets_hang_on_the_set_of_fingerprints_and_how_they_were_made() -> None:
    drawn = shingles(7, 40)
    same = buckets.buckets(np.concatenate([drawn[::-1], drawn[:5]]), Text())
    assert same == buckets.buckets(drawn, Text()) and len(same) == buckets.BANDS == len(set(same))
    assert not set(same) & set(buckets.buckets(drawn, Text(window=5))), "made otherwise, they cannot be compared"
    assert buckets.buckets(drawn[:5], Text()) == []
