"""What is believed of a value: by whom it was told, how long ago, what speaks against it, and who decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sharing.incoming.told_here import (
    NOW,
    OURS,
    SOURCES,
    THIRD,
    A,
    B,
    Told,
    at,
    bundle,
    indicator,
    made,
    opinion,
    relation,
)
from stillwatch.sharing.incoming.rows import rows
from stillwatch.sharing.incoming.store import Decision


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    found = Told(tmp_path)
    yield found
    found.store.__exit__()


def near(value: float) -> object:
    return pytest.approx(value, abs=0.02)


def test_trust_times_what_is_stated(told: Told) -> None:
    told(
        "a", indicator("sure", "v"), indicator("half", "w", confidence=50), indicator("unstated", "x", confidence=None)
    )
    assert (told.belief("v"), told.belief("w"), told.belief("x")) == (near(0.77), near(0.38), near(0.38))


def test_it_decays_and_ends(told: Told) -> None:
    told("a", indicator("one", "v"))
    assert [told.belief("v", days) for days in (0, 14, 28.9, 29.1, 400)] == [near(0.77), near(0.4), near(0.2), 0.0, 0.0]


def test_what_is_said_anew_is_fresh(told: Told) -> None:
    told("a", indicator("one", "v"))
    told("a", indicator("one", "v", days=13.0), days=13.0)
    assert told.belief("v", 14) == near(0.77)


@pytest.mark.parametrize(
    ("kind", "until", "still"),
    [
        ("x-stillwatch:tls", at(2.0), [1.9]),
        ("x-stillwatch:tls", at(100.0), [1.9, 90.0]),
        ("x-stillwatch:tls", at(5000.0), [1.9, 90.0, 170.0]),  # no longer than a kind's values last
        ("ipv4-addr:value", at(5000.0), [1.9]),
    ],
)
def test_an_end_of_its_own(told: Told, kind: str, until: str, still: list[float]) -> None:
    told("a", indicator("one", "203.0.113.7", kind, valid_until=until))
    believed = [days for days in (1.9, 90.0, 170.0, 185.0) if told.belief("203.0.113.7", days)]
    assert believed == still


def test_nothing_is_known_before_it_was_told_nor_before_it_holds(told: Told) -> None:
    told("a", indicator("one", "v"), indicator("later", "w", valid_from=at(5.0)))
    assert (told.belief("v", -2), told.belief("w", 0)) == (0.0, 0.0)
    assert told.belief("w", 6) > 0.5


def test_another_witness_adds_and_the_same_again_does_not(told: Told) -> None:
    told("a", indicator("one", "v", created_by_ref=A))
    alone = told.belief()
    told("a", indicator("another of it", "v", created_by_ref=A))
    assert told.belief() == alone
    told("b", indicator("seen there too", "v", created_by_ref=B))
    assert told.belief() == near(1 - (1 - 0.77) * (1 - 0.48))


def test_two_who_pass_on_a_third_are_one_witness(told: Told) -> None:
    told("b", indicator("from elsewhere", "v", created_by_ref=THIRD))
    alone = told.belief()
    told("c", indicator("from elsewhere", "v", created_by_ref=THIRD))
    assert told.belief() == alone
    told("a", indicator("anew", "v", created_by_ref=THIRD))
    assert told.belief() == near(0.77)  # the surest who passes it on, not all together


def test_what_was_derived_from_anothers_is_anothers(told: Told) -> None:
    first, later = indicator("first", "v", created_by_ref=A), indicator("later", "v", created_by_ref=B)
    told("a", first)
    alone = told.belief()
    told("b", later, relation(later, "derived-from", first), relation(first, "duplicate-of", later))
    assert told.belief() == alone


def test_one_source_cannot_be_many_witnesses(told: Told) -> None:
    """Whoever passes on twenty others may have made them up."""
    told(
        "b",
        *(indicator(f"n{n}", "v", created_by_ref=f"identity--{n:08d}-0000-4000-8000-000000000000") for n in range(20)),
    )
    assert told.belief() == near(0.48)


def test_our_own_word_come_back_is_none(tmp_path: Path) -> None:
    (tmp_path / "sent").mkdir()
    ours = indicator("ours", "v", created_by_ref=OURS, created=at(-5.0), modified=at(-5.0))
    (tmp_path / "sent/bundle.json").write_bytes(bundle(ours))
    told = Told(tmp_path, replace(SOURCES, shared=tmp_path / "sent"))
    assert told("a", ours).refused == {"created_by_ref: is our own, come back": 1}
    told("a", indicator("under their name", "v", created_by_ref=A))
    assert told.believed()["v"].echoes == 1 and told.belief() == 0.0
    told("b", indicator("said before we did", "v", days=-9.0))
    assert told.belief() > 0.3


def test_newer_versions_replace_and_withdrawals_withdraw(told: Told) -> None:
    told("a", indicator("one", "v", confidence=40))
    told("a", indicator("one", "v", days=-0.5, confidence=90), days=-0.5)
    assert told.belief() == near(0.71)
    assert told("a", indicator("one", "v", days=-0.2, revoked=True), days=-0.2).withdrawn == 1
    assert told.believed() == {}


def test_nobody_withdraws_what_another_said(told: Told) -> None:
    told("a", indicator("one", "v"))
    told("c", indicator("one", "v", days=-0.5, revoked=True), days=-0.5)
    assert told.belief() == near(0.77 * (1 - 0.4)) and told.believed()["v"].conflict


def test_who_disagrees_lowers_and_a_person_decides(told: Told) -> None:
    one = indicator("one", "v")
    told("a", one)
    told("b", opinion("no", one), opinion("neither", one, "neutral"), opinion("yes", one, "strongly-agree"))
    (value,) = told.believed().values()
    assert value.conflict and value.doubts == (("strongly disagree, says Partner b", 0.5),)
    assert told.belief() == near(0.38)
    for said, belief in (("benign", 0.0), ("malicious", near(0.77)), ("open", near(0.38))):
        told.store.decide(Decision("tls", "v", said, "looked into", "somebody", NOW))
        assert told.belief() == belief
        assert told.believed()["v"].conflict == (said == "open")


def test_one_says_benign(told: Told) -> None:
    told("a", indicator("one", "v"))
    told("b", indicator("theirs", "v", indicator_types=["benign"]))
    assert told.believed()["v"].conflict and told.belief() == near(0.77 * (1 - 0.48))
    told("c", indicator("alone", "w", indicator_types=["benign"]))
    assert told.belief("w") == 0.0 and not told.believed()["w"].conflict


def test_what_stands_behind_an_indicator(told: Told) -> None:
    campaign, owl = made("campaign", "night", name="Night shift"), made("intrusion-set", "owl", name="Owl")
    one, other, listed = (indicator(name, name) for name in ("one", "other", "listed"))
    told(
        "a", campaign, owl, one, other, listed, relation(one, "indicates", campaign), relation(one, "indicates", owl),
        relation(campaign, "attributed-to", owl), relation(other, "indicates", owl),
        made("report", "r", name="Weekly", published=at(-1), object_refs=[listed["id"]]),
    )  # fmt: skip
    told("b", relation(other, "indicates", made("campaign", "mine", name="Not theirs to say")))
    found = {value: one.witnesses[0].claim for value, one in told.believed().items()}
    assert (found["one"].finding, found["one"].actor) == (f"a: {campaign['id']}", "Owl")
    assert (found["other"].finding, found["other"].actor) == (f"a: {owl['id']}", "Owl")
    assert found["listed"].finding.startswith("a: report--") and found["listed"].actor == ""


def test_circles_end(told: Told) -> None:
    one, other = (made("intrusion-set", name, name=name) for name in ("one", "other"))
    shown = indicator("shown", "v")
    told(
        "a", shown, one, other, relation(shown, "indicates", one), relation(one, "attributed-to", other),
        relation(other, "attributed-to", one), relation(one, "derived-from", other), relation(other, "derived-from", one),
    )  # fmt: skip
    assert told.believed()["v"].witnesses[0].claim.actor == "one"


def test_rows_are_what_is_believed_by_whom(told: Told) -> None:
    clear = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
    told("a", indicator("one", "v", created_by_ref=A, object_marking_refs=[clear]))
    told("c", indicator("one", "v", created_by_ref=A))
    told("b", indicator("theirs", "v", created_by_ref=B))
    told("b", indicator("old", "w", days=-25.0, confidence=3, valid_until=at(1.0)))
    made_rows = list(rows(told.believed().values(), {clear: "TLP:CLEAR"}))
    assert [(row["value"], row["source"], row["origin"], row["confidence"], row["tlp"]) for row in made_rows] == [
        ("v", "Partner a and Partner c", "a", 76, "TLP:CLEAR"),
        ("v", "Partner b", "b", 48, None),
    ]
    assert all(
        row["valid_from"].timestamp() == NOW - 86_400 and row["first_seen"] < row["valid_from"] for row in made_rows
    )
    assert json.dumps(made_rows, default=str)
