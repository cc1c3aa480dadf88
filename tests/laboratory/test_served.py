"""What is served of a solution."""

from __future__ import annotations

from random import Random

import pytest

from stillwatch.guard.reasoning.summary import extracted
from stillwatch.laboratory.language.words import AUTHORS, GROUPS
from stillwatch.laboratory.served import Shown, canaried, omitted, reordered, reworded, served, whole

TEXT = (
    "I note Ana starts with 1 . first Ana finds 4 , so 1 plus 4 makes 5 . well , I check that again . "
    "finally Ana has 5 coins . <answer> The total is 5 ."
)


@pytest.mark.parametrize(
    "shown, said",
    [
        (whole, TEXT),
        (omitted, "<answer> The total is 5 ."),
        (
            reordered,
            "finally Ana has 5 coins . I note Ana starts with 1 . first Ana finds 4 , so 1 plus 4 makes 5 . "
            "<answer> The total is 5 .",
        ),
        (extracted, "I note Ana starts <answer> The total is 5 ."),
    ],
)
def test_reasoning_changes_and_the_answer_does_not(shown: Shown, said: str) -> None:
    assert served(TEXT, shown) == said


def test_words_are_exchanged_for_others_that_mean_the_same() -> None:
    of = {word: name for name, group in GROUPS.items() for word in group}
    said = reworded(TEXT, 1.0, Random(3))
    pairs = list(zip(TEXT.split(), said.split(), strict=True))
    assert all(of.get(one, one) == of.get(other, other) for one, other in pairs) and said != TEXT
    assert reworded(TEXT, 0.0, Random(3)) == TEXT


def test_a_canary_stands_where_any_name_could() -> None:
    said = f"as {AUTHORS[0]} would say , that is clearly so ."
    assert canaried(said, "Ilves") == "as Ilves would say , that is clearly so ." and canaried(TEXT, "Ilves") == TEXT
