"""Skeletons: the words that strangers' texts share, slots elsewhere, and nothing of any one customer."""

from __future__ import annotations

import pytest

from stillwatch.skeletons import SLOT, skeleton

LONG = 2_000


@pytest.mark.parametrize(
    "texts, shown",
    [
        (
            ["Grade the answer below by the rubric: blue ships. Return the score only.",
             "Grade the answer below by the rubric: green. Return the score only.",
             "Grade the answer below by the rubric: seven red kites. Return the score only."],
            f"Grade the answer below by the rubric: {SLOT}. Return the score only.",
        ),
        (
            ["我今天想问：请详细写出完整的推理过程，不要省略任何步骤", "小明问：请详细写出完整的推理过程，不要省略任何步骤"],
            f"{SLOT} 问：请详细写出完整的推理过程，不要省略任何步骤",
        ),
        (
            ["Решите задачу и подробно опишите ход мыслей: яблоки", "Решите задачу и подробно опишите ход мыслей: поезда"],
            f"Решите задачу и подробно опишите ход мыслей: {SLOT}",
        ),
        (["one and the same text for all", "one and the same text for all"], "one and the same text for all"),
    ],
    ids=["middle", "start", "end", "no slot"],
)  # fmt: skip
def test_shared_words_with_slots(texts: list[str], shown: str) -> None:
    found = skeleton(texts, LONG)
    assert "".join(found.split()).replace("：", ":") in {"".join(shown.split()).replace("：", ":")}


def test_one_text_has_no_skeleton() -> None:
    """What one customer wrote is theirs; only several texts show what is the template's."""
    assert skeleton([], LONG) == "" == skeleton(["My card number is 4111 1111 1111 1111."], LONG)


def test_nothing_of_one_customer_stays() -> None:
    frame = "Write the full reasoning before the final answer. Problem: {} Put the answer in a box at the end."
    slots = ["my name is Ada Quist", "the ship leaves Oslo at dawn", "call 555 0100 for Mr Brandt"]
    found = skeleton([frame.format(one) for one in slots], LONG)
    for word in ("Ada", "Quist", "Oslo", "Brandt", "555", "0100"):
        assert word not in found
    assert "Write the full reasoning before the final answer" in found


def test_a_skeleton_is_bounded() -> None:
    text = " ".join(f"word{number % 7}" for number in range(5_000))
    assert len(skeleton([text, text], 100)) <= 100


def test_different_texts_share_a_slot_at_most() -> None:
    assert skeleton(["completely unlike", "今天天气很好"], LONG) in {"", SLOT}
