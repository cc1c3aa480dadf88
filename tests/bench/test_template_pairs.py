"""The bench of template pairs: counts pairs as it says, makes what it says, and stillwatch reaches its goal on it."""

from __future__ import annotations

import numpy as np
import pytest

from bench.template_pairs.corpus import VARIABLE, Corpus, corpus
from bench.template_pairs.labellers import stillwatch
from bench.template_pairs.scores import scores


@pytest.mark.parametrize(
    ("labels", "precision", "recall", "of_ten", "of_half"),
    [
        (["x", "x", "x", "y", "y", None], 1.0, 1.0, 1.0, 1.0),
        ([None] * 6, 1.0, 0.0, 0.0, 0.0),
        (["x", "x", None, None, None, None], 1.0, 0.25, 1 / 3, 0.0),
        (["x", "x", "x", "x", "x", "x"], 4 / 15, 1.0, 1.0, 1.0),
        ([1, 1, 1, None, 2, 2], 3 / 4, 3 / 4, 1.0, 0.0),
    ],
)
def test_pairs_are_counted(
    labels: list[object], precision: float, recall: float, of_ten: float, of_half: float
) -> None:
    """Three prompts of one template, two of another, and one of none."""
    variable = np.array([VARIABLE[0]] * 3 + [VARIABLE[-1]] * 2 + [0.0])
    made = Corpus([""] * 6, ["a"] * 6, np.array([0, 0, 0, 1, 1, -1]), variable)
    found = scores(made, labels)
    assert (found["precision"], found["recall"]) == pytest.approx((precision, recall))
    assert (found["10%"], found["50%"]) == pytest.approx((of_ten, of_half))


@pytest.mark.parametrize("script", ["latin", "han"])
def test_prompts_are_as_long_and_as_variable_as_asked(script: str) -> None:
    made = corpus(7, prompts=1_000, characters=300, script=script)
    assert np.mean([len(text) for text in made.texts]) == pytest.approx(300, rel=0.1)
    assert set(made.variable[made.template >= 0]) == set(VARIABLE) and (made.variable[made.template < 0] == 0).all()
    assert np.mean(made.template >= 0) == pytest.approx(0.4, abs=0.05)
    again = corpus(7, prompts=1_000, characters=300, script=script)
    assert (made.texts, made.account) == (again.texts, again.account)
    for number in range(8):
        assert len({who for who, of in zip(made.account, made.template, strict=True) if of == number}) >= 2


def test_given_prompts_take_the_place_of_made_ones() -> None:
    given = [f"prompt {number}" for number in range(30)]
    made = corpus(7, prompts=500, unrelated=given)
    assert sorted(text for text, of in zip(made.texts, made.template, strict=True) if of < 0) == sorted(given)


@pytest.mark.slow
@pytest.mark.parametrize(("script", "characters"), [("latin", 500), ("latin", 2_000), ("han", 150)])
def test_most_pairs_are_found_when_half_of_a_prompt_varies(script: str, characters: int) -> None:
    made = corpus(11, prompts=6_000, characters=characters, script=script)
    found = scores(made, stillwatch(made))
    assert found["precision"] >= 0.99 and found["50%"] >= 0.9 and found["recall"] >= 0.99, found
