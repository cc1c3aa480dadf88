"""Accounts found, missed and falsely accused."""

from __future__ import annotations

import pyarrow as pa
import pytest

from stillwatch.benchmark.measures.accounts import account_counts, account_measures
from stillwatch.benchmark.measures.verdicts import verdicts

from .rows import table

LABELS = table(
    {
        "account_id": ["h1", "h2", "c1", "v1", "p1", "p2", "p3", "e1"],
        "group": ["ring", "ring", "ring", "net", "people", "people", "people", "evaluators"],
        "campaign": ["ring", "ring", "ring", "net", None, None, None, None],
        "role": ["harvester", "harvester", "carrier", "victim", None, None, None, None],
    }
)
RESULT = table(
    {
        "account_id": ["h1", "h2", "c1", "p1", "e1", "stranger"],
        "score": [0.9, 0.8, 0.2, 0.85, 0.1, 1.0],
        "verdict": ["campaign", "campaign", "watch", "campaign", "clear", "campaign"],
        "campaign_id": ["X", "X", None, "X", None, "Y"],
    }
)


def test_an_account_without_a_row_has_score_0_and_a_row_without_an_account_is_left_out() -> None:
    assert verdicts(LABELS, RESULT, None).to_pydict() == {
        **LABELS.to_pydict(),
        "score": [0.9, 0.8, 0.2, 0.0, 0.85, 0.0, 0.0, 0.1],
        "listed": [True, True, True, False, True, False, False, True],
        "accused": [True, True, False, False, True, False, False, False],
        "found": ["X", "X", None, None, "X", None, None, None],
    }


@pytest.mark.parametrize(
    "threshold, accused",
    [(0.85, ["h1", "p1"]), (0.9, ["h1"]), (0.2, ["h1", "h2", "c1", "p1"]), (0.0, ["h1", "h2", "c1", "p1", "e1"])],
)
def test_a_threshold_stands_for_the_verdict_and_never_accuses_who_is_not_listed(
    threshold: float, accused: list[str]
) -> None:
    made = verdicts(LABELS, RESULT, threshold)
    assert made.filter(made["accused"])["account_id"].to_pylist() == accused


def test_counts() -> None:
    assert account_counts(verdicts(LABELS, RESULT, None)) == {
        "planted": 4,
        "ordinary": 4,
        "accused": 3,
        "right": 2,
        "by_campaign": {"net": {"accounts": 1, "accused": 0}, "ring": {"accounts": 3, "accused": 2}},
        "by_role": {
            "carrier": {"accounts": 1, "accused": 0},
            "harvester": {"accounts": 2, "accused": 2},
            "victim": {"accounts": 1, "accused": 0},
        },
        "by_group": {"evaluators": {"accounts": 1, "accused": 0}, "people": {"accounts": 3, "accused": 1}},
    }


def test_measures() -> None:
    told = account_measures(account_counts(verdicts(LABELS, RESULT, None)))
    assert told["recall"]["value"] == 2 / 4
    assert told["precision"]["value"] == 2 / 3
    assert told["f1"]["value"] == pytest.approx(4 / 7)
    assert told["false_accusations"]["value"] == 25_000
    assert told["recall_by_campaign"]["ring"]["value"] == 2 / 3
    assert told["recall_by_role"]["victim"]["value"] == 0
    assert told["false_accusations_by_group"]["people"]["value"] == pytest.approx(33_333.3, abs=0.1)


def test_without_a_campaign_only_false_accusations_are_told() -> None:
    calm = LABELS.slice(4)
    told = account_measures(account_counts(verdicts(calm, RESULT, None)))
    assert (told["recall"], told["precision"], told["f1"]) == (None, None, None)
    assert told["false_accusations"]["hits"] == 1


def test_an_empty_result_accuses_nobody() -> None:
    empty = RESULT.slice(0, 0)
    for result in (empty, pa.Table.from_batches([], schema=empty.schema)):
        counts = account_counts(verdicts(LABELS, result, None))
        assert (counts["accused"], counts["right"], counts["planted"]) == (0, 0, 4)
