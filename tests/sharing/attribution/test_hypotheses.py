"""What speaks for whom: rarity, sources, shared infrastructure, what can be planted, and what tells nothing apart."""

from __future__ import annotations

import math

import pytest

from stillwatch.sharing.attribution.assessment import Assessment, assess, document
from stillwatch.sharing.attribution.hypotheses import Piece, priors, weighed
from stillwatch.sharing.attribution.seen import Seen, Shown
from stillwatch.sharing.attribution.stated import PLANTABLE, Stated
from stillwatch.sharing.attribution.words import LIKELY, VERY_LIKELY
from tests.sharing.attribution.made import actor, library, listed, network, said, seen

STATED = Stated()
CARDS = tuple(listed("payment", f"card-{one}", source) for one, source in enumerate(("casework", "list", "partner")))
DEVICES = tuple(listed("device", f"device-{one}", source) for one, source in enumerate(("casework", "partner")))
SHOWN = tuple(Shown(one.type, one.value, 6, 0) for one in (*CARDS, *DEVICES))


def told(of: Seen, *actors: object, **more: object) -> Assessment:
    return assess(of, library(*actors, **more), 1)  # type: ignore[arg-type]


def likelihood(of: Seen, name: str, *actors: object, **more: object) -> float:
    return told(of, *actors, **more).likelihood(name)


def test_several_rare_values_of_one_actor_make_it_likely() -> None:
    found = told(seen(*SHOWN), actor("gull", *CARDS, *DEVICES), actor("heron"))
    assert found.weighed.first == "gull" and found.likelihood("gull") > LIKELY


def test_a_value_that_outsiders_show_as_well_says_less_and_a_usual_one_nothing() -> None:
    one = listed("payment", "card-0")
    by_outside = [
        likelihood(seen(Shown("payment", "card-0", 6, many)), "gull", actor("gull", one)) for many in (0, 100, 9_000)
    ]
    assert by_outside[0] > by_outside[1] >= by_outside[2]
    assert not told(seen(Shown("payment", "card-0", 6, 9_000)), actor("gull", one)).weighed.pieces


def test_a_value_that_two_actors_are_listed_with_tells_neither_from_the_other() -> None:
    both = (actor("gull", *CARDS), actor("heron", *CARDS))
    found = told(seen(*SHOWN[:3]), *both)
    assert found.likelihood("gull") == pytest.approx(found.likelihood("heron"))


def test_an_address_of_a_network_speaks_for_its_tenants_alike_and_for_the_network_more() -> None:
    values = tuple(f"192.0.2.{one}" for one in range(4))
    shown = tuple(Shown("ipv4-addr", one, 5, 1) for one in values)
    actors = (actor("gull"), actor("heron"), actor("tern"))
    shared = told(seen(*shown), *actors, networks=(network(*values, tenants=("gull", "heron")),))
    assert shared.likelihood("gull") == pytest.approx(shared.likelihood("heron"))
    assert shared.likelihood("gull") < LIKELY
    assert shared.weighed.bits["network"] > shared.weighed.bits["gull"] >= 0.0
    own = told(seen(*shown), actor("gull", *(listed("ipv4-addr", one) for one in values)), *actors[1:])
    assert own.likelihood("gull") > shared.likelihood("gull")


def test_evidence_that_all_explain_as_well_counts_nothing() -> None:
    prior = priors(["gull"], 0.95, STATED)
    piece = Piece("x", "identity", "a fact", dict.fromkeys(prior, 4.0))
    found = weighed(prior, [piece], STATED)
    assert not found.pieces and found.likelihood == pytest.approx(prior)


def test_one_source_that_says_much_counts_less_than_several_that_say_it_apart() -> None:
    values = [f"card-{one}" for one in range(3)]
    shown = tuple(Shown("payment", one, 6, 0) for one in values)

    def by(*sources: str) -> float:
        cards = (listed("payment", value, source, "E4") for value, source in zip(values, sources, strict=True))
        return likelihood(seen(*shown), "gull", actor("gull", *cards))

    assert by("a", "b", "c") > by("a", "a", "b") > by("a", "a", "a")


def test_a_worse_source_counts_less() -> None:
    by_grade = [
        likelihood(seen(Shown("payment", "c", 6, 0)), "gull", actor("gull", listed("payment", "c", grade=grade)))
        for grade in ("A1", "B2", "C3", "E5")
    ]
    assert by_grade == sorted(by_grade, reverse=True) and by_grade[0] > by_grade[-1]


PLANTS = [
    *(listed("ipv4-addr", f"192.0.2.{one}", f"source-{one}") for one in range(30)),
    *(listed("user-agent", f"agent/{one}", f"source-{one}") for one in range(10)),
    *(listed("tls", f"t13d{one}", f"source-{one}") for one in range(10)),
    *(listed("template", f"T-{one}", f"source-{one}") for one in range(30)),
    *(listed("domain-name", f"d{one}.example", f"source-{one}") for one in range(10)),
    listed("payment", "one-stolen-card", "casework"),
]


def test_all_that_can_be_planted_together_names_nobody() -> None:
    """Rented addresses, copied clients and prompts, a stolen card, and three partners who were shown the same."""
    shown = tuple(Shown(one.type, one.value, 30, 0) for one in PLANTS)
    fooled = tuple(said("gull", f"partner-{one}", grade="A1") for one in range(3))
    actors = (actor("gull", *PLANTS), *(actor(f"other-{one}") for one in range(7)))
    found = told(seen(*shown), *actors, corroborations=fooled)
    counted = sum(one.counted["gull"] for one in found.weighed.pieces if one.counted)
    assert counted <= STATED.planted + 1e-9 and found.likelihood("gull") < LIKELY


def test_cards_and_all_that_can_be_planted_do_not_make_it_very_likely() -> None:
    """Whoever pays for a flag can hold cards as well; that it also harvests what the actor wants is another matter."""
    values = [*CARDS, *DEVICES, *PLANTS]
    shown = tuple(Shown(one.type, one.value, 30, 0) for one in values)
    actors = (
        actor("gull", *values, sought=("agentic",)),
        *(actor(f"other-{one}", sought=("chat",)) for one in range(7)),
    )
    flagged = told(seen(*shown), *actors)
    assert flagged.likelihood("gull") < VERY_LIKELY
    assert likelihood(seen(*shown, capabilities={"agentic": 1.0}), "gull", *actors) > flagged.likelihood("gull")


def test_what_is_alike_or_coincides_makes_nobody_very_likely() -> None:
    """All that can be planted, the same wants, and a calendar that fits: still no value that was hard to get."""
    pieces = [Piece("timing", "timing", "x", {"gull": 9.0}), Piece("sought", "sought", "x", {"gull": 9.0})]
    pieces += [Piece(f"{one}", family, "x", {"gull": 9.0}) for one, family in enumerate(PLANTABLE)]
    prior = priors(["gull", *(f"other-{one}" for one in range(7))], 1.0, STATED)
    assert weighed(prior, pieces, STATED).likelihood["gull"] < VERY_LIKELY
    cards = [Piece(f"card-{one}", "identity", "x", {"gull": 3.0}) for one in range(3)]
    assert weighed(prior, [*pieces, *cards], STATED).likelihood["gull"] >= VERY_LIKELY


def test_what_a_client_says_of_itself_is_worth_half_a_bit_however_often_it_is_said() -> None:
    of_client = [one for one in PLANTS if one.type in ("tls", "user-agent")]
    found = told(seen(*(Shown(one.type, one.value, 40, 0) for one in of_client)), actor("gull", *of_client))
    assert 0 < found.weighed.bits["gull"] <= STATED.at_most["client"] + 1e-9


def test_an_indicator_taken_from_this_very_campaign_or_out_of_date_says_nothing() -> None:
    shown = seen(Shown("payment", "c", 6, 0))
    from_here = actor("gull", listed("payment", "c", campaign="C-1"))
    assert not told(shown, from_here).weighed.pieces
    old = actor("gull", listed("payment", "c", valid_until=shown.day.replace(year=2025)))
    assert not told(shown, old).weighed.pieces


def test_partners_who_have_it_from_one_hand_are_one_voice() -> None:
    def of(*corroborations: object) -> float:
        return likelihood(seen(), "gull", actor("gull"), corroborations=corroborations)

    assert of(said("gull", "p1"), said("gull", "p2", origin="p1")) == pytest.approx(of(said("gull", "p1")))
    assert of(said("gull", "p1"), said("gull", "p2")) > of(said("gull", "p1"))
    assert of(said("gull", "p1", grade="E5")) == pytest.approx(of())


def test_capabilities_move_a_judgement_by_their_bound_at_most() -> None:
    coder, talker = actor("gull", sought=("coding",)), actor("heron", sought=("chat",))
    found = told(seen(capabilities={"coding": 1.0}), coder, talker)
    assert 0 < found.weighed.bits["gull"] <= STATED.at_most["sought"] and found.weighed.bits["heron"] < 0


def test_templates_known_from_an_actors_earlier_campaign_speak_for_it() -> None:
    marks = frozenset(range(20))
    same = seen(marks=marks, earlier={"gull": frozenset(range(5, 40)), "heron": frozenset(range(100, 140))})
    found = told(same, actor("gull"), actor("heron"))
    assert found.weighed.bits["gull"] > 1.5 and found.weighed.bits["heron"] < 0


def test_a_library_of_one_makes_that_one_no_likelier() -> None:
    assert likelihood(seen(), "gull", actor("gull")) < 0.06


def test_without_a_library_an_unknown_actor_comes_first() -> None:
    assert told(seen()).weighed.first == "unknown"


@pytest.mark.parametrize("confidence", [0.0, 0.5, 0.99, 1.0])
def test_likelihoods_add_up_to_one_and_the_honest_developer_is_never_left_out(confidence: float) -> None:
    found = told(seen(*SHOWN, confidence=confidence), actor("gull", *CARDS, *DEVICES), actor("heron"))
    assert math.fsum(found.weighed.likelihood.values()) == pytest.approx(1.0)
    assert found.weighed.prior["honest"] >= STATED.least_honest and found.weighed.likelihood["honest"] > 0


def test_confidence_is_of_the_grounds_and_not_of_the_likelihood() -> None:
    flagged = told(seen(*(Shown(one.type, one.value, 30, 0) for one in PLANTS)), actor("gull", *PLANTS))
    assert flagged.confidence == "low"
    grounded = told(
        seen(*SHOWN), actor("gull", *CARDS, *DEVICES), corroborations=(said("gull", "p1"), said("gull", "p2"))
    )
    assert grounded.confidence == "high" and LIKELY <= grounded.likelihood("gull") < VERY_LIKELY


def test_the_document_says_what_the_judgement_hangs_on() -> None:
    written = document(told(seen(*SHOWN), actor("gull", *CARDS, *DEVICES), actor("heron")))
    assert any(
        one.startswith("Without the payments, devices and mailboxes, that gull") for one in written["would_change"]
    )
    assert {one["hypothesis"] for one in written["hypotheses"]} == {"gull", "heron", "network", "unknown", "honest"}
    assert all("Gull" not in one["sentence"] for one in written["hypotheses"])  # ids, never names
    total = sum(one["bits"].get("gull", 0.0) for one in written["evidence"])
    first = written["hypotheses"][0]
    assert first["hypothesis"] == "gull" and first["bits"] == pytest.approx(total, abs=0.01)
