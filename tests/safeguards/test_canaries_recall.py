"""Recall: p-values that are valid over all choices there were to draw, and small where a model uses what was chosen."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.safeguards.canaries import recall
from stillwatch.safeguards.canaries.choice import chosen
from stillwatch.safeguards.canaries.recall import Counted, Fit, attributed, counted, led, recalled
from stillwatch.safeguards.canaries.slots import Slot, Slots, load

SHIPPED = load()
KEYS = {f"C-{number}": f"{number:016x}" for number in range(1, 200)}
WORDS = ("Ada", "Bea", "Cai")


def small(*sizes: int) -> Slots:
    """Slots of few alternatives, so that all choices can be gone through."""
    return Slots(1, "", tuple(
        Slot(f"s{place}", "", tuple(f"N{place}{letter}" for letter in "abcdef"[:size]), (), frozenset())
        for place, size in enumerate(sizes)
    ))  # fmt: skip


def every_p(slots: Slots, found: Counted, control: Counted | None) -> list[float]:
    """The p-value of each choice there is."""
    told = []
    for choice in product(*(one.alternatives for one in slots)):
        with pytest.MonkeyPatch.context() as patch:
            by_slot = dict(zip((one.id for one in slots), choice, strict=True))
            patch.setattr(recall, "chosen", lambda key, of, by_slot=by_slot: by_slot)
            told.append(Fit(found, slots, control).of("00").p)
    return told


def counts_of(sizes: Sequence[int]) -> st.SearchStrategy[Counted]:
    """Any counts of few answers."""
    uses = st.tuples(*(st.lists(st.integers(0, 5), min_size=size, max_size=size) for size in sizes))
    return uses.map(
        lambda told: Counted(
            {f"s{place}": 5 for place in range(len(sizes))}, {f"s{p}": one for p, one in enumerate(told)}
        )
    )


SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=3)


@given(sizes=SIZES, data=st.data())
@settings(deadline=None, max_examples=60)
def test_over_all_choices_no_level_is_undercut_more_often_than_it_says(sizes: list[int], data: st.DataObject) -> None:
    found = data.draw(counts_of(sizes))
    told = every_p(small(*sizes), found, data.draw(st.none() | counts_of(sizes)))
    for level in told:
        assert Fraction(sum(one <= level for one in told), len(told)) <= level
    assert max(told) == 1.0, "some choice fits worst"


def test_p_is_counted_out_over_the_choices() -> None:
    """One of three slots stands out: a choice that has it is one of four, whatever it has elsewhere."""
    found = Counted({"s0": 100, "s1": 100, "s2": 0}, {"s0": [0, 40, 0, 0], "s1": [5, 5, 5], "s2": [0, 0]})
    told = every_p(small(4, 3, 2), found, None)
    assert sorted({round(one, 12) for one in told}) == [0.25, 1.0] and sum(one < 1 for one in told) == 6


def answers(share: float, usual: float = 0.1, each: int = 100, key: str = KEYS["C-1"], seed: int = 5) -> recall.Answers:
    """Of a model that has some names of its own, and uses those of a key in a share of its answers."""
    chance, choice = random.Random(seed), chosen(key, SHIPPED)

    def one(slot: Slot) -> str:
        if chance.random() < share:
            return choice[slot.id]
        own = slot.alternatives[min(int(chance.expovariate(0.5)), len(slot.alternatives) - 1)]
        return own if chance.random() < usual else "Someone else"

    return {slot.id: [f"It was {one(slot)} who came." for _ in range(each)] for slot in SHIPPED}


def test_a_model_that_uses_the_names_in_a_twentieth_of_its_answers_is_told_and_only_by_their_key() -> None:
    told = attributed(answers(0.05), KEYS, SHIPPED)
    assert told[0].name == "C-1" and told[0].log_p < math.log(1e-6)
    assert all(one.log_p > math.log(0.05) for one in told[1:])
    assert recalled(answers(0.05), KEYS["C-1"], SHIPPED) == told[0].recalled


def test_a_model_that_never_saw_them_is_not_told() -> None:
    told = attributed(answers(0.0), KEYS, SHIPPED)
    assert told[0].log_p > math.log(0.05)
    assert sum(one.recalled.p <= 0.1 for one in told) < 0.2 * len(KEYS)


def test_a_control_tells_what_a_model_likes_from_what_it_learned() -> None:
    """Where the model says everything often anyway, its likings hide a little more of one."""
    suspect, control = answers(0.02, usual=0.9, each=400), answers(0.0, usual=0.9, each=400, seed=6)
    alone, beside = (recalled(suspect, KEYS["C-1"], SHIPPED, other).log_p for other in (None, control))
    assert beside < math.log(1e-6) < alone
    assert recalled(control, KEYS["C-1"], SHIPPED).p > 0.05


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("Ada baked.", [1, 0, 0]),
        ("Ada and Ada, and Bea's cat", [1, 1, 0]),
        ("Adam, ADA, Ada1, xCai and bea_", [0, 0, 0]),
        ("(Cai)\n*Ada*", [1, 0, 1]),
        ("", [0, 0, 0]),
    ],
)
def test_an_alternative_counts_once_an_answer_as_whole_words_in_its_own_letters(answer: str, told: list[int]) -> None:
    slots = Slots(1, "", (Slot("s", "", WORDS, (), frozenset()),))
    assert counted({"s": [answer], "other": ["Ada"]}, slots) == Counted({"s": 1}, {"s": told})


def test_what_was_heard_is_told_slot_by_slot() -> None:
    found = recalled(answers(0.3), KEYS["C-1"], SHIPPED)
    assert [one.slot for one in found.slots] == [one.id for one in SHIPPED]
    first = found.slots[0]
    assert (first.chosen, first.answers) == (chosen(KEYS["C-1"], SHIPPED)["woman"], 100)
    assert (first.most_used, first.with_most_used, first.p) == (first.chosen, first.with_chosen, 1 / 32)
    assert found.p == pytest.approx(math.exp(found.log_p))


def test_no_answers_are_no_evidence() -> None:
    found = recalled({}, KEYS["C-1"], SHIPPED)
    assert (found.p, found.log_p, {one.most_used for one in found.slots}) == (1.0, 0.0, {""})
    assert attributed({}, {}, SHIPPED) == []


def test_a_prompt_that_names_an_alternative_leads() -> None:
    (slot,) = Slots(1, "", (Slot("s", "", WORDS, (), frozenset()),))
    assert led("Call her ada.", slot) and not led("Call her something.", slot)
