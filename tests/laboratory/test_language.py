"""Problems have one right answer, and texts say it."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from stillwatch.laboratory.language.problems import Change, Problem, problem, solved, steps
from stillwatch.laboratory.language.prose import answered, told, worked
from stillwatch.laboratory.language.words import GROUPS, tokens, words


@pytest.mark.parametrize(
    "start, changes, signs, answer",
    [
        (4, [Change("gains", 5)], ["plus"], 3),
        (2, [Change("loses", 5), Change("doubles")], ["minus", "twice"], 0),
        (1, [Change("doubles"), Change("gains", 2), Change("loses", 1)], ["twice", "plus", "minus"], 3),
    ],
)
def test_a_problem_is_solved(start: int, changes: list[Change], signs: list[str], answer: int) -> None:
    one = Problem("any", "Ana", "coins", start, tuple(changes))
    assert ([step.sign for step in steps(one)], solved(one)) == (signs, answer)


def test_every_text_says_the_right_answer_in_words_that_there_are() -> None:
    random = Random(1)
    for _ in range(300):
        one = problem(random)
        for text in (told(one, random), str(worked(one, random))):
            assert words(tokens(text)) == text
        assert answered(str(worked(one, random))) == solved(one)


@pytest.mark.parametrize(
    "text, number",
    [
        ("x makes 4 . <answer> The total is 5 .", 5),
        ("x makes 4 .", None),
        ("x makes 4 . <answer> The total is", None),
        ("<answer> The total is 3 . 2", 2),
    ],
)
def test_only_what_stands_behind_the_reasoning_is_the_answer(text: str, number: int | None) -> None:
    assert answered(text) == number


def test_no_word_is_of_two_groups() -> None:
    counted = Counter(word for group in GROUPS.values() for word in group)
    assert [word for word, count in counted.items() if count > 1] == []


def test_which_word_of_a_group_stands_there_is_free() -> None:
    random = Random(2)
    one = problem(random)
    assert len({str(worked(one, random)) for _ in range(50)}) == 50
