"""Likelihoods are told in ICD 203's words with their ranges, confidence in a sentence of its own, and nothing is certain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.sharing.attribution.words import WORDS, bounded, grounds, judgement, told, word

CASES = [
    (0.0, "almost no chance"), (0.049, "almost no chance"), (0.05, "very unlikely"), (0.2, "unlikely"),
    (0.45, "roughly even chance"), (0.55, "likely"), (0.799, "likely"), (0.8, "very likely"), (0.95, "almost certain"),
    (1.0, "almost certain"),
]  # fmt: skip


@pytest.mark.parametrize(("likelihood", "term"), CASES)
def test_a_likelihood_has_one_word(likelihood: float, term: str) -> None:
    assert word(likelihood).term == term


def test_the_words_cover_all_without_a_gap() -> None:
    assert [one.high for one in WORDS[:-1]] == [one.low for one in WORDS[1:]]


@given(st.floats(0, 1))
def test_nothing_is_told_as_certain_and_no_likelihood_speaks_of_confidence(likelihood: float) -> None:
    sentence = judgement(bounded(likelihood), "gull is behind it")
    assert "confidence" not in sentence and "100%" not in sentence and "(0%" not in sentence
    assert "certain" not in sentence.replace("almost certain", "")
    assert sentence.startswith(("It is ", "There is ")) and sentence.endswith("gull is behind it.")


def test_sentences_read_as_such() -> None:
    assert judgement(0.6, "gull is behind it") == "It is likely (55–80%) that gull is behind it."
    assert judgement(0.02, "it is honest") == "There is almost no chance (1–5%) that it is honest."
    assert judgement(0.5, "x is") == "There is a roughly even chance (45–55%) that x is."
    assert grounds("low", "one source bears it") == "Confidence in this assessment is low: one source bears it."
    assert told(word(0.9)) == "very likely (80–95%)"
