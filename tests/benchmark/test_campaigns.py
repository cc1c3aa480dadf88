"""Campaigns found: purity, completeness, whole; what is said of them."""

from __future__ import annotations

from typing import Any

import pytest

from stillwatch.benchmark.measures.campaigns import campaign_counts, campaign_measures, matches, members
from stillwatch.benchmark.measures.conduct import conduct_counts, conduct_measures, reports_pivot, top_capability

from .rows import many

PIVOT = {
    "release_response": [{"p_value": 0.0001, "shift_share": 0.6, "population_shift_share": 0.2}],
    "evidence": [{"code": "release_response"}],
}


@pytest.mark.parametrize(
    "found, purity, completeness, whole",
    [
        ({"a_in_X": 20, "b_in_Y": 10}, 1.0, 1.0, (2, 2)),
        ({"a_in_X": 10, "a_in_Z": 10, "b_in_Y": 10}, 1.0, 20 / 30, (1, 2)),  # a in two parts
        ({"a_in_X": 20, "b_in_X": 10}, 20 / 30, 1.0, (0, 2)),  # both thrown together: whole, but not pure
        ({"a_in_X": 20, "honest_in_X": 1}, 20 / 21, 1.0, (1, 1)),  # one bystander is within 95%
        ({"a_in_X": 20, "honest_in_X": 2}, 20 / 22, 1.0, (0, 1)),
        ({"a_in_X": 9, "a": 11}, 1.0, 1.0, (0, 1)),  # less than half of it found
        ({"a_in_X": 10, "a": 10}, 1.0, 1.0, (1, 1)),
        ({"a": 5}, None, None, (0, 1)),
        ({"honest_in_X": 5, "honest_in_Y": 3, "a": 1}, 1.0, None, (0, 1)),  # ordinary is a label as well
    ],
)
def test_by_hand(
    found: dict[str, int], purity: float | None, completeness: float | None, whole: tuple[int, int]
) -> None:
    told = campaign_measures(campaign_counts(many(**found)))
    assert told is not None
    values = [one and one["value"] for one in (told["purity"], told["completeness"])]
    assert values == [purity if purity is None else pytest.approx(purity), completeness and pytest.approx(completeness)]
    assert (told["whole"]["hits"], told["whole"]["of"]) == whole


def test_without_a_planted_campaign_there_is_nothing_to_be_whole() -> None:
    told = campaign_measures(campaign_counts(many(honest_in_X=3, honest=5)))
    assert told == {"purity": None, "completeness": None, "whole": None}


def test_a_detector_that_puts_nobody_together() -> None:
    alone = many(a_in_X=3).set_column(7, "found", [[None] * 3])
    assert campaign_counts(alone) is None


def test_an_accused_account_in_no_campaign_is_one_by_itself() -> None:
    mixed = many(a_in_X=3).set_column(7, "found", [["X", "X", None]])
    told = campaign_measures(campaign_counts(mixed))
    assert told is not None and told["purity"]["value"] == 1 and told["completeness"]["value"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "document, reported",
    [
        (PIVOT, True),
        ({**PIVOT, "evidence": [{"code": "synchrony"}]}, False),  # told of, but not held against it
        ({**PIVOT, "release_response": [{**PIVOT["release_response"][0], "p_value": 0.01}]}, False),
        ({**PIVOT, "release_response": [{**PIVOT["release_response"][0], "shift_share": 0.1}]}, False),
        ({}, False),
    ],
)
def test_what_reports_a_pivot(document: dict[str, Any], reported: bool) -> None:
    assert reports_pivot(document) is reported


def test_top_capability_is_the_largest_however_they_are_sorted() -> None:
    assert (
        top_capability({"capabilities": [{"name": "chat", "share": 0.1}, {"name": "coding", "share": 0.6}]}) == "coding"
    )
    assert top_capability({"capabilities": []}) is None


def test_what_is_said_of_campaigns() -> None:
    """a: capability right, pivot seen. b: both wrong. c: not found, not asked. d: neither a pivot nor none."""
    found = members(many(a_in_A=5, b_in_B=4, honest_in_H=3, c=2, d_in_D=2))
    truth = {
        "a": {"top_capability": "coding", "pivots": True},
        "b": {"top_capability": "judging", "pivots": False},
        "c": {"top_capability": "chat", "pivots": True},
        "d": {"top_capability": None, "pivots": None},
    }
    documents = {
        "A": {**PIVOT, "capabilities": [{"name": "coding", "share": 0.9}]},
        "B": {**PIVOT, "capabilities": [{"name": "chat", "share": 0.9}]},
        "H": PIVOT,
        "D": PIVOT,
    }
    told = conduct_measures(conduct_counts(truth, matches(found), found, documents))
    assert told is not None
    assert (told["capability"]["hits"], told["capability"]["of"]) == (1, 2)
    assert (told["pivot"]["hits"], told["pivot"]["of"]) == (1, 2)
    assert (told["pivots_planted"], told["pivots_seen"], told["pivots_invented"]) == (2, 1, 2)


def test_unknown_truth_and_no_document_say_nothing() -> None:
    found = members(many(a_in_A=5))
    assert conduct_counts(None, matches(found), found, {}) is None
    assert conduct_counts({}, matches(found), found, None) is None
